//go:build amd64 || arm64

package goroutine

// id returns the address of the runtime's record of this goroutine, which
// stays where it is while the goroutine lives. It is a number here, never
// followed.
func id() uintptr
