package hook

// An interrupt of a cell also ends the processes that the cell started: package
// syscall reports each process that it starts.
var childHooks = Hook{map[string]edit{"syscall/exec_unix.go": hookStart},
	"processes that a cell has started continue when it is interrupted"}

const childHook = `

// modelbookStarted, when set, is called with each process that was started.
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
