package quantized

import (
	"math"
	"unsafe"

	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// Filters are weights of signed bytes, each filter's with a scale of its own, for windows of unsigned bytes: x =
// (q - Zero) * Scale. They are padded to groups of four filters, of a multiple of 64 bytes.
type Filters struct {
	Count int     // of filters
	Taps  int     // of a filter: its bytes without padding
	Scale float32 // of the bytes of x
	Zero  uint8   // the byte of x that means 0

	size    int     // of a filter, padded
	weights []int8  // [groups*4, size]
	offsets []int32 // -Zero times the sum of each filter
	scales  []float32
	bias    []float32
}

// NewFilters packs filters [count, taps], whose weights are w*scales, and a bias, which may be nil.
func NewFilters(count, taps int, w []int8, scales, bias []float32, scale float32, zero uint8) *Filters {
	groups := (count + 3) / 4
	f := &Filters{Count: count, Taps: taps, Scale: scale, Zero: zero, size: (taps + 63) / 64 * 64}
	f.weights, f.offsets = make([]int8, 4*groups*f.size), make([]int32, 4*groups)
	f.scales, f.bias = make([]float32, 4*groups), make([]float32, 4*groups)
	copy(f.bias, bias)
	for i := range count {
		sum := int32(0)
		for k, v := range w[i*taps : (i+1)*taps] {
			f.weights[i*f.size+k] = v
			sum += int32(v)
		}
		f.offsets[i], f.scales[i] = -int32(zero)*sum, scales[i]*scale
	}
	return f
}

// Quantize writes the bytes of values: the nearest integer to x/Scale, of two as near the even one, plus Zero, from 0 to
// 255; 0 for NaN.
func (f *Filters) Quantize(q []uint8, x []float32) {
	inverse, n := 1/f.Scale, 0
	if k := best.bytes; k != nil && len(x) >= Block {
		n = len(x) &^ (Block - 1)
		_ = q[n-1]
		k(&q[0], &x[0], int64(n), inverse, int32(f.Zero))
	}
	for i, v := range x[n:] {
		t := float32(v * inverse)
		if !(t > -256) {
			t = -256
		}
		q[n+i] = uint8(min(max(int(math.RoundToEven(float64(min(t, 512))))+int(f.Zero), 0), 255))
	}
}

// Windows says how windows lie in an image of bytes [N, H, W, C].
type Windows struct {
	N, H, W, C           int
	OH, OW, KH, KW       int
	StrideH, StrideW     int
	DilationH, DilationW int
	Top, Left            int
}

// filterArgs are those of the kernels, which read them by their offsets, and count groups down: keep the order.
type filterArgs struct {
	w       *int8
	x       *uint8 // one or two rows
	xStep   int64
	y       *float32
	yStep   int64 // bytes
	groups  int64
	size    int64 // bytes of a row
	offsets *int32
	scales  *float32
	bias    *float32
	relu    int64
}

// A convolving is one convolution, whose rows of results the threads share.
type convolving struct {
	f    *Filters
	g    Windows
	x    []uint8
	y    []float32
	relu bool
}

var (
	convolvings freelist.List[convolving]
	windows     freelist.List[windowScratch]
)

type windowScratch struct {
	a       filterArgs
	patches []uint8
	results []float32
}

// Convolve writes the float32 results [N, OH, OW, Count] for an image of bytes.
func (f *Filters) Convolve(y []float32, x []uint8, g Windows, relu bool) {
	c := convolvings.Take()
	*c = convolving{f, g, x, y, relu}
	parallel.Run(g.N*g.OH, 1+worth/max(1, g.OW*f.Count*f.Taps), c)
	*c = convolving{}
	convolvings.Put(c)
}

// Range computes rows of results, of which each is of OW windows.
func (c *convolving) Range(lo, hi int) {
	s := windows.Take()
	defer windows.Put(s)
	f, g := c.f, &c.g
	padded := len(f.offsets)
	if n := g.OW * f.size; cap(s.patches) < n {
		s.patches = hugepages.Make[uint8](n)
	}
	if cap(s.results) < 2*padded {
		s.results = hugepages.Make[float32](2 * padded)
	}
	patches := s.patches[:g.OW*f.size]
	for r := lo; r < hi; r++ {
		c.gather(patches, r/g.OH, r%g.OH)
		for i := 0; i < g.OW; i += 2 {
			m := min(2, g.OW-i)
			y := c.y[(r*g.OW+i)*f.Count:][:m*f.Count]
			if padded == f.Count {
				f.multiply(&s.a, y, patches[i*f.size:], m, c.relu)
				continue
			}
			results := s.results[:m*padded]
			f.multiply(&s.a, results, patches[i*f.size:], m, c.relu)
			for k := range m {
				copy(y[k*f.Count:(k+1)*f.Count], results[k*padded:])
			}
		}
	}
}

// gather copies the windows of a row of results, with Zero where they are beside the image.
func (c *convolving) gather(patches []uint8, n, oh int) {
	f, g := c.f, &c.g
	run := g.KW * g.C
	for ow := range g.OW {
		p := patches[ow*f.size:][:f.size]
		clear(p[f.Taps:]) // meets weights of 0, but is read
		for kh := range g.KH {
			to := p[kh*run:][:run]
			h, w := oh*g.StrideH-g.Top+kh*g.DilationH, ow*g.StrideW-g.Left
			if h < 0 || h >= g.H {
				fill(to, f.Zero)
				continue
			}
			row := c.x[(n*g.H+h)*g.W*g.C:][:g.W*g.C]
			if g.DilationW == 1 && w >= 0 && w+g.KW <= g.W {
				copy(to, row[w*g.C:])
				continue
			}
			for kw := range g.KW {
				tap := to[kw*g.C:][:g.C]
				if at := w + kw*g.DilationW; at < 0 || at >= g.W {
					fill(tap, f.Zero)
				} else {
					copy(tap, row[at*g.C:])
				}
			}
		}
	}
}

func fill(b []uint8, v uint8) {
	for i := range b {
		b[i] = v
	}
}

// multiply writes the results of one or two windows, for all filters with their padding.
func (f *Filters) multiply(a *filterArgs, y []float32, x []uint8, m int, relu bool) {
	n := len(f.offsets)
	if k := best.filters[m-1]; k != nil && f.size > 0 && n > 0 {
		_, _ = x[m*f.size-1], y[m*n-1]
		*a = filterArgs{&f.weights[0], &x[0], int64(f.size), &y[0], int64(4 * n), int64(n / 4), int64(f.size), &f.offsets[0], &f.scales[0], &f.bias[0], 0}
		if relu {
			a.relu = 1
		}
		k((*byte)(unsafe.Pointer(a)))
		return
	}
	for i := range m {
		row := x[i*f.size:][:f.size]
		for j := range n {
			sum := f.offsets[j]
			for k, w := range f.weights[j*f.size:][:f.size] {
				sum += int32(w) * int32(row[k])
			}
			v := float32(float64(sum)*float64(f.scales[j]) + float64(f.bias[j])) // as a multiply-add rounds
			if relu && v < 0 {
				v = 0
			}
			y[i*n+j] = v
		}
	}
}

// A rounding is Quantize of an image, which the threads share.
type rounding struct {
	f *Filters
	q []uint8
	x []float32
}

var roundings freelist.List[rounding]

// QuantizeAll is Quantize on all threads.
func (f *Filters) QuantizeAll(q []uint8, x []float32) {
	r := roundings.Take()
	*r = rounding{f, q, x}
	parallel.Run(len(x), 1<<14, r)
	*r = rounding{}
	roundings.Put(r)
}

// Range rounds the values from lo to hi.
func (r *rounding) Range(lo, hi int) { r.f.Quantize(r.q[lo:hi], r.x[lo:hi]) }
