// Package gen makes every name and every line of Go that the kernel adds to
// the user's: the package clause of cells, the names of stored variables
// (x__v1), of versions of types (pointʼ2) and of functions called late
// (f__late), the names that identifiers have during a type check, position
// comments, calls of the runtime (__rt), and the file that registers a cell.
// Other packages ask it for text, and let it recognize such names in what
// compilers, linkers and stack traces print. None of them knows the spelling.
//
// It imports the standard library only, so that the front end (kernel/source,
// kernel/session, kernel/complete), kernel/compile and kernel/engine can all use
// it.
//
// Where a change goes:
//
//   - a new name in generated code: names.go, with a pattern in reserved.go,
//     so that cells cannot declare it;
//   - a new call of package rt: calls.go;
//   - what a cell registers when it is loaded: wrapper.go;
//   - a new mark for a type check: marks.go.
package gen

// Package is the package clause and the import path of all cells. Running code
// knows it as main (kernel/compile). To the compiler it must not be main, because
// exported names of main enter the plugin's symbol table.
const Package = "sess"

// Clause begins a generated file.
const Clause = "package " + Package + ";"

// Symbol is the linker symbol of a variable or function of the cells.
func Symbol(ident string) string { return Package + "." + ident }

// The packages that generated code calls.
const (
	RuntimePath = "modelbook/kernel/worker/rt"
	TestsPath   = "modelbook/kernel/worker/tests"
)

// The names of packages in generated code.
const (
	runtimeName = "__rt"
	testsName   = "__tests"
	goRuntime   = "__runtime"
	contextName = "__context"
	showName    = "__show"
)

// packages leads from these names to paths. What __show imports differs.
var packages = map[string]string{
	runtimeName: RuntimePath, testsName: TestsPath, goRuntime: "runtime", contextName: "context",
}
