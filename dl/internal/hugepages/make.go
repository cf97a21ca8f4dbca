// Package hugepages allocates what holds many numbers.
package hugepages

import (
	"sync"
	"unsafe"
)

// large is the number of bytes from which memory is worth asking for huge pages.
const large = 64 << 10

// chunk is what the heap of the Go runtime grows by, in bytes, at multiples of it: where one byte of it is an
// object's, all of it is the runtime's.
const chunk = 4 << 20

var advised sync.Map // of chunks: uintptr to struct{}

// Make returns n zeros, which lie in huge pages of 2 MB where the operating system has some: a processor remembers
// where some 2,000 pages lie, which is 8 MB in pages of 4 KB, less than a training step reads between two uses of the
// same weight, and looking one up takes longer still in a virtual machine.
func Make[T any](n int) []T {
	s := make([]T, n)
	if bytes := uintptr(n) * unsafe.Sizeof(*new(T)); bytes >= large {
		first := uintptr(unsafe.Pointer(unsafe.SliceData(s)))
		for at := first &^ (chunk - 1); at < first+bytes; at += chunk {
			if _, known := advised.LoadOrStore(at, struct{}{}); !known {
				advise(at, chunk)
			}
		}
	}
	return s
}
