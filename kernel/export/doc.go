// Package export writes a notebook as an ordinary Go program:
//
//	main.go          what the cells do, one behind the other, with the notebook's text as comments
//	declarations.go  the functions, types and constants of the cells, and the variables that these use
//	notebook.go      what a cell does without saying so: its last value is shown, its errors are checked
//	notebook_test.go the tests and benchmarks of cells, for go test (only where there are some)
//	capture.go       what %capture and %%capture do (only where the notebook uses them)
//	displays.go      what gonbui shows becomes files (only where the notebook uses gonbui)
//	go.mod, go.sum   the modules
//	modelbook/       the sources of the modelbook packages that it uses
//
// It builds with plain go build. What a notebook shows goes to the folder
// "output". Commands that do something (!, %cd, %env, %capture, %%writefile,
// %%bash, %%html, ...) become Go; those that have a meaning in a notebook only
// are left out, with a comment, and those are told whose effect is lost. So are
// cells for the browser (%wasm), and, where that is asked for or an error is
// expected, cells that do not compile.
//
// An error that a cell does not look at ends the program where it happens; the
// notebook raises it at the end of the cell.
package export
