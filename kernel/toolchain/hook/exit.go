package hook

// os.Exit in a package that a cell calls would end the worker: Exit of package
// os begins with a hook.
var exitHooks = Hook{map[string]edit{"os/proc.go": hookExit},
	"os.Exit in a package that a cell calls ends the process of the cells, and all values are lost"}

const exitHook = `

// modelbookExit, when set, is called in place of an exit; it does not return.
//
//go:linkname modelbookExit
var modelbookExit func(code int)
`

// hookExit adds the hook to os/proc.go.
func hookExit(source string) (hooked string, ok bool) {
	const imports, exit = "\nimport (\n", "\nfunc Exit(code int) {\n"
	hooked, ok = replaced(source, imports, imports+"\t_ \"unsafe\"\n", exit, exit+"\tif modelbookExit != nil {\n\t\tmodelbookExit(code)\n\t}\n")
	return hooked + exitHook, ok
}
