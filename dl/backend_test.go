package dl

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// checking is a slow backend that checks what operations ask of one: that they stay within the memory that they were
// given, that they write all elements of their results, that no result overlaps what it is computed from, and where
// the first NaN is born. It computes with the processor's kernels.
type checking struct {
	cpu
	mu     sync.Mutex
	pieces []piece
	faults []string
	born   []string // operations with a NaN in the result and none in the operands
}

// A piece is memory with a margin around it, in which nobody writes.
type piece struct {
	dtype DType
	n     int
	whole any
}

const margin = 64

// A byte of margins and of undefined elements: floats of these are NaN.
const nobody = ^uint64(0)

func (c *checking) alloc(d DType, n int) any {
	if d == places {
		return dtypes[d].make(n)
	}
	p := piece{d, n, dtypes[d].make(n + 2*margin)}
	for i := range margin {
		dtypes[d].set(p.whole, i, nobody)
		dtypes[d].set(p.whole, margin+n+i, nobody)
	}
	c.mu.Lock()
	c.pieces = append(c.pieces, p)
	full := len(c.pieces) > 20000
	c.mu.Unlock()
	if full {
		c.margins()
	}
	return reflect.ValueOf(p.whole).Slice3(margin, margin+n, margin+n).Interface()
}

func (c *checking) undefined(s *storage, n int) {
	for i := 0; i < n && s.dtype != places; i++ {
		dtypes[s.dtype].set(s.data, i, nobody)
	}
}

// margins looks for what was written outside.
func (c *checking) margins() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pieces {
		kernels := dtypes[p.dtype].kernels
		want := kernels.make(1)
		kernels.set(want, 0, nobody)
		for i := range margin {
			for _, at := range [2]int{i, margin + p.n + i} {
				if kernels.bits(p.whole, at) != kernels.bits(want, 0) {
					c.faults = append(c.faults, fmt.Sprintf("something is written at place %d of %d elements of %v", at-margin, p.n, p.dtype))
				}
			}
		}
	}
	c.pieces = nil
}

func (c *checking) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// An extent is the part of a storage that an operation touches.
type extent struct {
	s      *storage
	lo, hi int
}

// check checks the extents of a result and its operands, and reports whether there is memory for them. same says which
// operands have the result's layout.
func (c *checking) check(op string, out extent, in []extent, same []bool) bool {
	ok := true
	for _, e := range append([]extent{out}, in...) {
		if n := reflect.ValueOf(e.s.data).Len(); e.lo < 0 || e.hi > n {
			c.fault("%s: places %d to %d of %d elements", op, e.lo, e.hi, n)
			ok = false
		}
	}
	for i, e := range in {
		if e.s == out.s && e.lo < out.hi && out.lo < e.hi && !same[i] {
			c.fault("%s: the result overlaps operand %d", op, i)
		}
	}
	return ok
}

// nan reports whether an extent has a NaN.
func (e extent) nan() bool {
	for i := e.lo; i < e.hi && e.s.dtype.IsFloat(); i++ {
		if math.IsNaN(dtypes[e.s.dtype].get(e.s.data, i)) {
			return true
		}
	}
	return false
}

// trace runs f and notes when it made a NaN of none.
func (c *checking) trace(op string, out extent, in []extent, f func()) {
	before := false
	for _, e := range in {
		before = before || e.nan()
	}
	f()
	if !before && out.nan() {
		c.mu.Lock()
		c.born = append(c.born, op)
		c.mu.Unlock()
	}
}

func (c *checking) loop(j *loop, iterations, grain int) {
	op := "a copy"
	if j.rule != nil {
		op = j.rule.op
	}
	var all []extent
	var same []bool
	for k, s := range j.s {
		if s == nil {
			break
		}
		e := extent{s, j.offset[k], j.offset[k] + 1}
		equal := j.offset[k] == j.offset[0]
		for i := range j.axes {
			e.hi += (j.walk.shape[i] - 1) * j.steps[i][k]
			equal = equal && j.steps[i][k] == j.steps[i][0]
		}
		all, same = append(all, e), append(same, equal)
	}
	if !c.check(op, all[0], all[1:], same[1:]) {
		return
	}
	c.trace(op, all[0], all[1:], func() { c.cpu.loop(j, iterations, grain) })
}

// reach is the extent of rows x cols elements, or none.
func (m matrix) reach(rows, cols int) extent {
	if rows == 0 || cols == 0 {
		return extent{m.storage, m.at, m.at}
	}
	if m.turned {
		rows, cols = cols, rows
	}
	return extent{m.storage, m.at, m.at + (rows-1)*m.stride + cols}
}

func (c *checking) multiply(out matrix, m, n, k int, a, b matrix, add bool) {
	in := []extent{a.reach(m, k), b.reach(k, n)}
	if !c.check("a product", out.reach(m, n), in, make([]bool, 2)) {
		return
	}
	if out.turned || out.stride != n {
		c.fault("a product: rows of %d elements are to lie %d apart", n, out.stride)
	}
	c.trace("a product", out.reach(m, n), in, func() { c.cpu.multiply(out, m, n, k, a, b, add) })
}

func (c *checking) batch(count int, out matrix, sc, m, n, k int, a matrix, sa int, b matrix, sb int, add bool) {
	if sc < m*n {
		c.fault("products of %d elements are to lie %d apart", m*n, sc)
	}
	for i := range count {
		c.multiply(out.to(out.at+i*sc), m, n, k, a.to(a.at+i*sa), b.to(b.at+i*sb), add)
	}
}

// onChecking runs f on the checking backend and returns it.
func onChecking(f func()) *checking {
	before, c := device, &checking{}
	device = c
	defer func() { device = before }()
	f()
	c.margins()
	return c
}

// TestMain runs all tests on the checking backend when MODELBOOK_CHECK is set.
func TestMain(m *testing.M) {
	if os.Getenv("MODELBOOK_CHECK") == "" {
		os.Exit(m.Run())
	}
	code := 0
	c := onChecking(func() { code = m.Run() })
	if len(c.faults) > 0 {
		fmt.Println("FAIL: the checking backend:", c.faults[:min(len(c.faults), 20)])
		code = 1
	}
	os.Exit(code)
}

// Operations stay within their memory, write the whole of it, and never over what they read.
func TestOnTheCheckingBackend(t *testing.T) {
	c := onChecking(func() {
		t.Run("gradients", TestGradients)
		t.Run("views", TestViewsAreThoseOfNumPy)
		t.Run("operations on views", TestOperationsTakeViews)
		t.Run("products", TestMatMulBroadcasts)
		t.Run("assignments", TestAssignToViews)
		t.Run("integers", TestIntegerArithmetic)
		t.Run("conversions", TestConversions)
		t.Run("an arena", TestArenaChangesNoNumber)
		t.Run("deferred gradients", TestDeferredGradients)
		t.Run("empty tensors", TestGradientsOfEmptyTensors)
	})
	for i, f := range c.faults {
		if i < 20 {
			t.Error(f)
		}
	}
}

// The checking backend finds what it is there for.
func TestTheCheckingBackendFinds(t *testing.T) {
	c := onChecking(func() {
		x := Zeros(4)
		move(x.storage, layout{Shape{3}, Shape{1}, 1}, x.storage, layout{Shape{3}, Shape{1}, 0}, false)
		device.loop(&loop{walk: newWalk("", layout{Shape{5}, Shape{1}, 0}), s: [4]*storage{x.storage}}, 1, 1)
		y := result(Float32, Shape{2})
		if !math.IsNaN(y.At(0)) {
			t.Error("undefined elements are defined")
		}
		New(Float64, 2).Div(New(Float64, 2)).AddScalar(1).Add(New(Float64, 2))
	})
	c.pieces = append(c.pieces, piece{Float32, 1, make([]float32, 1+2*margin)}) // its margins are zeros
	c.margins()
	all := strings.Join(c.faults, "\n")
	for _, want := range []string{"the result overlaps operand 0", "places 0 to 5 of 4 elements", "something is written at place -1 of 1 elements", "place 1 of 1"} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s", want)
		}
	}
	if len(c.born) != 1 || c.born[0] != "Div" {
		t.Errorf("NaN born in %v", c.born)
	}
}
