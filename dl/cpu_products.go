package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

func (m matrix) f32() []float32 { return m.data.([]float32)[m.at:] }
func (m matrix) f64() []float64 { return m.data.([]float64)[m.at:] }

func (cpu) multiply(c matrix, m, n, k int, a, b matrix, add bool) {
	if c.dtype == Float32 {
		multiply(a.turned, b.turned, m, n, k, a.f32(), a.stride, b.f32(), b.stride, c.f32(), add, gemm.Epilogue{})
		return
	}
	beta := 0.0
	if add {
		beta = 1
	}
	gemm.Dgemm(a.turned, b.turned, m, n, k, 1, a.f64(), a.stride, b.f64(), b.stride, beta, c.f64(), c.stride)
}

func (p cpu) batch(count int, c matrix, sc, m, n, k int, a matrix, sa int, b matrix, sb int, add bool) {
	if c.dtype == Float32 && MatMulPrecision() == PrecisionHighest {
		gemm.Batch(count, a.turned, b.turned, m, n, k, a.f32(), a.stride, sa, b.f32(), b.stride, sb, c.f32(), c.stride, sc, add)
		return
	}
	for i := range count {
		p.multiply(c.to(c.at+i*sc), m, n, k, a.to(a.at+i*sa), b.to(b.at+i*sb), add)
	}
}

// multiply computes c = op(a)*op(b), or adds it to c, and applies the epilogue.
func multiply(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, add bool, e gemm.Epilogue) {
	switch {
	case MatMulPrecision() == PrecisionMedium:
		gemm.SgemmBF16(transA, transB, m, n, k, a, lda, b, ldb, c, n, add, e)
	case add:
		gemm.Sgemm(transA, transB, m, n, k, 1, a, lda, b, ldb, 1, c, n)
	default:
		gemm.SgemmFused(transA, transB, m, n, k, a, lda, b, ldb, c, n, e)
	}
}

func (cpu) affine(a affine) {
	n, k, m := a.x.shape[0], a.x.shape[1], a.w.shape[1]
	if a.x.dtype != Float32 {
		product(false, false, n, m, k, a.x, a.w, a.before, false)
		finish(a.before, a.b, a.act == FuseReLU)
		if a.act == FuseGELU {
			for i, v := range a.before.f64() {
				a.y.f64()[i] = geluRule.f(v, params{})
			}
		}
		return
	}
	e := gemm.Epilogue{ReLU: a.act == FuseReLU, Bias: a.b.values()}
	if a.act == FuseGELU {
		g := takeGELU()
		defer g.release()
		g.out, g.cols, e.Finish = a.y.f32(), m, g
	}
	multiply(false, false, n, m, k, a.x.f32(), k, a.w.f32(), m, a.before.f32(), false, e)
}

// A geluFinisher writes the GELU of the rows of a product that are complete.
type geluFinisher struct {
	out  []float32
	cols int
}

func (g *geluFinisher) Finish(i, j int, c []float32) {
	vec.GELU(g.out[i*g.cols+j:][:len(c)], c)
}

// geluFinishers are kept, so that an operation allocates nothing.
var geluFinishers = sync.Pool{New: func() any { return new(geluFinisher) }}

func takeGELU() *geluFinisher { return geluFinishers.Get().(*geluFinisher) }

func (g *geluFinisher) release() {
	g.out = nil
	geluFinishers.Put(g)
}

// finish adds the bias to the rows of a float64 result and applies a ReLU.
func finish(out, b *Tensor, relu bool) {
	if b != nil {
		for i := range out.f64() {
			out.f64()[i] += b.f64()[i%len(b.f64())]
		}
	}
	if relu {
		for i, v := range out.f64() {
			out.f64()[i] = max(v, 0)
		}
	}
}

func (cpu) activationGrad(dy, t *Tensor, act Fusion) {
	switch {
	case dy.dtype == Float32 && act == FuseReLU:
		vec.ReluGrad(dy.f32(), dy.f32(), t.f32())
	case dy.dtype == Float32:
		share(len(dy.f32()), elementGrain, pass{dst: dy.f32(), a: t.f32(), f: func(p *pass, lo, hi int) {
			vec.GELUGrad(p.dst[lo:hi], p.dst[lo:hi], p.a[lo:hi])
		}})
	case act == FuseReLU:
		maskDoubles(dy.f64(), t.f64())
	default:
		for i, v := range t.f64() {
			dy.f64()[i] *= geluRule.d(v, 0, params{})
		}
	}
}

// maskDoubles is the gradient of a ReLU whose result is y.
func maskDoubles(dy, y []float64) {
	for i, v := range y {
		if !(v > 0) {
			dy[i] = 0
		}
	}
}
