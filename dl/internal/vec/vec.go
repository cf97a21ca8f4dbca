// Package vec has the loops over float32 slices in which training spends most of
// its time. The slices of one call have equal lengths; dst may be one of the
// operands.
//
// Each function has assembly for AVX-512, AVX2 and NEON, one of which is chosen
// for the machine, and a Go loop, which is the oracle of the others and the only
// version with the build tag purego. ../gen describes the
// kernels once for all instruction sets. A kernel handles whole vectors; the
// rest of a slice is a vector under a mask, with AVX-512, or a padded copy, so
// that results do not depend on where in a slice an element is.
//
// It imports package cpu. A new function is a kernel in ../gen/vector.go, its Go
// loop here, and a row in the tests' tables.
package vec

import (
	"unsafe"

	"modelbook/dl/internal/cpu"
)

// A kernel is the number of a loop, see kernels.go.
type kernel int

// args is what a kernel is called with. The assembly reads the fields by their
// offsets: keep the order. They are set one by one: a literal is made elsewhere
// and copied, in larger pieces than it was written in, so that the copy waits,
// longer than a kernel takes for a short row.
type args struct {
	p [8]*float32
	k *uint32 // constants
	n int64   // elements, a multiple of the vector's width unless the set has masks
	s [8]float32
	r [2]float32

	pad [8]float32 // read after the last element of each operand; neutral for the kernel
}

// A set holds the kernels of one instruction set; nil means Go.
type set struct {
	name  cpu.Set
	width int
	masks bool // its kernels do the rest of a slice, too
	f     *[kernels]func(a *byte)
}

var portable = &set{name: cpu.Portable}

var best = sets[0]

// Sets names the instruction sets to be tested, the best first.
func Sets() (names []cpu.Set) {
	for _, s := range sets {
		names = append(names, s.name)
	}
	return names
}

// Force puts the named instruction set in use, for tests, and returns a
// function that undoes it.
func Force(name cpu.Set) (undo func()) {
	old := best
	for _, s := range sets {
		if s.name == name {
			best = s
		}
	}
	return func() { best = old }
}

// hide keeps a from escaping: a kernel, called through a table, does not keep its
// arguments, but the compiler cannot know that. Between the two conversions the
// stack, where the arguments are, must not move: so there must be no check of the
// stack's size here, nor one that -race or -d=checkptr adds.
//
//go:nosplit
//go:nocheckptr
func hide(a *args) *byte {
	p := uintptr(unsafe.Pointer(a))
	return *(**byte)(unsafe.Pointer(&p))
}

// run calls a kernel for n elements and reports whether there is one. The
// slices behind the pointers must be long enough.
func (a *args) run(k kernel, n int) bool {
	s := best
	if s.f == nil {
		return false
	}
	if n == 0 {
		a.r = [2]float32{}
		return true
	}
	a.k = &constants[0]
	if s.masks {
		a.n = int64(n)
		s.f[k](hide(a))
		return true
	}
	whole := n / s.width * s.width
	a.n = int64(whole)
	s.f[k](hide(a)) // also for no vector at all: it sets the results
	if whole < n {
		a.rest(s, k, whole, n-whole)
	}
	return true
}

// rest does the last n elements, fewer than a vector, from element at on.
func (a *args) rest(s *set, k kernel, at, n int) {
	t := *a
	var scratch [8][16]float32
	use := traffic[k].reads | traffic[k].writes
	for i := range scratch {
		if use>>i&1 == 0 {
			continue
		}
		t.p[i] = &scratch[i][0]
		if traffic[k].reads>>i&1 != 0 {
			copy(scratch[i][:], slice(a.p[i], at, n))
			for j := n; j < s.width; j++ {
				scratch[i][j] = a.pad[i]
			}
		}
	}
	switch k {
	case kFind: // the scratch is numbered from 0 on
		t.p[1] = a.p[1]
	case kDropout:
		t.s[1] = addBits(t.s[1], at)
	}
	t.n = int64(s.width)
	s.f[k](hide(&t))
	for i := range scratch {
		if traffic[k].writes>>i&1 != 0 {
			copy(slice(a.p[i], at, n), scratch[i][:])
		}
	}
	switch k {
	case kMax:
		a.r[0] = max(a.r[0], t.r[0])
	case kMin:
		a.r[0] = min(a.r[0], t.r[0])
	case kFind:
		a.r[0] = min(a.r[0], float32(at)+t.r[0])
	default:
		a.r[0] += t.r[0]
	}
	a.r[1] += t.r[1]
}

func slice(p *float32, at, n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Add(unsafe.Pointer(p), 4*at)), n)
}

// run1, run2 and run3 call a kernel with dst and operands of its length.
func run1(k kernel, dst, x []float32, s ...float32) bool {
	if len(dst) == 0 {
		return true
	}
	var a args
	a.p[0], a.p[1] = &dst[0], &x[:len(dst)][0]
	copy(a.s[:], s)
	return a.run(k, len(dst))
}

func run2(k kernel, dst, x, y []float32, s ...float32) bool {
	if len(dst) == 0 {
		return true
	}
	var a args
	a.p[0], a.p[1], a.p[2] = &dst[0], &x[:len(dst)][0], &y[:len(dst)][0]
	copy(a.s[:], s)
	return a.run(k, len(dst))
}

func run3(k kernel, dst, x, y, z []float32, s ...float32) bool {
	if len(dst) == 0 {
		return true
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3] = &dst[0], &x[:len(dst)][0], &y[:len(dst)][0], &z[:len(dst)][0]
	copy(a.s[:], s)
	return a.run(k, len(dst))
}

// asFloats are integers as a kernel gets them.
func asFloats(x []int32) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
