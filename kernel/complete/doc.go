// Package complete answers a front end's questions about code that is being
// written: completion, inspection, is_complete, and suggestions for unknown
// names.
//
// It parses and checks a cell with kernel/source, by the rules of a session, and
// sees the session as a source.Snapshot. It may import kernel/cell, kernel/source
// and its own client of gopls, and neither kernel/session nor what builds and
// runs programs.
//
// Where a change goes:
//
//   - what a cell means, which package a name is, what is checked: kernel/source,
//     for the compiler and completion at once
//   - how an unfinished cell is made to parse: arrange.go, closers.go
//   - what is offered at a cursor, and in which order: candidates.go, wanted.go,
//     rank in complete.go
//   - what inspection shows: inspect.go, page.go, source.go
//   - arguments of commands: commands.go
//   - names of other libraries: foreign.go
//   - gopls as a fallback: second.go
package complete
