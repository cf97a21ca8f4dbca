// Package compile makes plugins of cells: it compiles the files of one cell and
// links them to a plugin that the worker can load. It is the only place with
// facts about object files and the linker.
//
// All cells are one Go package with the path "sess", each compiled into its own
// plugin. Three facts about the linker make that work: a version script hides
// everything of a plugin except its session variables, so functions bind to the
// newest copy and variables to the first; type descriptors of equal name are
// shared; and the hash that guards a package against two versions is hidden like
// the rest. What the linker cannot bind is bound when a plugin is loaded
// (toolchain/hook/identity.go and kernel/worker/bind): interface tables and types
// that the process made itself, and newer methods of a type that it has.
//
//   - compile.go is the way of one cell: compile, link thin or in full.
//   - thin.go links against the worker instead of linking copies; stub.go and
//     executable.go are the worker as the linker sees it, mainpackage.go the main
//     package of such plugins, object.go reads and mapped.go changes object files.
//   - names.go gives types and functions the names that users know.
//   - worker.go builds the worker, and keep.go makes it hold all of the packages
//     compiled ahead.
//   - facts.go states the facts that all this depends on, and tries them.
//
// It imports kernel/toolchain, and kernel/source/gen for the names of generated
// code; nothing else of the project. A new fact about
// the linker or the object format goes into the file that depends on it, and as a
// few cells with their expected output into facts.go: TestFacts checks them with
// the Go release of the tests, and the preparation of a home does so on the
// user's machine when the release is unknown.
package compile
