package gemm

import (
	"math"
	"unsafe"

	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// A BFloat16 is the upper half of a float32: its range, with 8 bits of precision.
type BFloat16 uint16

// ToBFloat16 returns the bfloat16 nearest to v, of two the even one; a NaN
// becomes a quiet NaN.
func ToBFloat16(v float32) BFloat16 {
	b := math.Float32bits(v)
	if v != v {
		return BFloat16(b>>16 | 0x40)
	}
	return BFloat16((b + 0x7FFF + b>>16&1) >> 16)
}

// Float32 returns the value of v, exactly.
func (v BFloat16) Float32() float32 { return math.Float32frombits(uint32(v) << 16) }

// Round writes the bfloat16 nearest to each value of src.
func Round(dst []BFloat16, src []float32) {
	n := bulk(len(src))
	if n > 0 && !roundRow(dst[:n], src[:n]) {
		n = 0
	}
	for i := n; i < len(src); i++ {
		dst[i] = ToBFloat16(src[i])
	}
}

// Widen writes the value of each bfloat16 of src.
func Widen(dst []float32, src []BFloat16) {
	n := bulk(len(src))
	if n > 0 && !widenRow(dst[:n], src[:n]) {
		n = 0
	}
	for i := n; i < len(src); i++ {
		dst[i] = src[i].Float32()
	}
}

// bulk is how many of n values the assembly takes.
func bulk(n int) int { return n &^ 15 }

// Bgemm computes C = A*B, or adds it to C if add is set, and applies the
// epilogue: A and B are bfloat16, sums and C are float32.
//
// Where the processor multiplies bfloat16, elements are taken two at a time
// along the depth, and such a pair is for everything but the micro-kernel what
// a float32 is in Sgemm. Like the instruction (VDPBF16PS), this takes
// subnormals as zero. Elsewhere A and B are widened.
func Bgemm(a, b Matrix[BFloat16], c Matrix[float32], add bool, e Epilogue) {
	m, n, k := sizes(a, b, c)
	bgemm(m, n, k, operand{half: a.Data, ld: a.Stride, transposed: a.Transposed}, operand{half: b.Data, ld: b.Stride, transposed: b.Transposed}, c, add, e)
}

// SgemmBF16 is Bgemm of float32 matrices, which it rounds to bfloat16.
func SgemmBF16(a, b, c Matrix[float32], add bool, e Epilogue) {
	m, n, k := sizes(a, b, c)
	bgemm(m, n, k, operand{full: a.Data, ld: a.Stride, transposed: a.Transposed}, operand{full: b.Data, ld: b.Stride, transposed: b.Transposed}, c, add, e)
}

// An operand is a matrix of bfloat16, or of float32 to be rounded.
type operand struct {
	half       []BFloat16
	full       []float32
	ld         int
	transposed bool
}

func bgemm(m, n, k int, a, b operand, c Matrix[float32], add bool, e Epilogue) {
	if m == 0 || n == 0 {
		return
	}
	kern := best
	if kern.pairs != nil {
		kern = kern.pairs
	}
	p, x, y := products.Take(), prepares.Take(), prepares.Take()
	*p = product{kern: kern, transA: a.transposed, transB: b.transposed, m: m, n: n, ldc: c.Stride, c: c.Data, add: add, e: e, partial: p.partial}
	x.run(kern, a.transposed, m, k, a)
	y.run(kern, !b.transposed, n, k, b)
	p.a, p.lda, p.b, p.ldb, p.k = x.dst, x.ld, y.dst, y.ld, x.depth
	p.run()
	p.release()
	x.release()
	y.release()
}

// A prepare makes a matrix whose rows or columns (across) run along the depth
// what the micro-kernel reads: pairs, or float32.
type prepare struct {
	operand
	pairs     bool
	across    bool // the depth runs from row to row
	rows      int  // of the result
	width, k  int  // elements of a row of the operand, and the depth
	dst       []float32
	ld, depth int
}

func (p *prepare) run(kern *Kernel, across bool, size, k int, o operand) {
	*p = prepare{operand: o, pairs: kern.dot, across: across, width: k, k: k, rows: size, depth: k, dst: p.dst}
	if p.pairs {
		p.depth = (k + 1) / 2
	}
	p.ld = p.depth
	if across {
		p.width, p.rows, p.ld = size, p.depth, size
	}
	if need := p.rows * p.ld; cap(p.dst) < need {
		p.dst = hugepages.Make[float32](need)
	} else {
		p.dst = p.dst[:need]
	}
	parallel.Run(p.rows, 1+(1<<14)/max(1, p.ld), p)
}

// Range prepares rows of the result.
func (p *prepare) Range(lo, hi int) {
	for i := lo; i < hi; i++ {
		dst := p.dst[i*p.ld : (i+1)*p.ld]
		switch {
		case p.pairs && p.across:
			p.interleave(halves(dst), 2*i)
		case p.pairs:
			d := halves(dst)
			p.row(d[:p.k], i)
			if p.k%2 > 0 {
				d[p.k] = 0
			}
		case p.half != nil:
			Widen(dst, p.half[i*p.operand.ld:][:p.width])
		default: // what is multiplied is rounded here, too
			for j, v := range p.full[i*p.operand.ld:][:p.width] {
				dst[j] = ToBFloat16(v).Float32()
			}
		}
	}
}

// row writes row i of the operand.
func (p *prepare) row(dst []BFloat16, i int) {
	if p.half != nil {
		copy(dst, p.half[i*p.operand.ld:][:p.width])
	} else {
		Round(dst, p.full[i*p.operand.ld:][:p.width])
	}
}

// interleave writes rows i and i+1 of the operand, element by element.
func (p *prepare) interleave(dst []BFloat16, i int) {
	n, from := p.width, i*p.operand.ld
	if i+1 == p.k { // the last row is alone
		for j := range n {
			dst[2*j+1] = 0
			if p.half != nil {
				dst[2*j] = p.half[from+j]
			} else {
				dst[2*j] = ToBFloat16(p.full[from+j])
			}
		}
		return
	}
	j := bulk(n)
	if p.half != nil {
		x, y := p.half[from:][:n], p.half[from+p.operand.ld:][:n]
		if j > 0 && !pairRows(dst, x[:j], y[:j]) {
			j = 0
		}
		for ; j < n; j++ {
			dst[2*j], dst[2*j+1] = x[j], y[j]
		}
		return
	}
	x, y := p.full[from:][:n], p.full[from+p.operand.ld:][:n]
	if j > 0 && !roundPairs(dst, x[:j], y[:j]) {
		j = 0
	}
	for ; j < n; j++ {
		dst[2*j], dst[2*j+1] = ToBFloat16(x[j]), ToBFloat16(y[j])
	}
}

// halves is the memory of pairs as single elements.
func halves(pairs []float32) []BFloat16 {
	if len(pairs) == 0 {
		return nil
	}
	return unsafe.Slice((*BFloat16)(unsafe.Pointer(&pairs[0])), 2*len(pairs))
}

var prepares freelist.List[prepare]

func (p *prepare) release() {
	p.operand = operand{}
	prepares.Put(p)
}
