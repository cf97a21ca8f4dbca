package dl

import (
	"sync"

	"modelbook/dl/internal/conv"
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// A samplePass is a loop over samples, which the threads share. f is a top-level function.
type samplePass struct {
	f       func(p *samplePass, s *sampleScratch, lo, hi int)
	product sampleProduct
	x, dy   []float32
	c       convolutionGrad
	n       int // rows, images or tokens of a sample
	tokens  *Tensor
	squares []float64
}

// sampleScratch is what a thread needs: the gradients of the sample in hand.
type sampleScratch struct{ a, b []float32 }

var (
	samplePasses    = sync.Pool{New: func() any { return new(samplePass) }}
	sampleScratches = sync.Pool{New: func() any { return new(sampleScratch) }}
)

func (p *samplePass) Range(lo, hi int) {
	s := sampleScratches.Get().(*sampleScratch)
	p.f(p, s, lo, hi)
	sampleScratches.Put(s)
}

// shareSamples runs p for n samples, of each of which the cost is about that of so many elements.
func shareSamples(n, cost int, p samplePass) {
	q := samplePasses.Get().(*samplePass)
	*q = p
	parallel.Run(n, max(1, elementGrain/max(cost, 1)), q)
	*q = samplePass{}
	samplePasses.Put(q)
}

// take returns memory for n elements in place of that of one of the scratches.
func take(s *[]float32, n int) []float32 {
	if cap(*s) < n {
		*s = hugepages.Make[float32](n)
	}
	*s = (*s)[:n]
	return *s
}

func square(x []float32) float64 { return vec.Dot(x, x) }

func (cpu) productSquares(p sampleProduct, squares *Tensor) {
	pass := samplePass{product: p, x: p.x.data.([]float32)[p.x.at:], dy: p.dy.data.([]float32)[p.dy.at:], squares: squares.f64()}
	cost := p.rows * p.k * p.m
	switch {
	case p.rows == 1:
		pass.f, cost = squaresOfRows, p.k+p.m
	case p.rows*(p.k+p.m) < p.k*p.m:
		pass.f, cost = squaresOfGhosts, p.rows*p.rows*(p.k+p.m)
	default:
		pass.f = squaresOfProducts
	}
	shareSamples(p.count, cost, pass)
}

// squaresOfRows is for products of one row: the norm of the product is that of the norms.
func squaresOfRows(p *samplePass, _ *sampleScratch, lo, hi int) {
	for i := lo; i < hi; i++ {
		p.squares[i] += square(p.x[i*p.product.stepX:][:p.product.k]) * square(p.dy[i*p.product.stepDY:][:p.product.m])
	}
}

// squaresOfGhosts is for products that are larger than those of the rows with each other: the sum over x x^T * dy dy^T.
func squaresOfGhosts(p *samplePass, s *sampleScratch, lo, hi int) {
	q := &p.product
	t := q.rows
	a, b := take(&s.a, t*t), take(&s.b, t*t)
	for i := lo; i < hi; i++ {
		rows := func(data []float32, stride, columns int) (m, turned gemm.Matrix[float32]) {
			return gemm.Matrix[float32]{Data: data, Rows: t, Cols: columns, Stride: stride},
				gemm.Matrix[float32]{Data: data, Rows: columns, Cols: t, Stride: stride, Transposed: true}
		}
		x, xT := rows(p.x[i*q.stepX:], q.x.stride, q.k)
		gemm.SgemmFused(x, xT, gemm.Of(a, t, t), gemm.Epilogue{})
		dy, dyT := rows(p.dy[i*q.stepDY:], q.dy.stride, q.m)
		gemm.SgemmFused(dy, dyT, gemm.Of(b, t, t), gemm.Epilogue{})
		p.squares[i] += max(vec.Dot(a, b), 0) // rounding may leave less than nothing
	}
}

// squaresOfProducts makes the products themselves.
func squaresOfProducts(p *samplePass, s *sampleScratch, lo, hi int) {
	q := &p.product
	a := take(&s.a, q.k*q.m)
	for i := lo; i < hi; i++ {
		x := gemm.Matrix[float32]{Data: p.x[i*q.stepX:], Rows: q.k, Cols: q.rows, Stride: q.x.stride, Transposed: true}
		dy := gemm.Matrix[float32]{Data: p.dy[i*q.stepDY:], Rows: q.rows, Cols: q.m, Stride: q.dy.stride}
		gemm.SgemmFused(x, dy, gemm.Of(a, q.k, q.m), gemm.Epilogue{})
		p.squares[i] += square(a)
	}
}

func (cpu) sumSquares(p sampleProduct, squares *Tensor) {
	shareSamples(p.count, p.rows*p.m, samplePass{product: p, dy: p.dy.data.([]float32)[p.dy.at:], squares: squares.f64(), f: squaresOfSums})
}

// squaresOfSums is for the sums of rows.
func squaresOfSums(p *samplePass, s *sampleScratch, lo, hi int) {
	q := &p.product
	sum := take(&s.a, q.m)
	for i := lo; i < hi; i++ {
		rows := p.dy[i*q.stepDY:]
		copy(sum, rows)
		for r := 1; r < q.rows; r++ {
			vec.Add(sum, sum, rows[r*q.dy.stride:][:q.m])
		}
		p.squares[i] += square(sum)
	}
}

func (d cpu) convolutionSquares(c convolutionGrad, n int, squares *Tensor) {
	count := c.N / n
	c.N = n
	c.flatten()
	if pixels := c.N * c.OH * c.OW; c.pointwise() {
		dy := matrix{c.dy.storage, c.dy.offset, c.F, false}
		if c.y != nil {
			vec.ReluGrad(c.dy.f32(), c.dy.f32(), c.y.f32())
		}
		p := sampleProduct{x: matrix{c.x.storage, c.x.offset, c.C, false}, dy: dy, rows: pixels, k: c.C, m: c.F, count: count, stepX: pixels * c.C, stepDY: pixels * c.F}
		if c.dw != nil {
			d.productSquares(p, squares)
		}
		if c.db != nil {
			d.sumSquares(p, squares)
		}
		return
	}
	shareSamples(count, int(c.macs()), samplePass{c: c, squares: squares.f64(), f: squaresOfFilters})
}

// squaresOfFilters makes the gradients of the filters for one sample after the other.
func squaresOfFilters(p *samplePass, s *sampleScratch, lo, hi int) {
	c := &p.c
	x, dy, y := c.x.f32(), c.dy.f32(), c.y.values()
	image, places := len(x)/len(p.squares), len(dy)/len(p.squares)
	var dw, db []float32
	if c.dw != nil {
		dw = take(&s.a, c.dw.size)
	}
	if c.db != nil {
		db = take(&s.b, c.db.size)
	}
	for i := lo; i < hi; i++ {
		var result []float32
		if y != nil {
			result = y[i*places : (i+1)*places]
		}
		c.backward(conv.Norm{}, conv.NormSums{}, x[i*image:(i+1)*image], c.w.f32(), dy[i*places:(i+1)*places], result, dw, db, nil)
		p.squares[i] += square(dw) + square(db)
	}
}

func (cpu) embeddingSquares(dy, tokens *Tensor, n int, squares *Tensor) {
	d := dy.shape[len(dy.shape)-1]
	shareSamples(tokens.size/n, n*d, samplePass{dy: dy.f32(), product: sampleProduct{m: d}, n: n, tokens: tokens, squares: squares.f64(), f: squaresOfTokens})
}

// squaresOfTokens adds up the rows of each token that a sample has.
func squaresOfTokens(p *samplePass, s *sampleScratch, lo, hi int) {
	d := p.product.m
	sum := take(&s.a, d)
	for i := lo; i < hi; i++ {
		for j := i * p.n; j < (i+1)*p.n; j++ {
			token, earlier := get(p.tokens, j), false
			for k := i * p.n; k < j && !earlier; k++ {
				earlier = get(p.tokens, k) == token
			}
			if earlier {
				continue
			}
			copy(sum, p.dy[j*d:])
			for k := j + 1; k < (i+1)*p.n; k++ {
				if get(p.tokens, k) == token {
					vec.Add(sum, sum, p.dy[k*d:(k+1)*d])
				}
			}
			p.squares[i] += square(sum)
		}
	}
}

func (cpu) addSquares(t, squares *Tensor, i int) {
	if t.dtype == Float32 {
		squares.f64()[i] += square(t.f32())
		return
	}
	for _, v := range t.f64() {
		squares.f64()[i] += v * v
	}
}

func (cpu) weighSamples(t, weights *Tensor, turned bool) {
	w, values := weights.f64(), t.f32()
	n := len(values) / len(w)
	if turned {
		n = len(values) / (t.shape[0] * len(w))
	}
	share(len(values)/max(n, 1), rowGrain(n), pass{dst: values, sums: w, n: n, f: func(p *pass, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := p.dst[i*p.n : (i+1)*p.n]
			vec.Scale(row, float32(p.sums[i%len(p.sums)]), row)
		}
	}})
}
