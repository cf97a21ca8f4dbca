// Package export writes a notebook as an ordinary Go program:
//
//	main.go          what the cells do, one after the other, with the notebook's text as comments
//	declarations.go  the functions, types and constants of the cells, and the variables that these use
//	notebook.go      what every cell does: its last value is shown, its errors are checked
//	notebook_test.go the tests and benchmarks of cells, for go test (only where there are some)
//	capture.go       what %capture and %%capture do (only where the notebook uses them)
//	ranks.go         what makes it a program of several ranks (only with --mpi, which
//	                 also adds job.slurm, mpijob.yaml, Dockerfile.mpi and README.md)
//	displays.go      what gonbui shows becomes files (only where the notebook uses gonbui)
//	go.mod, go.sum   the modules
//	modelbook/       the sources of the modelbook packages that it uses
//
// It builds with plain go build. What a notebook shows goes to the folder
// "output". Commands that do something (!, %cd, %env, %capture, %%writefile,
// %%bash, %%html, ...) become Go; those that make sense only in a notebook are
// left out, with a comment; those whose effect is lost are reported. So are cells
// for the browser (%wasm), and, if that is asked for or an error is expected,
// cells that do not compile.
//
// An error that a cell does not check ends the program where it occurs; in the
// notebook it is raised at the end of the cell.
//
// Where a cell says %mpirun the program calls its function: alone, or on all ranks.
//
// It imports cell, command, session, engine, module, mpi, notebook and toolchain of the kernel,
// and is imported by the program modelbook only. A command's form
// in a program is in command.go; the files of the program are written by
// program.go, tests.go, ranks.go and module.go; the text of helper files is in helper/.
package export
