package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/parallel"
)

func (cpu) visit(grad *Tensor, v gradient.Visitor) {
	j := takeVisit()
	j.grad, j.v = grad, v
	parallel.Run(grad.size, 1<<14, j)
	j.release()
}

func (cpu) visitProduct(x, dy *Tensor, v gradient.Visitor) {
	j := takeVisit()
	j.x, j.dy, j.v = x, dy, v
	rows := visitRows(dy.shape[1])
	parallel.Run((x.shape[1]+rows-1)/rows, 1, j)
	j.release()
}

// visitRows is the number of rows of a deferred gradient that are computed at a
// time: about 32 KB, and whole tiles of the kernels.
func visitRows(columns int) int { return max(1, 8<<10/columns/42) * 42 }

// A visit is one under way: of grad, of x^T dy, or of dy in some rows.
type visit struct {
	v           gradient.Visitor
	grad, x, dy *Tensor
	rows        *Tensor
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
	if j.grad != nil {
		j.v.Visit(lo, hi, j.grad.f32()[lo:hi])
		return
	}
	if j.rows != nil {
		j.visitRows(lo, hi)
		return
	}
	x, dy := j.x, j.dy
	k, m, n := x.shape[1], dy.shape[1], x.shape[0]
	step := visitRows(m)
	part := takePart(step * m)
	end := min(hi*step, k)
	for i := lo * step; i < end; i += step {
		rows := min(step, k-i)
		g := part[:rows*m]
		after := min(i+rows+step, end)
		a := gemm.Matrix[float32]{Data: x.f32()[i:], Rows: rows, Cols: n, Stride: k, Transposed: true}
		if b, c := gemm.Of(dy.f32(), n, m), gemm.Of(g, rows, m); MatMulPrecision() == PrecisionMedium {
			gemm.SgemmBF16(a, b, c, false, gemm.Epilogue{})
		} else {
			gemm.SgemmFetch(a, b, c, j.v.Uses((i+rows)*m, after*m))
		}
		j.v.Visit(i*m, (i+rows)*m, g)
	}
	releasePart(part)
}
