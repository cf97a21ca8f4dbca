//go:build !linux

package hugepages

// advise does nothing: other systems decide by themselves.
func advise(at, bytes uintptr) {}
