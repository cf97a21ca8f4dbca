// Package build is the only place that knows facts about the Go toolchain and
// the linker: what is compiled ahead for cells, and how the files of one cell
// become a plugin that the worker can load.
//
// All cells are one Go package, path "sess", each compiled into its own
// plugin. Three linker facts make that work, and conform_test.go checks them:
// a version script hides everything of a plugin except its session variables,
// so functions bind to the newest copy and variables to the first; type
// descriptors of equal name are shared; and the hash that guards a package
// against two versions is hidden like the rest.
//
// What the linker cannot bind is bound when a plugin is loaded (identity.go and
// kernel/worker/bind): interface tables and types that the process made itself,
// and the newer methods of a type that it has. Programs see the package of cells
// as main (names.go).
package build
