package hook

// Package os has hooks where the standard streams are written to and read from.
// Stdout, stderr and displays reach the kernel over separate pipes, and have to
// stay in the order in which they were written; and cells that run at the same
// time share all of them.
var stdioHooks = Hook{map[string]edit{"os/file.go": hookStdio},
	"stdout, stderr and displays may arrive in another order, and at another of the cells that run at the same time"}

const stdioHook = `

// modelbookPrint, when set, is called before stdout (1) or stderr (2) is
// written to. When it returns true it has taken the text.
//
//go:linkname modelbookPrint
var modelbookPrint func(fd int, text []byte) bool

// modelbookRead, when set, is called before stdin is read, and the function
// that it returns afterwards.
//
//go:linkname modelbookRead
var modelbookRead func() (done func())
`

const (
	writeCall = "\tif fd := f.pfd.Sysfd; (fd == 1 || fd == 2) && modelbookPrint != nil && modelbookPrint(fd, b) {\n\t\treturn len(b), nil\n\t}\n"
	readCall  = "\tif f.pfd.Sysfd == 0 && modelbookRead != nil {\n\t\tdefer modelbookRead()()\n\t}\n"
)

// hookStdio adds the hooks to os/file.go, which imports unsafe.
func hookStdio(source string) (hooked string, ok bool) {
	const imports = "\n\t\"unsafe\"\n"
	const write = "\nfunc (f *File) Write(b []byte) (n int, err error) {\n\tif err := f.checkValid(\"write\"); err != nil {\n\t\treturn 0, err\n\t}\n"
	const read = "\nfunc (f *File) Read(b []byte) (n int, err error) {\n\tif err := f.checkValid(\"read\"); err != nil {\n\t\treturn 0, err\n\t}\n"
	hooked, ok = replaced(source, imports, imports, write, write+writeCall, read, read+readCall)
	return hooked + stdioHook, ok
}
