package vec

import "math"

// A rowBlock is what a kernel of many rows is called with. The assembly reads the fields by their offsets: keep the order.
type rowBlock struct {
	x, d              *float32
	xStep, dStep      int64 // bytes from row to row
	rows              int64
	first, more, most int64 // row i has min(first + i*more, most) elements
	a, b              *float32
	scale, factor     float32
}

// Scores is a block of rows, Stride apart, as attention has them: the first has First elements, each other one More than
// the row before, but at most Most. There is at least one element in each. Behind them, a row has room for what is missing
// to a multiple of 16 and 16 more.
type Scores struct {
	Rows, Stride, First, More, Most int
}

// count is the number of elements of row i.
func (s Scores) count(i int) int { return min(s.First+i*s.More, s.Most) }

func (s Scores) block(x []float32) (b rowBlock) {
	b.x, b.xStep, b.rows = &x[:(s.Rows-1)*s.Stride+s.wide(s.Rows-1)][0], int64(4*s.Stride), int64(s.Rows)
	b.first, b.more, b.most = int64(s.First), int64(s.More), int64(s.Most)
	return b
}

// wide is how many elements of row i are written.
func (s Scores) wide(i int) int { return (s.count(i)+15)&^15 + 16 }

// Exp replaces each row of x by e^(x*scale - largest), where largest is that of itself and the row's x*scale, and writes
// the sums; elements behind a row become 0. scale is above 0. A row of -Inf alone becomes 0.
func (s Scores) Exp(x []float32, scale float32, largest, sum []float32) {
	if s.Rows == 0 {
		return
	}
	largest, sum = largest[:s.Rows], sum[:s.Rows]
	if best.masks {
		b := s.block(x)
		b.a, b.b, b.scale = &largest[0], &sum[0], scale
		b.softmax()
		return
	}
	for i := range largest {
		row := x[i*s.Stride:][:s.wide(i)]
		n := s.count(i)
		clear(row[n:])
		largest[i] = max(largest[i], scale*Max(row[:n]))
		if largest[i] == lowest {
			clear(row)
			sum[i] = 0
			continue
		}
		sum[i] = ExpSum(row[:n], row[:n], scale, largest[i])
	}
}

// Again computes y = e^(x*scale - shift) for each row of x, and from the gradients d of y those of x, factor*y*(d - dot);
// elements behind a row become 0.
func (s Scores) Again(x, d []float32, scale float32, shift, dot []float32, factor float32) {
	if s.Rows == 0 {
		return
	}
	shift, dot = shift[:s.Rows], dot[:s.Rows]
	if best.masks {
		b := s.block(x)
		b.d, b.dStep = &d[:(s.Rows-1)*s.Stride+s.wide(s.Rows-1)][0], b.xStep
		b.a, b.b, b.scale, b.factor = &shift[0], &dot[0], scale, factor
		b.softmaxAgain()
		return
	}
	for i := range shift {
		y, g := x[i*s.Stride:][:s.wide(i)], d[i*s.Stride:][:s.wide(i)]
		n := s.count(i)
		clear(y[n:])
		clear(g[n:])
		SoftmaxAgain(y[:n], g[:n], scale, shift[i], dot[i], factor)
	}
}

// DotPairs writes the sums of the products of rows of x, n elements each and xStride apart, and rows of y.
func DotPairs(dst, x []float32, xStride int, y []float32, yStride, n int) {
	if len(dst) == 0 {
		return
	}
	if last := len(dst) - 1; best.masks && n > 0 && n <= block {
		var b rowBlock
		b.x, b.d, b.xStep, b.dStep = &x[:last*xStride+n][0], &y[:last*yStride+n][0], int64(4*xStride), int64(4*yStride)
		b.rows, b.first, b.most, b.a, b.b = int64(len(dst)), int64(n), int64(n), &dst[0], &dst[0]
		b.dots()
		return
	}
	for i := range dst {
		dst[i] = float32(Dot(x[i*xStride:][:n], y[i*yStride:][:n]))
	}
}

// ScaleRows multiplies rows of x, n elements each and stride apart, by a factor each.
func ScaleRows(x []float32, stride, n int, factors []float32) {
	if len(factors) == 0 {
		return
	}
	if last := len(factors) - 1; best.masks && n > 0 {
		var b rowBlock
		b.x, b.xStep, b.rows, b.first, b.most = &x[:last*stride+n][0], int64(4*stride), int64(len(factors)), int64(n), int64(n)
		b.a, b.b = &factors[0], &factors[0]
		b.times()
		return
	}
	for i, f := range factors {
		row := x[i*stride:][:n]
		Scale(row, f, row)
	}
}

var lowest = float32(math.Inf(-1))
