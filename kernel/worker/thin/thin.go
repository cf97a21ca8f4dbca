// Package thin is part of every thin plugin (kernel/compile). A plugin brings
// the runtime's function that registers it with the process; in a thin one it
// is this package's, which goes on to the worker's. And the function whose
// name stands first in a plugin has none to the runtime: that is first.
package thin
