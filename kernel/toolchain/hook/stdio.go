package hook

// Stdout, stderr and displays reach the kernel over separate pipes. To keep them
// in the order in which they were written, package os has a hook where stdout
// and stderr are written to.
var stdioHooks = Hook{map[string]edit{"os/file.go": hookWrite},
	"stdout, stderr and displays may arrive in another order"}

const stdioHook = `

// modelbookPrint, when set, is called before stdout (1) or stderr (2) is
// written to. When it returns true it has taken the text.
//
//go:linkname modelbookPrint
var modelbookPrint func(fd int, text []byte) bool
`

const writeCall = "\tif fd := f.pfd.Sysfd; (fd == 1 || fd == 2) && modelbookPrint != nil && modelbookPrint(fd, b) {\n\t\treturn len(b), nil\n\t}\n"

// hookWrite adds the hook to os/file.go, which imports unsafe.
func hookWrite(source string) (hooked string, ok bool) {
	const imports = "\n\t\"unsafe\"\n"
	const write = "\nfunc (f *File) Write(b []byte) (n int, err error) {\n\tif err := f.checkValid(\"write\"); err != nil {\n\t\treturn 0, err\n\t}\n"
	hooked, ok = replaced(source, imports, imports, write, write+writeCall)
	return hooked + stdioHook, ok
}
