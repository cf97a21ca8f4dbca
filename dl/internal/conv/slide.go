package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A slide computes volumes y from volumes x: a convolution, or, with x the gradient of its result, the gradient of its
// input, which is a convolution, too, of the places of each kind.
//
// For a row of pixels of y, the rows of x under it, of all taps in depth and height, are copied together, column by column,
// in a strip, with zeros where they reach over the edge. A window then lies in one piece in the strip, and the next one
// begins a column or more further: a matrix that gemm's micro-kernel reads where it lies. So pixels are copied KD*KH times,
// not KD*KH*KW times.
type slide struct {
	n       int
	in, out box
	groups  int
	kinds   [3][]places // in depth, height and width
	left    int         // the first column of a strip
	columns int
	x, y    []float32
	bias    []float32 // nil: none
	clip    bool

	kernel   Volumes // whose weights, and
	backward bool    // whether they are transposed
	apart    bool    // each channel by itself: see volumes_depthwise.go
	packed   []float32
	starts   []int // where those of the kinds begin in packed
	tiled    volumeTiles
}

// A box is the size of a volume.
type box struct{ d, h, w, c int }

func (b box) plane() int { return b.h * b.w * b.c }
func (b box) size() int  { return b.d * b.plane() }

var slides freelist.List[slide]

func (p *slide) release() {
	p.x, p.y, p.bias = nil, nil, nil
	slides.Put(p)
}

func (p *slide) forward(g Volumes) {
	p.begin(g, false, box{g.D, g.H, g.W, g.C}, box{g.OD, g.OH, g.OW, g.F})
	g = p.kernel
	p.kinds[0] = append(p.kinds[0], ahead(g.OD, g.KD, g.SD, g.DD, g.PadFront))
	p.kinds[1] = append(p.kinds[1], ahead(g.OH, g.KH, g.SH, g.DH, g.PadTop))
	p.kinds[2] = append(p.kinds[2], ahead(g.OW, g.KW, g.SW, g.DW, g.PadLeft))
}

func (p *slide) back(g Volumes) {
	p.begin(g, true, box{g.OD, g.OH, g.OW, g.F}, box{g.D, g.H, g.W, g.C})
	g = p.kernel
	p.kinds[0] = behind(p.kinds[0], g.D, g.KD, g.SD, g.DD, g.PadFront)
	p.kinds[1] = behind(p.kinds[1], g.H, g.KH, g.SH, g.DH, g.PadTop)
	p.kinds[2] = behind(p.kinds[2], g.W, g.KW, g.SW, g.DW, g.PadLeft)
}

func (p *slide) begin(g Volumes, backward bool, in, out box) {
	g.Geometry = g.complete()
	g.SD, g.DD = max(g.SD, 1), max(g.DD, 1)
	p.n, p.in, p.out, p.groups, p.kernel, p.backward = g.N, in, out, g.G, g, backward
	p.bias, p.clip = nil, false
	for i := range p.kinds {
		p.kinds[i] = p.kinds[i][:0]
	}
}

func (p *slide) run(w []float32) {
	if p.n*p.out.size() == 0 {
		return
	}
	if planes := p.planes(); planes.winogradVolumes(p.n * p.out.d) {
		v := &p.tiled
		v.begin(planes, p.n, p.in.d, p.out.d, p.kinds[0])
		v.x, v.y, v.bias, v.clip = p.x, p.y, p.bias, p.clip
		v.slide(p.turned(w), p.kernel.KD)
		v.end()
		return
	}
	if p.apart = p.kernel.depthwiseVolumes(); p.apart {
		p.packDepth(w)
	} else {
		p.pack(w)
	}
	end := 0
	p.left = 0
	for i, k := range p.kinds[2] {
		if i == 0 || k.from < p.left {
			p.left = k.from
		}
		end = max(end, k.from+(k.count-1)*k.move+max(k.taps-1, 0)*k.apart+1)
	}
	p.columns = end - p.left
	parallel.Run(p.n*p.out.d, 1, p)
}

// planes is the convolution in planes, of strides of 1, that this one is.
func (p *slide) planes() Geometry {
	g := p.kernel.Geometry
	g.H, g.W, g.C, g.F, g.OH, g.OW = p.in.h, p.in.w, p.in.c, p.out.c, p.out.h, p.out.w
	g.PadTop, g.PadLeft = -p.kinds[1][0].from, -p.kinds[2][0].from
	return g
}

// turned are the weights [KD, KH, KW, in, out]: those of a gradient turned in each plane.
func (p *slide) turned(w []float32) []float32 {
	if !p.backward {
		return w
	}
	g := &p.kernel
	n, size := g.KH*g.KW, g.C*g.F
	p.packed = grow(p.packed, len(w))
	for tap := range g.KD * n {
		gemm.Transpose(p.packed[(tap/n*n+n-1-tap%n)*size:], g.C, w[tap*size:], g.F, g.C, g.F)
	}
	return p.packed
}

// pack writes the weights as the products read them: for each kind of places and each group, panels of filters, in which
// those of each tap, in the order width, depth, height, follow each other.
func (p *slide) pack(w []float32) {
	g, cols := &p.kernel, gemm.Best().Cols
	channels, filters := p.in.c/p.groups, p.out.c/p.groups
	wide := (filters + cols - 1) / cols * cols
	taps := 0
	p.starts = p.starts[:0]
	for _, d := range p.kinds[0] {
		for _, h := range p.kinds[1] {
			for _, k := range p.kinds[2] {
				p.starts = append(p.starts, taps*p.in.c*wide)
				taps += d.taps * h.taps * k.taps
			}
		}
	}
	p.packed = grow(p.packed, taps*p.in.c*wide)
	inner, outer := g.C/g.G, g.F
	each := 0
	for _, d := range p.kinds[0] {
		for _, h := range p.kinds[1] {
			for _, k := range p.kinds[2] {
				n := d.taps * h.taps * k.taps
				to := p.packed[p.starts[each]:]
				each++
				for t := range n {
					kx, kz, ky := k.tap+t/(d.taps*h.taps)*k.next, d.tap+t/h.taps%d.taps*d.next, h.tap+t%h.taps*h.next
					from := w[((kz*g.KH+ky)*g.KW+kx)*inner*outer:]
					for group := range p.groups {
						for f := 0; f < filters; f += cols {
							dst, count := to[group*n*channels*wide+f*n*channels+t*channels*cols:], min(cols, filters-f)
							if p.backward {
								gemm.Transpose(dst, cols, from[f*outer+group*channels:], outer, count, channels)
								continue
							}
							for i := range channels {
								copy(dst[i*cols:][:count], from[i*outer+group*filters+f:])
							}
						}
					}
				}
			}
		}
	}
}

// Range computes the planes of y numbered lo to hi-1 through all volumes.
func (p *slide) Range(lo, hi int) {
	s := scratches.Take()
	if p.apart {
		eachVolume(lo, hi, p.out.d, func(n, z0, z1 int) { p.planesDepth(s, n, z0, z1) })
		lo = hi
	}
	for i := lo; i < hi; i++ {
		n, z := i/p.out.d, i%p.out.d
		d, at := of(p.kinds[0], z)
		for y := range p.out.h {
			h, across := of(p.kinds[1], y)
			row := p.y[((i)*p.out.h+y)*p.out.w*p.out.c:][:p.out.w*p.out.c]
			p.row(s, p.x[n*p.in.size():][:p.in.size()], row, d, at, h, across)
		}
	}
	s.release()
}

// row computes a row of y, that is place z of kind d in depth, and y of kind h in height.
func (p *slide) row(s *scratch, x, row []float32, d, z, h, y int) {
	depth, height := &p.kinds[0][d], &p.kinds[1][h]
	kern, t := gemm.Best(), &s.t
	channels, filters := p.in.c/p.groups, p.out.c/p.groups
	wide := (filters + kern.Cols - 1) / kern.Cols * kern.Cols
	z0, z1 := depth.inside(z, p.in.d, channels)
	taps := (z1 - z0) * height.taps
	column := taps * p.in.c
	if taps > 0 {
		var before []float32
		if y > 0 && len(p.kinds[1]) == 1 {
			before = s.patch // it is moved
		}
		s.patch = grow(s.patch, p.columns*column)
		s.strip(s.patch, before, x, p.in, p.groups, depth, z, z0, z1, height, y, p.left, p.columns)
	}
	for k := range p.kinds[2] {
		across := &p.kinds[2][k]
		if taps*across.taps == 0 {
			p.empty(row, across)
			continue
		}
		n := depth.taps * height.taps * across.taps * channels // of weights of a filter
		w := p.packed[p.starts[(d*len(p.kinds[1])+h)*len(p.kinds[2])+k]:]
		t.AI, t.AK, t.Ldc = int64(across.move*column), 1, int64(across.step*p.out.c)
		t.BK, t.BN = int64(kern.Cols), int64(n*kern.Cols)
		pieces := across.taps // of a window in the strip, and of its weights
		if across.apart == 1 && p.groups == 1 && z1-z0 == depth.taps {
			pieces = 1
		}
		t.K = int64(taps * across.taps / pieces * channels)
		for group := range p.groups {
			tiles(kern, across.count, func(i, rows int) {
				t.C = &row[(across.first+i*across.step)*p.out.c+group*filters]
				t.Flags, t.Bias = 0, nil
				for piece := range pieces {
					if piece == pieces-1 {
						p.finish(t, group*filters)
					}
					t.A = &s.patch[(across.from-p.left+i*across.move+piece*across.apart)*column+group*taps*channels]
					t.B = &w[group*n*wide+(piece*n/pieces+z0*height.taps*channels)*kern.Cols]
					kern.Run(t, rows, filters)
					t.Flags = gemm.Add
				}
			})
		}
	}
}

// finish makes a tile add the bias and apply ReLU.
func (p *slide) finish(t *gemm.Tile, filter int) {
	if p.bias != nil {
		t.Bias = &p.bias[filter]
	}
	if p.clip {
		t.Flags |= gemm.ReLU
	}
}

// empty writes the pixels to which no tap leads.
func (p *slide) empty(row []float32, across *places) {
	for i := range across.count {
		pixel := row[(across.first+i*across.step)*p.out.c:][:p.out.c]
		if clear(pixel); p.bias != nil {
			copy(pixel, p.bias)
		}
		if p.clip {
			vec.Relu(pixel, pixel)
		}
	}
}

// strip writes the columns [Groups, KD, KH, C/Groups], from left on, of the rows of x under a row of a result, place z and y
// of the kinds depth and height; in depth of the taps z0 to z1-1. Before is the strip of the row above, nil if there is none.
func (s *scratch) strip(to, before, x []float32, in box, groups int, depth *places, z, z0, z1 int, height *places, y, left, columns int) {
	taps, channels := (z1-z0)*height.taps, in.c/groups
	column := taps * in.c
	x0 := min(max(left, 0), left+columns)
	x1 := max(x0, min(left+columns, in.w)) // from x0 to x1 lies in x
	first, end := depth.within(z, in.d)
	y0, y1 := height.within(y, in.h)
	ky := 0
	switch whole := first <= z0 && end >= z1 && y0 == 0 && y1 == height.taps; {
	case before != nil && channels <= 4 && height.move == height.apart:
		// The rows are those of the strip before, each a tap further, and one more.
		ky = height.taps - 1
		copy(to, before[channels:columns*column])
		for kz := range z1 - z0 {
			for group := range groups {
				last := to[(group*taps+kz*height.taps+ky)*channels:]
				if kz+z0 < first || kz+z0 >= end || y1 < height.taps {
					blank(last, column, columns, channels)
					continue
				}
				blank(last, column, x0-left, channels)
				blank(last[min((x1-left)*column, len(last)):], column, left+columns-x1, channels)
			}
		}
	case whole:
		clear(to[:(x0-left)*column])
		clear(to[(x1-left)*column : columns*column])
	default:
		clear(to[:columns*column])
	}
	if x0 == x1 {
		return
	}
	for kz := max(z0, first); kz < min(z1, end); kz++ {
		plane := x[(depth.from+z*depth.move+kz*depth.apart)*in.plane():]
		for ky := max(y0, ky); ky < y1; ky++ {
			row := plane[((height.from+y*height.move+ky*height.apart)*in.w+x0)*in.c:]
			for group := range groups {
				dst := to[(x0-left)*column+(group*taps+(kz-z0)*height.taps+ky)*channels:]
				s.interleave(dst, column, row[group*channels:], in.c, x1-x0, channels)
			}
		}
	}
}

// interleave is copyRuns, faster for runs of a few elements.
func (s *scratch) interleave(dst []float32, dstStep int, src []float32, srcStep, count, n int) {
	if n > 4 {
		s.copyRuns(dst, dstStep, src, srcStep, count, n, false)
		return
	}
	for k := range n {
		to, from := k, k
		for range count {
			dst[to] = src[from]
			to, from = to+dstStep, from+srcStep
		}
	}
}

// blank clears count runs of n elements.
func blank(dst []float32, step, count, n int) {
	for k := range n {
		at := k
		for range count {
			dst[at] = 0
			at += step
		}
	}
}
