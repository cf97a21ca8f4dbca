package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
)

func (cpu) visit(grad *Tensor, v gradient.Visitor) {
	j := takeVisit()
	j.part, j.v = grad.f32(), v
	parallel.Run(grad.size, 1<<14, j)
	j.release()
}

func (cpu) visitProduct(x, dy *Tensor, v gradient.Visitor) {
	if !gemm.StaysNear(dy.size) {
		visitLarge(x, dy, v)
		return
	}
	j := takeVisit()
	j.x, j.dy, j.v = x, dy, v
	j.step = visitRows(x.shape[1], dy.shape[1])
	parallel.Run((x.shape[1]+j.step-1)/j.step, 1, j)
	j.release()
}

// visitLarge computes a product whose dy is too large to be read again for every few rows of it: in one piece, or in some
// of largePart values, on all threads, and then hands it out. Of GPT-2's matrices and 1024 tokens, on a Xeon, few rows at
// a time make 75 to 110 GFLOP/s, and this makes 140 to 160.
func visitLarge(x, dy *Tensor, v gradient.Visitor) {
	k, m, n := x.shape[1], dy.shape[1], x.shape[0]
	step := min(k, max(1, largePart/m/visitTiles)*visitTiles)
	part := takePart(step * m)
	j := takeVisit()
	j.v = v
	for i := 0; i < k; i += step {
		rows := min(step, k-i)
		j.part, j.first = part[:rows*m], i*m
		a := gemm.Matrix[float32]{Data: x.f32()[i:], Rows: rows, Cols: n, Stride: k, Transposed: true}
		if b, c := gemm.Of(dy.f32(), n, m), gemm.Of(j.part, rows, m); MatMulPrecision() == PrecisionMedium {
			gemm.SgemmBF16(a, b, c, false, gemm.Epilogue{})
		} else {
			gemm.SgemmInOrder(a, b, c)
		}
		parallel.Run(rows*m, 1<<14, j)
	}
	j.release()
	releasePart(part)
}

// largePart is how many values of a large deferred gradient are there at a time: 16 MB. (A variable for tests.)
var largePart = 4 << 20

// visitRows is the number of rows of a deferred gradient, of so many in all, that are computed at a time: up to 48 KB, and
// whole tiles of the kernels, or a little less, so that all parts of the loop have as many.
func visitRows(rows, columns int) int {
	step := max(1, 12<<10/columns/visitTiles) * visitTiles
	pieces := (rows + step - 1) / step
	if each := parallel.Parts(); parallel.Threads() > 1 && pieces < 8*each {
		pieces = (pieces + each - 1) / each * each
		return (rows + pieces - 1) / pieces
	}
	return step
}

// visitTiles is a number of rows that whole tiles of every kernel have.
const visitTiles = 42

// A visit is one under way: of part, of x^T dy, or of dy in some rows.
type visit struct {
	v     gradient.Visitor
	x, dy *Tensor
	rows  *Tensor
	step  int       // rows at a time
	part  []float32 // of a gradient, from value first on
	first int
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
	last := len(visiting.parts) - 1
	for i, p := range visiting.parts {
		if cap(p) >= n {
			visiting.parts[i] = visiting.parts[last]
			visiting.parts = visiting.parts[:last]
			return p[:n]
		}
	}
	if last >= 0 { // a larger one takes its place
		visiting.parts = visiting.parts[:last]
	}
	return hugepages.Make[float32](n)
}

func releasePart(p []float32) {
	visiting.Lock()
	visiting.parts = append(visiting.parts, p)
	visiting.Unlock()
}

// Range hands out elements of a gradient, or blocks of rows of a deferred one.
func (j *visit) Range(lo, hi int) {
	if j.part != nil {
		j.v.Visit(j.first+lo, j.first+hi, j.part[lo:hi])
		return
	}
	if j.rows != nil {
		j.visitRows(lo, hi)
		return
	}
	x, dy := j.x, j.dy
	k, m, n := x.shape[1], dy.shape[1], x.shape[0]
	step := j.step
	part, near := takePart(step*m), gemm.Fetch()
	end := min(hi*step, k)
	for i := lo * step; i < end; i += step {
		rows := min(step, k-i)
		g := part[:rows*m]
		after := min(i+rows+step, end)
		a := gemm.Matrix[float32]{Data: x.f32()[i:], Rows: rows, Cols: n, Stride: k, Transposed: true}
		if b, c := gemm.Of(dy.f32(), n, m), gemm.Of(g, rows, m); MatMulPrecision() == PrecisionMedium {
			gemm.SgemmBF16(a, b, c, false, gemm.Epilogue{})
		} else {
			near.Sgemm(a, b, c, j.v.Uses((i+rows)*m, after*m))
		}
		j.v.Visit(i*m, (i+rows)*m, g)
	}
	near.Release()
	releasePart(part)
}
