// Package source understands the Go of cells: it parses declarations and
// statements, lists the names that they declare, says which package a name
// means, and type-checks them. What runs a cell (package session) and what
// helps to write one (package complete) both use it, so that they cannot differ
// about what a cell says. These invariants hold, and a differential test keeps
// them (kernel/complete/agree_test.go):
//
//   - Names: what completion offers as declared, at the end of a cell and in the
//     next one, is what the session holds once the cell has run, and of the same
//     kind and type. Names that begin with two underscores are not offered.
//   - Packages: a name in a declaration or statement is the same package to both.
//   - Types: a cell that the session accepts has no type errors in completion, and
//     the variables it makes have the same types.
//   - Syntax: is_complete calls no cell complete that the parser refuses, and none
//     invalid that it accepts.
//
// It holds values and functions, and no state: what a session has defined is
// handed in. It may import the cell language (kernel/cell) and kernel/source/gen,
// and neither session nor complete nor what builds and runs programs.
//
// Where a change goes:
//
//   - another kind of declaration, or what counts as a name at the top of a
//     cell: names.go
//   - how import declarations bind names, and how imports are written into a
//     file for a check: imports.go
//   - which package a name without an import line means: resolve.go
//   - names that hide types, functions or predeclared names: hiding.go
//   - what a cell replaces of a session: view.go
//   - in which order variables are initialized: order.go
//   - what go/types is asked, and in which configuration: check.go
//   - the wording of syntax errors: syntax.go
package source
