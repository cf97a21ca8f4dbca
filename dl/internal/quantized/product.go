package quantized

import (
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A product is y = x w^T, whose rows of weights the threads share.
type product struct {
	w      Matrix
	y      []float32
	bias   []float32
	m      int
	packed []byte // rows of activations
}

// products keeps them, and their memory, between calls.
var products freelist.List[product]

// scratches are what threads need.
var scratches freelist.List[args]

// chunk is how many rows of activations are quantized at a time, which bounds the memory that is kept.
const chunk = 256

// Multiply computes y = x w^T + bias for m rows x, [m, w.Cols], and y, [m, w.Rows]. The bias may be nil.
func Multiply(y, x []float32, w *Matrix, bias []float32, m int) {
	if m == 0 || w.Rows == 0 {
		return
	}
	p := products.Take()
	p.w, p.bias = *w, bias
	size := packedSize(w.Format, w.Cols/Block)
	for i := 0; i < m; i += chunk {
		p.m, p.y = min(chunk, m-i), y[i*w.Rows:]
		if cap(p.packed) < p.m*size {
			p.packed = hugepages.Make[byte](p.m * size)
		}
		p.packed = p.packed[:p.m*size]
		for k := range p.m {
			quantize(w.Format, p.packed[k*size:(k+1)*size], x[(i+k)*w.Cols:(i+k+1)*w.Cols])
		}
		parallel.Run(w.Rows, 1+worth/max(1, w.Cols*p.m), p)
	}
	*p = product{packed: p.packed}
	products.Put(p)
}

// worth is how many multiply-adds are worth a part for a thread.
const worth = 1 << 16

// Range computes the results of rows of weights from lo to hi.
func (p *product) Range(lo, hi int) {
	a := scratches.Take()
	p.w.dots(a, p.y[lo:], p.w.Rows, p.packed, p.m, lo, hi)
	scratches.Put(a)
	if p.bias == nil {
		return
	}
	for i := range p.m {
		y := p.y[i*p.w.Rows+lo : i*p.w.Rows+hi]
		vec.Add(y, y, p.bias[lo:hi])
	}
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
