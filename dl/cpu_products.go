package dl

import (
	"sync"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

// matrix32, matrix64 and operands32 are no methods: a cell that holds a tensor would
// compile the generic type that they return.

func matrix32(m *matrix, rows, cols int) gemm.Matrix[float32] {
	return gemm.Matrix[float32]{Data: m.data.([]float32)[m.at:], Rows: rows, Cols: cols, Stride: m.stride, Transposed: m.turned}
}

func matrix64(m *matrix, rows, cols int) gemm.Matrix[float64] {
	return gemm.Matrix[float64]{Data: m.data.([]float64)[m.at:], Rows: rows, Cols: cols, Stride: m.stride, Transposed: m.turned}
}

func operands32(p *product) (a, b, c gemm.Matrix[float32]) {
	return matrix32(&p.a, p.m, p.k), matrix32(&p.b, p.k, p.n), matrix32(&p.c, p.m, p.n)
}

func (cpu) multiply(p product) {
	if p.c.dtype == Float32 {
		a, b, c := operands32(&p)
		multiply(a, b, c, p.add, gemm.Epilogue{})
		return
	}
	beta := 0.0
	if p.add {
		beta = 1
	}
	gemm.Dgemm(1, matrix64(&p.a, p.m, p.k), matrix64(&p.b, p.k, p.n), beta, matrix64(&p.c, p.m, p.n))
}

func (c cpu) multiplyShared(p sharedProducts) {
	if p.dy.dtype == Float32 && MatMulPrecision() != PrecisionMedium {
		s := gemm.Shared{B: gemm.Of(p.dy.f32(), p.dy.shape[0], p.dy.shape[1]), Sums: p.sums.values()}
		for i := range p.each {
			if e := &p.each[i]; e.m > 0 {
				s.Each[i] = gemm.SharedPart{A: matrix32(&e.a, e.m, e.k).T(), C: matrix32(&e.c, e.m, e.n), At: (e.b.at - p.dy.offset) / e.b.stride, Add: e.add}
			}
		}
		s.Sgemm()
		return
	}
	for _, e := range p.each {
		if e.m > 0 {
			c.multiply(e)
		}
	}
	if p.sums != nil {
		c.sumTo(p.dy, p.sums)
	}
}

func (p cpu) batch(b batch) {
	if b.c.dtype == Float32 && MatMulPrecision() == PrecisionHighest {
		x, y, z := operands32(&b.product)
		gemm.Batch{Count: b.count, StepA: b.stepA, StepB: b.stepB, StepC: b.stepC}.Sgemm(x, y, z, b.add)
		return
	}
	for i := range b.count {
		p.multiply(b.at(i))
	}
}

// multiply computes c = a*b, or adds it to c, or applies the epilogue.
func multiply(a, b, c gemm.Matrix[float32], add bool, e gemm.Epilogue) {
	switch {
	case MatMulPrecision() == PrecisionMedium:
		gemm.SgemmBF16(a, b, c, add, e)
	case add:
		gemm.Sgemm(1, a, b, 1, c)
	default:
		gemm.SgemmFused(a, b, c, e)
	}
}

func (cpu) affine(a affine) {
	n, k, m := a.x.shape[0], a.x.shape[1], a.w.shape[1]
	if a.x.dtype != Float32 {
		multiplyFlat(a.before, a.x, a.w, false, false, false)
		finish(a.before, a.b, a.act == FuseReLU)
		if a.added != nil {
			for i, v := range a.added.f64() {
				a.y.f64()[i] += v
			}
		}
		if a.act == FuseGELU {
			for i, v := range a.before.f64() {
				a.y.f64()[i] = geluRule.f(v, params{})
			}
		}
		return
	}
	e := gemm.Epilogue{ReLU: a.act == FuseReLU, Bias: a.b.values()}
	if a.act == FuseGELU || a.added != nil {
		f := takeFinisher()
		defer f.release()
		f.cols, e.Finish = m, f
		if a.act == FuseGELU {
			f.gelu = a.y.f32()
		} else {
			f.added = a.added.f32()
		}
	}
	x, w, y := gemm.Of(a.x.f32(), n, k), gemm.Of(a.w.f32(), k, m), gemm.Of(a.before.f32(), n, m)
	if n == 1 && len(a.w.data.([]float32)) == k*m && MatMulPrecision() != PrecisionMedium {
		gemm.SgemmSparse(x, w, y, e, (*finiteness)(a.w.storage))
		return
	}
	multiply(x, w, y, false, e)
}

// An affineFinisher ends the rows of a product that are complete: it writes their GELU, or adds others to them.
type affineFinisher struct {
	gelu, added []float32 // one of these
	cols        int
}

func (f *affineFinisher) Finish(i, j int, c []float32) {
	if at := i*f.cols + j; f.gelu != nil {
		vec.GELU(f.gelu[at:][:len(c)], c)
	} else {
		vec.Add(c, c, f.added[at:][:len(c)])
	}
}

// affineFinishers are kept, so that an operation allocates nothing.
var affineFinishers = sync.Pool{New: func() any { return new(affineFinisher) }}

func takeFinisher() *affineFinisher { return affineFinishers.Get().(*affineFinisher) }

func (f *affineFinisher) release() {
	*f = affineFinisher{}
	affineFinishers.Put(f)
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
