package build

// Text of stdout, text of stderr and displays reach the kernel on ways of their
// own: package os gets a hook where the first two are written to.
var printHooks = hook{map[string]func(string) (string, bool){"os/file.go": hookPrint},
	"stdout, stderr and displays may arrive in another order"}

const printHook = `

// modelbookPrint, when set, is called before stdout (1) or stderr (2) is
// written to.
//
//go:linkname modelbookPrint
var modelbookPrint func(fd int)
`

const printCall = "\tif fd := f.pfd.Sysfd; (fd == 1 || fd == 2) && modelbookPrint != nil {\n\t\tmodelbookPrint(fd)\n\t}\n"

// hookPrint adds the hook to os/file.go, which imports unsafe.
func hookPrint(source string) (hooked string, ok bool) {
	const imports = "\n\t\"unsafe\"\n"
	const write = "\nfunc (f *File) Write(b []byte) (n int, err error) {\n\tif err := f.checkValid(\"write\"); err != nil {\n\t\treturn 0, err\n\t}\n"
	hooked, ok = replaced(source, imports, imports, write, write+printCall)
	return hooked + printHook, ok
}
