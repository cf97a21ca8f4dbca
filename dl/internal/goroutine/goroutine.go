// Package goroutine tells goroutines apart, cheaply.
package goroutine

// ID returns a number that no other goroutine has while this one lives. It is
// never 0. A goroutine that starts after this one has ended may get the same
// number, so what is stored under it must be removed before the goroutine ends.
func ID() uintptr { return id() }
