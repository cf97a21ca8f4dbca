// Package goroutine identifies goroutines, at the cost of a few instructions. It
// imports the standard library only.
package goroutine

// ID returns a number that no other goroutine has while this one lives. It is
// never 0. A goroutine that starts after this one has ended may get the same
// number, so what is stored under it must be removed before the goroutine ends.
func ID() uintptr { return id() }
