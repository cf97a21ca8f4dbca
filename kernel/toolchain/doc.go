// Package toolchain is the Go installation that the worker and the cells are
// built with: where it is, the commands that start it, what they print, and the
// home folder that was prepared with it.
//
//   - toolchain.go finds the installation and checks it; Releases lists those that
//     are known to work.
//   - command.go is the only place that starts the go command and its tools;
//     output.go and list.go are the only ones that read what these, and the C
//     compiler and linker, print.
//   - home.go and packages.go are the folder that package prepare makes: its
//     manifest, and the packages in it as one session sees them.
//   - libraries.go and standard.go list what is compiled ahead and what else the
//     standard library has; gopls.go installs the language server.
//
// It imports nothing of the project; packages module, compile and prepare build
// on it, and never the other way round. Facts about object files and the linker
// belong to package compile, changes of the standard library to toolchain/hook.
//
// For a new Go release, add it to Releases once the facts (kernel/compile,
// TestFacts) and the hooks (toolchain/hook, TestHooksFitThisToolchain) hold with
// it, and its new packages to libraries.go. An unknown release is tried when a
// home is prepared: the facts are then checked on the user's machine.
package toolchain
