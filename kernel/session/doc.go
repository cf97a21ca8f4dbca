// Package session keeps what the cells of a notebook have defined, and turns
// the next cell into the Go files that a plugin is compiled from. It keeps books
// only: it starts no process, reads no file and compiles nothing, so all of it
// can be tested without a compiler.
//
// A cell is planned (Session.Plan), which changes nothing, and when its plugin
// is loaded, the plan is committed (Session.Commit). A cell that fails changes
// nothing.
//
// # The pipeline
//
// Session.attempt (plan.go) calls the stages in order. Each is a function that
// makes a value of the one before:
//
//	parseCell    parsedCell   the cell's declarations replace older ones; all is parsed
//	checkCell    checkedCell  types, and the variables that the statements make
//	versionTypes versioning   which types changed, and which variables that drops
//	changesOf    changes      what names mean from now on, and what was dropped
//	emit         Plan         edits, and the files of the plugin
//
// What a cell breaks (a function that no longer compiles, a variable of a type
// that is another one now) is dropped, and the cell is planned again.
//
// The stage emit is made of such functions, too: reachOf finds the declarations
// that the plugin needs, bindLate the calls that must find a later definition,
// lift the edits that turn statements into the body of a function, copyInLoops
// copies of variables for the time of a loop, rewrite the edits of one unit, and
// numbered the order of the files.
//
// # What it may import
//
// kernel/source (the front end: parsing, names, packages, the type check),
// kernel/source/gen (every generated name and text), kernel/session/flow
// (questions about code, without a session), kernel/session/edit (changes of text)
// and kernel/session/trace (what a debugger is told). Nothing that compiles or runs,
// and not kernel/engine, which calls it.
//
// # Where a change goes
//
//   - a new rewrite of user code: rewrite.go, if it applies to every unit, or
//     lift.go, if it is about the statements of a cell. What it must know about
//     the code is a question for package flow, the text that it writes is made by
//     package gen;
//   - a new note to the user: changesOf in plan.go, or the stage that finds out;
//   - something else that a session remembers: a field of state, with its part in
//     clone and Reset, set from the result of a stage;
//   - a message about code that does not compile: complaints.go;
//   - what %save writes: saved.go; the exported program: program.go; %wasm:
//     standalone.go;
//   - a new Go release: source.ProblemOf learns the error codes of go/types by
//     itself, and its test says if that fails. Check encoderMethods (types.go) and
//     the lists in package flow for new functions of the standard library.
package session
