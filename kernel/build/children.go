package build

// A process that a cell starts ends with an interrupt of the cell: package
// syscall tells of the processes that it has started.
var childHooks = hook{map[string]func(string) (string, bool){"syscall/exec_unix.go": hookStart},
	"processes that a cell has started go on when it is interrupted"}

const childHook = `

// modelbookStarted, when set, is told of processes that were started.
//
//go:linkname modelbookStarted
var modelbookStarted func(pid int)

func modelbookTell(pid int, err error) {
	if err == nil && modelbookStarted != nil {
		modelbookStarted(pid)
	}
}
`

// hookStart adds the hook to syscall/exec_unix.go, which imports unsafe.
func hookStart(source string) (hooked string, ok bool) {
	const fork, start = "\treturn forkExec(argv0, argv, attr)\n", "\tpid, err = forkExec(argv0, argv, attr)\n\treturn pid, 0, err\n"
	const tell = "\tmodelbookTell(pid, err)\n"
	hooked, ok = replaced(source, fork, "\tpid, err = forkExec(argv0, argv, attr)\n"+tell+"\treturn pid, err\n",
		start, "\tpid, err = forkExec(argv0, argv, attr)\n"+tell+"\treturn pid, 0, err\n")
	return hooked + childHook, ok
}
