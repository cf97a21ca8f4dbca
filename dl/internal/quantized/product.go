package quantized

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// FewRows is the most rows of activations that are quantized. With more, weights are made float32: see product.many.
const FewRows = 8

// A product is y = x w^T, whose rows of weights the threads share.
type product struct {
	w      Matrix
	x, y   []float32
	bias   []float32
	m      int
	packed []byte // rows of activations; nil: they are many
}

// products keeps them, and their memory, between calls.
var products freelist.List[product]

// A scratch is what a thread needs.
type scratch struct {
	a       args
	weights []float32
	panel   gemm.Packed
}

var scratches freelist.List[scratch]

// Multiply computes y = x w^T + bias for m rows x, [m, w.Cols], and y, [m, w.Rows]. The bias may be nil.
func Multiply(y, x []float32, w *Matrix, bias []float32, m int) {
	if m == 0 || w.Rows == 0 {
		return
	}
	p := products.Take()
	packed := p.packed
	*p = product{w: *w, x: x, y: y, bias: bias, m: m, packed: packed[:0]}
	grain := 1
	if m <= FewRows {
		size := packedSize(w.Format, w.Cols/Block)
		if cap(packed) < m*size {
			packed = make([]byte, m*size)
		}
		p.packed = packed[:m*size]
		for i := range m {
			quantize(w.Format, p.packed[i*size:(i+1)*size], x[i*w.Cols:(i+1)*w.Cols])
		}
		grain = 1 + worth/max(1, w.Cols*m)
		parallel.Run(w.Rows, grain, p)
	} else {
		parallel.Run((w.Rows+panelRows-1)/panelRows, 1, (*manyRows)(p))
	}
	packed = p.packed
	*p = product{packed: packed}
	products.Put(p)
}

// worth is how many multiply-adds are worth a part for a thread.
const worth = 1 << 16

// Range computes the results of rows of weights from lo to hi.
func (p *product) Range(lo, hi int) {
	s := scratches.Take()
	p.w.dots(&s.a, p.y[lo:], p.w.Rows, p.packed, p.m, lo, hi)
	scratches.Put(s)
	p.finish(lo, hi)
}

// finish adds the bias to columns of the result.
func (p *product) finish(lo, hi int) {
	if p.bias == nil {
		return
	}
	for i := range p.m {
		y := p.y[i*p.w.Rows+lo : i*p.w.Rows+hi]
		vec.Add(y, y, p.bias[lo:hi])
	}
}

// manyRows is a product whose weights are made float32, panel by panel of the micro-kernel of package gemm, each for all
// rows of activations.
type manyRows product

// panelRows is the number of rows of weights in a panel.
const panelRows = 32

// Range computes the results of panels from lo to hi.
func (p *manyRows) Range(lo, hi int) {
	s := scratches.Take()
	k := p.w.Cols
	if cap(s.weights) < panelRows*k {
		s.weights = make([]float32, panelRows*k)
	}
	for i := lo; i < hi; i++ {
		from, to := i*panelRows, min(p.w.Rows, (i+1)*panelRows)
		weights := s.weights[:(to-from)*k]
		p.w.Format.Dequantize(weights, p.w.row(from, to))
		s.panel.Pack(gemm.Of(weights, to-from, k).T())
		y := gemm.Matrix[float32]{Data: p.y[from:], Rows: p.m, Cols: to - from, Stride: p.w.Rows}
		s.panel.Sgemm(gemm.Of(p.x, p.m, k), y, false)
		(*product)(p).finish(from, to)
	}
	scratches.Put(s)
}

// A conversion makes float32 of a matrix.
type conversion struct {
	w   Matrix
	out []float32
}

var conversions freelist.List[conversion]

// Dequantize writes the weights, [w.Rows, w.Cols].
func (w *Matrix) Dequantize(out []float32) {
	c := conversions.Take()
	*c = conversion{*w, out}
	parallel.Run(w.Rows, 1+worth/max(1, w.Cols), c)
	*c = conversion{}
	conversions.Put(c)
}

// Range converts the rows from lo to hi.
func (c *conversion) Range(lo, hi int) {
	c.w.Format.Dequantize(c.out[lo*c.w.Cols:hi*c.w.Cols], c.w.row(lo, hi))
}
