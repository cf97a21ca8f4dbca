package conv

import "unsafe"

// A line is a linear function of two to four rows of vectors. Winograd's transformations are made of these: a matrix on the
// left of a tile is a line down its columns, its transpose on the right is the same line along its rows.
type line int

const (
	byInput        line = iota // B^T, of four
	byOutput                   // A^T, of four: two results
	byWeights                  // G, of three: four results
	byOutputGrad               // A, of two: four results
	byInputGrad                // B, of four
	byInputGradAdd             // the same, added to what is there
	byWeightsGrad              // G^T, of four: three results
	lineCount
)

// The matrices are those of F(2, 3): Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
var oracles = [lineCount]struct {
	in, out int
	add     bool
	f       func(x [4]float32) [4]float32
}{
	byInput:  {4, 4, false, func(x [4]float32) [4]float32 { return [4]float32{x[0] - x[2], x[1] + x[2], x[2] - x[1], x[1] - x[3]} }},
	byOutput: {4, 2, false, func(x [4]float32) [4]float32 { return [4]float32{x[0] + x[1] + x[2], x[1] - x[2] - x[3]} }},
	byWeights: {3, 4, false, func(x [4]float32) [4]float32 {
		s, m := (x[0]+x[2])/2, x[1]/2
		return [4]float32{x[0], s + m, s - m, x[2]}
	}},
	byOutputGrad:   {2, 4, false, func(x [4]float32) [4]float32 { return [4]float32{x[0], x[0] + x[1], x[0] - x[1], -x[1]} }},
	byInputGrad:    {4, 4, false, inputGrad},
	byInputGradAdd: {4, 4, true, inputGrad},
	byWeightsGrad: {4, 3, false, func(x [4]float32) [4]float32 {
		s := (x[1] + x[2]) / 2
		return [4]float32{x[0] + s, (x[1] - x[2]) / 2, s + x[3]}
	}},
}

func inputGrad(x [4]float32) [4]float32 {
	return [4]float32{x[0], x[1] - x[2] + x[3], x[1] + x[2] - x[0], -x[3]}
}

// lines is one call of a kernel of lines. Distances are in bytes. The assembly reads the fields by their offsets: keep the
// order.
type lines struct {
	src, dst         *float32
	count, vecs      int64 // runs, and vectors of a run
	srcTap, dstTap   int64 // from an operand, or a result, to the next
	srcStep, dstStep int64 // from a run to the next
}

// rows are where the operands or the results of a line lie: they begin tap apart, and those of the next run step further.
type rows struct {
	data      []float32
	tap, step int
}

// line applies k to count runs of n elements, a multiple of 16. The results may take the place of the operands.
func (s *scratch) line(k line, dst, src *rows, count, n int) {
	if count == 0 || n == 0 {
		return
	}
	o := &oracles[k]
	_, _ = src.data[(o.in-1)*src.tap+(count-1)*src.step+n-1], dst.data[(o.out-1)*dst.tap+(count-1)*dst.step+n-1]
	if v := vecs(n); v > 0 {
		l := &s.l // field by field: a whole struct would wait for the stores before it
		l.src, l.dst, l.count, l.vecs = &src.data[0], &dst.data[0], int64(count), int64(v)
		l.srcTap, l.dstTap, l.srcStep, l.dstStep = int64(4*src.tap), int64(4*dst.tap), int64(4*src.step), int64(4*dst.step)
		best.lines[k]((*byte)(unsafe.Pointer(&s.l)))
		return
	}
	for run := range count {
		for i := range n {
			var x [4]float32
			for t := range o.in {
				x[t] = src.data[t*src.tap+run*src.step+i]
			}
			x = o.f(x)
			for t := range o.out {
				at := t*dst.tap + run*dst.step + i
				if o.add {
					x[t] += dst.data[at]
				}
				dst.data[at] = x[t]
			}
		}
	}
}
