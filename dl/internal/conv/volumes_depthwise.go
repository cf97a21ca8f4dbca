package conv

// Depthwise convolutions of volumes are those of images (depthwise.go): the rows of the planes under a result lie between
// each other in a slab, [height, KD, columns, C], so that the taps of a window, in height and depth, are a regular distance
// apart, as those of an image with KH*KD taps in height.

// depthwiseVolumes reports whether there are such distances.
func (g *Volumes) depthwiseVolumes() bool { return g.depthwise() && (g.DH == 1 || g.KD == 1) }

// slabSize is the number of elements of a slab: what stays in L2 beside what is read and written. (A variable for tests.)
var slabSize = 96 << 10

// slab copies rows from y0 on of the planes of x under place z, with zeros where they reach over the edge.
func (s *scratch) slab(x []float32, in box, depth *places, z, y0, rows, left, columns int) {
	wide := columns * in.c
	s.patch = grow(s.patch, rows*depth.taps*wide)
	x0 := min(max(left, 0), left+columns)
	x1 := max(x0, min(left+columns, in.w)) // from x0 to x1 lies in x
	for r := range rows {
		y := y0 + r
		for k := range depth.taps {
			row := s.patch[(r*depth.taps+k)*wide:][:wide]
			plane := depth.from + z*depth.move + k*depth.apart
			if y < 0 || y >= in.h || plane < 0 || plane >= in.d || x0 == x1 {
				clear(row)
				continue
			}
			clear(row[:(x0-left)*in.c])
			n := copy(row[(x0-left)*in.c:(x1-left)*in.c], x[((plane*in.h+y)*in.w+x0)*in.c:])
			clear(row[(x0-left)*in.c+n:])
		}
	}
}

// eachSlab calls f for some of the places of a kind in height at a time, with the first row of a slab for them.
func (s *scratch) eachSlab(x []float32, in box, depth *places, z int, height *places, left, columns int, f func(i0, i1 int)) {
	most := max(1, slabSize/(max(depth.taps, 1)*columns*in.c))      // rows
	some := max(1, (most-(height.taps-1)*height.apart)/height.move) // places
	for i := 0; i < height.count; i += some {
		end := min(i+some, height.count)
		s.slab(x, in, depth, z, height.from+i*height.move, (end-i-1)*height.move+(height.taps-1)*height.apart+1, left, columns)
		f(i, end)
	}
}

// packDepth writes the weights for each kind of places: [height, depth, width, C].
func (p *slide) packDepth(w []float32) {
	g := &p.kernel
	p.starts, p.packed = p.starts[:0], grow(p.packed, len(w))
	at := 0
	for _, d := range p.kinds[0] {
		for _, h := range p.kinds[1] {
			for _, k := range p.kinds[2] {
				p.starts = append(p.starts, at)
				for ky := range h.taps {
					for kz := range d.taps {
						for kx := range k.taps {
							from := ((d.tap+kz*d.next)*g.KH+h.tap+ky*h.next)*g.KW + k.tap + kx*k.next
							at += copy(p.packed[at:], w[from*g.C:][:g.C])
						}
					}
				}
			}
		}
	}
}

// planeDepth computes plane z of volume n of y.
func (p *slide) planeDepth(s *scratch, n, z int) {
	d, at := of(p.kinds[0], z)
	depth, c := &p.kinds[0][d], p.out.c
	y := p.y[(n*p.out.d+z)*p.out.plane():][:p.out.plane()]
	for h := range p.kinds[1] {
		height := &p.kinds[1][h]
		t := strip{y: y, bias: p.bias, relu: p.clip, channels: c, kh: height.taps * depth.taps, xRow: height.apart * p.columns * c}
		if depth.taps > 1 {
			t.xRow = p.columns * c
		}
		s.eachSlab(p.x[n*p.in.size():][:p.in.size()], p.in, depth, at, height, p.left, p.columns, func(i0, i1 int) {
			t.x = s.patch
			for i := i0; i < i1; i++ {
				row := (height.first + i*height.step) * p.out.w
				for k := range p.kinds[2] {
					across := &p.kinds[2][k]
					if t.kh*across.taps == 0 {
						p.empty(y[row*c:][:p.out.w*c], across)
						continue
					}
					t.w = p.packed[p.starts[(d*len(p.kinds[1])+h)*len(p.kinds[2])+k]:]
					t.count, t.kw, t.xStep, t.yStep = across.count, across.taps, across.move*c, across.step*c
					t.xTap, t.wRow, t.wTap = across.apart*c, across.taps*c, c
					t.xAt = ((i-i0)*height.move*depth.taps*p.columns + across.from - p.left) * c
					t.yAt = (row + across.first) * c
					t.row(&s.d)
				}
			}
		})
	}
}

// planeDepth adds what comes from plane z of the result n to sums, [KH, KD, KW, C].
func (p *volumeGrad) planeDepth(s *scratch, n, z int, sums []float32) {
	in, c := box{p.D, p.H, p.W, p.C}, p.C
	height := &p.kinds[1]
	t := strip{w: sums, y: p.dy[(n*p.OD+z)*p.OH*p.OW*c:], channels: c, count: p.OW, xStep: p.SW * c, yStep: c, kw: p.KW,
		xRow: p.columns * c, xTap: p.DW * c, wRow: p.KW * c, wTap: c}
	if p.KD == 1 {
		t.xRow *= p.DH
	}
	rows := p.KH * p.KD
	t.kh = rows
	if rows%3 == 0 {
		t.kh = 3 // for which there is a kernel
	}
	s.eachSlab(p.x[n*in.size():][:in.size()], in, &p.kinds[0], z, height, -p.PadLeft, p.columns, func(i0, i1 int) {
		t.x = s.patch
		for i := i0; i < i1; i++ {
			t.yAt = i * p.OW * c
			for r := 0; r < rows; r += t.kh {
				t.xAt, t.wAt = (i-i0)*height.move*p.KD*p.columns*c+r*t.xRow, r*t.wRow
				t.taps(&s.d)
			}
		}
	})
}
