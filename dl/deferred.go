package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/parallel"
)

// A deferred gradient is that of the weights of an Affine layer, x^T dy, left
// out by Backward until somebody asks for it. An optimizer asks with gradient.Visit,
// part by part, and each part is used while it is in the first caches: a
// gradient of many megabytes is neither written to memory nor read again. Only
// what lives in an arena is deferred, so that x and dy are nobody else's.
type deferred struct {
	x, dy   *Tensor
	version uint32 // of x
}

// deferFrom is the size from which a gradient is deferred: smaller ones stay in
// the caches anyway. (A variable for tests.)
var deferFrom = 1 << 20

// deferGrad notes the gradient x^T dy of t and reports whether it did.
func (b *sweep) deferGrad(t, x, dy *Tensor) bool {
	a := currentArena()
	if a == nil || t.dtype != Float32 || t.Size() < deferFrom || t.from != nil || x.from == nil ||
		b.begun(t) || b.only || b.held(t) != nil {
		return false
	}
	t.due = deferred{x, dy, x.version.Load()}
	x.pending.Add(1)
	a.due = append(a.due, t)
	return true
}

// check panics when the operand was changed meanwhile.
func (d *deferred) check() {
	if d.x.version.Load() != d.version {
		panic(&ChangedError{Op: "Affine", Shape: d.x.shape.Clone(), Changed: d.x.changedAt(), Caller: caller()})
	}
}

// settle computes a deferred gradient.
func (t *Tensor) settle() {
	if t.due.x == nil {
		return
	}
	due := t.due
	x, dy := due.x, due.dy
	t.due = deferred{}
	x.pending.Add(-1)
	due.check()
	if t.grad == nil {
		t.grad = empty(t.dtype, t.shape)
	}
	t.stale = false
	k, m := t.shape[0], t.shape[1]
	product(true, false, k, m, x.shape[0], x, dy, t.grad, false)
}

func init() {
	gradient.Visit = func(t any, v gradient.Visitor) bool { return t.(*Tensor).visitGrad(v) }
}

// visitGrad hands the gradient of t, a float32 tensor, to v in parts, on all
// threads, and reports whether there is a gradient.
func (t *Tensor) visitGrad(v gradient.Visitor) bool {
	if t.due.x == nil && (t.grad == nil || t.stale) {
		return false
	}
	j := takeVisit()
	j.t, j.v, j.grad = t, v, t.grad
	n := t.Size()
	if t.due.x != nil {
		t.due.check()
		j.due = t.due
		rows := visitRows(t.shape[1])
		parallel.Run((t.shape[0]+rows-1)/rows, 1, j)
	} else if n > 0 {
		t.grad.Float32s() // panics for other types
		parallel.Run(n, 1<<14, j)
	}
	j.release()
	return true
}

// visitRows is the number of rows of a deferred gradient that are computed at a
// time: about 32 KB, and whole tiles of the kernels.
func visitRows(columns int) int { return max(1, 8<<10/columns/42) * 42 }

type visit struct {
	t    *Tensor
	v    gradient.Visitor
	grad *Tensor
	due  deferred
}

// visiting keeps what visits need, so that they do not allocate.
var visiting struct {
	sync.Mutex
	visits []*visit
	parts  [][]float32 // some rows of a deferred gradient
}

func takeVisit() *visit {
	visiting.Lock()
	defer visiting.Unlock()
	if n := len(visiting.visits); n > 0 {
		j := visiting.visits[n-1]
		visiting.visits = visiting.visits[:n-1]
		return j
	}
	return new(visit)
}

func (j *visit) release() {
	*j = visit{}
	visiting.Lock()
	visiting.visits = append(visiting.visits, j)
	visiting.Unlock()
}

func takePart(n int) []float32 {
	visiting.Lock()
	defer visiting.Unlock()
	if i := len(visiting.parts) - 1; i >= 0 {
		p := visiting.parts[i]
		visiting.parts = visiting.parts[:i]
		if cap(p) >= n {
			return p[:n]
		}
	}
	return make([]float32, n)
}

func releasePart(p []float32) {
	visiting.Lock()
	visiting.parts = append(visiting.parts, p)
	visiting.Unlock()
}

// Range hands out elements of a gradient, or blocks of rows of a deferred one.
func (j *visit) Range(lo, hi int) {
	if j.due.x == nil {
		j.v.Visit(lo, hi, j.grad.f32()[lo:hi])
		return
	}
	x, dy := j.due.x, j.due.dy
	k, m, n := j.t.shape[0], j.t.shape[1], x.shape[0]
	step := visitRows(m)
	part := takePart(step * m)
	end := min(hi*step, k)
	for i := lo * step; i < end; i += step {
		rows := min(step, k-i)
		g := part[:rows*m]
		after := min(i+rows+step, end)
		if MatMulPrecision() == PrecisionMedium {
			gemm.SgemmBF16(true, false, rows, m, n, x.f32()[i:], k, dy.f32(), m, g, m, false, gemm.Epilogue{})
		} else {
			gemm.SgemmFetch(rows, m, n, x.f32()[i:], k, dy.f32(), m, g, m, j.v.Uses((i+rows)*m, after*m))
		}
		j.v.Visit(i*m, (i+rows)*m, g)
	}
	releasePart(part)
}
