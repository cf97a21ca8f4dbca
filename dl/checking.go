//go:build checked

package dl

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"unsafe"
	"weak"
)

// Programs that are built with the tag checked, as
//
//	go test -tags checked ./dl/...
//
// compute on the checking backend. It is slow, and panics when an operation asks
// for what no backend can give: elements outside of the memory that it was given,
// results that overlap what they are computed from, views where it promises none;
// and when a result has elements that were not written. It also notes which
// operation made the first NaN. It computes with the processor's kernels, to which
// it gives memory with margins in which nobody may write.
func init() { device = &checking{real: device, guards: map[uintptr]guarded{}} }

// checking is that backend. Its real one is not embedded, so that a method that is
// added to the interface must be added here, too.
type checking struct {
	real   backend
	mu     sync.Mutex
	guards map[uintptr]guarded // memory with margins, by the address of its beginning
	born   []string            // the last operations with a NaN in the result and none in the operands
}

const margin = 64 // elements

// nobody is the byte of margins and of elements that are not defined yet: floats
// of these are NaN.
const nobody = 0xff

// A use is what an operation does with tensors, of which some may be nil.
type use struct {
	op            string
	writes, reads []*Tensor
	strided       bool // operands may be views, but not results, or
	views         bool // both may
	inPlace       bool // a result may be an operand
}

// do runs f, the operation, and checks it.
func (c *checking) do(u use, f func()) {
	all := append(slices.Clone(u.writes), u.reads...)
	before := false
	for i, t := range all {
		if t == nil {
			continue
		}
		t.check()
		lo, hi := extent(t.layout())
		c.inside(u.op, t.storage, lo, hi)
		if t.strides != nil && !u.views && (i < len(u.writes) || !u.strided) {
			c.fault(u.op, "operand %d of shape %v is a view", i, t.shape)
		}
		if i >= len(u.writes) {
			c.defined(u.op, "reads", t)
			before = before || c.isNaN(t)
			continue
		}
		for k, other := range all {
			if k == i || other == nil || other == t && (u.inPlace || k < len(u.writes)) || other.storage != t.storage || size(t.dtype) == 0 {
				continue
			}
			same := u.inPlace && slices.Equal(other.layout().strides, t.layout().strides) && other.offset == t.offset
			if from, to := extent(other.layout()); !same && from < hi && lo < to {
				c.fault(u.op, "result %d overlaps operand %d", i, k)
			}
		}
	}
	f()
	born := false
	for i, t := range all {
		if t == nil {
			continue
		}
		c.margins(u.op, t.storage)
		if i < len(u.writes) {
			c.defined(u.op, "leaves", t)
			born = born || c.isNaN(t)
		}
	}
	if born && !before {
		c.note(u.op)
	}
}

func (c *checking) fault(op, format string, args ...any) {
	panic(fmt.Sprintf("dl: the checking backend: %s: %s", op, fmt.Sprintf(format, args...)))
}

// note remembers where a NaN was born.
func (c *checking) note(op string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.born = append(c.born, op)
	c.born = c.born[max(0, len(c.born)-100):]
}

// extent is where the elements of a layout begin and end.
func extent(l layout) (lo, hi int) {
	lo, hi = l.offset, l.offset+1
	for i, n := range l.shape {
		if n == 0 {
			return lo, lo
		}
		hi += (n - 1) * l.strides[i]
	}
	return lo, hi
}

// inside checks that the places lo to hi are in a storage.
func (c *checking) inside(op string, s *storage, lo, hi int) {
	if n := reflect.ValueOf(s.data).Len(); lo != hi && (lo < 0 || hi > n) {
		c.fault(op, "places %d to %d of %d elements", lo, hi, n)
	}
}

func size(d DType) int { return dtypes[d].size }

func (c *checking) alloc(d DType, n int) any {
	if d == places || n == 0 {
		return c.real.alloc(d, n)
	}
	whole := c.real.alloc(d, n+2*margin)
	for _, at := range [2]int{0, margin + n} {
		fillBytes(whole, d, at, margin)
	}
	data := reflect.ValueOf(whole).Slice3(margin, margin+n, margin+n).Interface()
	first := beginning(data)
	key := weak.Make(first)
	c.mu.Lock()
	c.guards[address(first)] = guarded{key, n}
	c.mu.Unlock()
	at := address(first)
	runtime.AddCleanup(first, func(key weak.Pointer[byte]) {
		c.mu.Lock()
		if c.guards[at].memory == key { // and not what lies there by now
			delete(c.guards, at)
		}
		c.mu.Unlock()
	}, key)
	return data
}

// guarded is memory with margins. The runtime knows no weak pointers to mapped files, so it is looked up by its address,
// where other memory may lie once it is gone.
type guarded struct {
	memory   weak.Pointer[byte]
	elements int
}

func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

func beginning(data any) *byte { return (*byte)(reflect.ValueOf(data).UnsafePointer()) }

// bytesOf is the memory of n elements from a place on, which may be in a margin.
func bytesOf(data any, d DType, at, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(beginning(data)), at*size(d))), n*size(d))
}

func fillBytes(data any, d DType, at, n int) {
	for i := range bytesOf(data, d, at, n) {
		bytesOf(data, d, at, n)[i] = nobody
	}
}

// margins checks those of a storage, if it has some.
func (c *checking) margins(op string, s *storage) {
	if s.dtype == places || beginning(s.data) == nil {
		return
	}
	c.mu.Lock()
	g, ok := c.guards[address(beginning(s.data))]
	c.mu.Unlock()
	if !ok || g.memory.Value() != beginning(s.data) {
		return
	}
	n := g.elements
	for _, at := range [2]int{-margin, n} {
		for i, b := range bytesOf(s.data, s.dtype, at, margin) {
			if b != nobody {
				c.fault(op, "something is written at place %d of %d elements", at+i/size(s.dtype), n)
			}
		}
	}
}

func (c *checking) undefined(s *storage, n int) {
	if s.dtype != places && n > 0 {
		fillBytes(s.data, s.dtype, 0, n)
	}
}

// defined checks that all elements of a float tensor were written.
func (c *checking) defined(op, does string, t *Tensor) {
	if i := c.find(t, func(bits uint64, _ float64) bool { return bits == undefinedBits(t.dtype) }); i >= 0 {
		c.fault(op, "it %s element %d of shape %v, which nobody has written", does, i, t.shape)
	}
}

func undefinedBits(d DType) uint64 { return 1<<(8*size(d)) - 1 }

func (c *checking) isNaN(t *Tensor) bool {
	return c.find(t, func(_ uint64, v float64) bool { return v != v }) >= 0
}

// find returns the first element of floats for which f holds, or -1.
func (c *checking) find(t *Tensor, f func(bits uint64, v float64) bool) int {
	if !t.dtype.IsFloat() || t.size == 0 { // a view of nothing may begin behind its memory
		return -1
	}
	if x, ok := t.data.([]float32); ok && t.strides == nil {
		for i, v := range x[t.offset:][:t.size] {
			if v != v && f(uint64(math.Float32bits(v)), float64(v)) {
				return i
			}
		}
		return -1
	}
	for i := range t.size {
		if at := t.locate(i); f(c.real.bits(t.storage, at), c.real.get(t.storage, at)) {
			return i
		}
	}
	return -1
}
