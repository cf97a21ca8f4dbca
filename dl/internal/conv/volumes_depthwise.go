package conv

import (
	"math"

	"modelbook/dl/internal/vec"
)

// Depthwise convolutions of volumes are those of images (depthwise.go): rows of the planes under a result lie between each
// other in a slab, [height, KD, columns, C], so that the taps of a window, in height and depth, are a regular distance
// apart, as those of an image with KH*KD taps in height. From a plane of the result to the next most of these stay where
// they are: a plane takes the slot of the one that is not needed any more, and weights are turned accordingly.

// depthwiseVolumes reports whether there are such distances.
func (g *Volumes) depthwiseVolumes() bool { return g.depthwise() && (g.DH == 1 || g.KD == 1) }

// slabSize is the number of elements of a slab: what stays in L2 beside what is read and written. (A variable for tests.)
var slabSize = 96 << 10

// noPlane is what a slot holds at first.
const noPlane = math.MinInt

// A slab is the rows of some planes of x that are under some places in height.
type slab struct {
	x             []float32
	in            box
	depth         *places
	y0, rows      int // the first row, and how many
	left, columns int
	held          []int // the planes in the slots
}

// turn is the slot of the first tap of place z.
func (b *slab) turn(z int) int {
	if b.depth.apart != 1 || b.depth.taps == 0 {
		return 0
	}
	turn := (b.depth.from + z*b.depth.move) % b.depth.taps
	if turn < 0 {
		turn += b.depth.taps
	}
	return turn
}

// begin makes a slab for some rows, of which nothing is there yet.
func (b *slab) begin(s *scratch, y0, rows int) {
	b.y0, b.rows, b.held = y0, rows, b.held[:0]
	for range b.depth.taps {
		b.held = append(b.held, noPlane)
	}
	s.patch = grow(s.patch, rows*b.depth.taps*b.columns*b.in.c)
}

// load copies the planes under place z that are not there, with zeros where they reach over the edge.
func (b *slab) load(s *scratch, z int) {
	c, wide := b.in.c, b.columns*b.in.c
	x0 := min(max(b.left, 0), b.left+b.columns)
	x1 := max(x0, min(b.left+b.columns, b.in.w)) // from x0 to x1 lies in x
	turn := b.turn(z)
	for k := range b.depth.taps {
		slot, plane := (turn+k)%b.depth.taps, b.depth.from+z*b.depth.move+k*b.depth.apart
		if b.held[slot] == plane {
			continue
		}
		b.held[slot] = plane
		for r := range b.rows {
			y, row := b.y0+r, s.patch[(r*b.depth.taps+slot)*wide:][:wide]
			if y < 0 || y >= b.in.h || plane < 0 || plane >= b.in.d || x0 == x1 {
				clear(row)
				continue
			}
			clear(row[:(x0-b.left)*c])
			copy(row[(x0-b.left)*c:(x1-b.left)*c], b.x[((plane*b.in.h+y)*b.in.w+x0)*c:])
			clear(row[(x1-b.left)*c:])
		}
	}
}

// some is for how many places of a kind in height a slab is made at a time.
func (b *slab) some(height *places) int {
	most := max(1, slabSize/(max(b.depth.taps, 1)*b.columns*b.in.c)) // rows
	return max(1, (most-(height.taps-1)*height.apart)/height.move)
}

// each calls f for the places of a kind in height, some at a time, and the places in depth z0 to z1-1 that are of its kind,
// with their rows in the slab.
func (b *slab) each(s *scratch, height *places, z0, z1 int, f func(i0, i1, z int)) {
	some := b.some(height)
	for i := 0; i < height.count; i += some {
		end := min(i+some, height.count)
		b.begin(s, height.from+i*height.move, (end-i-1)*height.move+(height.taps-1)*height.apart+1)
		for z := z0; z < z1; z++ {
			if d := z - b.depth.first; d >= 0 && d%b.depth.step == 0 && d/b.depth.step < b.depth.count {
				b.load(s, d/b.depth.step)
				f(i, end, d/b.depth.step)
			}
		}
	}
}

// packDepth writes the weights for each kind of places and each turn of a slab: [height, slots, width, C].
func (p *slide) packDepth(w []float32) {
	g := &p.kernel
	p.starts, p.packed = p.starts[:0], grow(p.packed, len(w)*g.KD)
	at := 0
	for _, d := range p.kinds[0] {
		for _, h := range p.kinds[1] {
			for _, k := range p.kinds[2] {
				p.starts = append(p.starts, at)
				for turn := range d.taps {
					for ky := range h.taps {
						for slot := range d.taps {
							kz := (slot - turn + d.taps) % d.taps
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
}

// planesDepth computes planes z0 to z1-1 of volume n of y.
func (p *slide) planesDepth(s *scratch, n, z0, z1 int) {
	c := p.out.c
	y := p.y[n*p.out.size():][:p.out.size()]
	b := &s.slab
	for d := range p.kinds[0] {
		*b = slab{x: p.x[n*p.in.size():][:p.in.size()], in: p.in, depth: &p.kinds[0][d], left: p.left, columns: p.columns, held: b.held}
		for h := range p.kinds[1] {
			height := &p.kinds[1][h]
			t := strip{y: y, bias: p.bias, relu: p.clip, channels: c, kh: height.taps * b.depth.taps, xRow: p.columns * c}
			if b.depth.taps == 1 {
				t.xRow *= height.apart
			}
			starts := p.starts[(d*len(p.kinds[1])+h)*len(p.kinds[2]):]
			b.each(s, height, z0, z1, func(i0, i1, z int) {
				t.x = s.patch
				for i := i0; i < i1; i++ {
					row := ((b.depth.first+z*b.depth.step)*p.out.h + height.first + i*height.step) * p.out.w
					for k := range p.kinds[2] {
						across := &p.kinds[2][k]
						if t.kh*across.taps == 0 {
							p.empty(y[row*c:][:p.out.w*c], across)
							continue
						}
						t.w, t.wAt = p.packed[starts[k]:], b.turn(z)*t.kh*across.taps*c
						t.count, t.kw, t.xStep, t.yStep = across.count, across.taps, across.move*c, across.step*c
						t.xTap, t.wRow, t.wTap = across.apart*c, across.taps*c, c
						t.xAt = ((i-i0)*height.move*b.depth.taps*p.columns + across.from - p.left) * c
						t.yAt = (row + across.first) * c
						t.row(&s.d)
					}
				}
			})
		}
	}
	b.x = nil
}

// planesDepth adds what comes from planes z0 to z1-1 of the result n to sums, [turns, KH, slots, KW, C].
func (p *volumeGrad) planesDepth(s *scratch, n, z0, z1 int, sums, bias []float32) {
	in, c, height := box{p.D, p.H, p.W, p.C}, p.C, &p.kinds[1]
	t := strip{y: p.dy[n*p.OD*p.OH*p.OW*c:], channels: c, count: p.OW, xStep: p.SW * c, yStep: c, kw: p.KW,
		xRow: p.columns * c, xTap: p.DW * c, wRow: p.KW * c, wTap: c}
	if p.KD == 1 {
		t.xRow *= p.DH
	}
	rows := p.KH * p.KD
	t.kh = rows
	if rows%3 == 0 {
		t.kh = 3 // for which there is a kernel
	}
	b := &s.slab
	*b = slab{x: p.x[n*in.size():][:in.size()], in: in, depth: &p.kinds[0], left: -p.PadLeft, columns: p.columns, held: b.held}
	b.each(s, height, z0, z1, func(i0, i1, z int) {
		t.x, t.w = s.patch, sums[b.turn(z)*len(p.dw):]
		for i := i0; i < i1; i++ {
			t.yAt = (z*p.OH + i) * p.OW * c
			for r := 0; r < rows; r += t.kh {
				t.xAt, t.wAt = (i-i0)*height.move*p.KD*p.columns*c+r*t.xRow, r*t.wRow
				t.taps(&s.d)
			}
		}
		p.addBias(s, bias, t.y[(z*p.OH+i0)*p.OW*c:(z*p.OH+i1)*p.OW*c])
	})
	b.x = nil
}

// eachVolume calls f for the planes lo to hi-1 through all volumes, each of some depth.
func eachVolume(lo, hi, depth int, f func(n, z0, z1 int)) {
	for lo < hi {
		n := lo / depth
		end := min(hi, (n+1)*depth)
		f(n, lo-n*depth, end-n*depth)
		lo = end
	}
}

// collectDepth collects the gradient of a tap from all parts and turns.
func (p *volumeGrad) collectDepth(to []float32, kz, ky, kx int) {
	clear(to)
	for part := range p.parts {
		for turn := range p.KD {
			from := ((part*p.KD+turn)*p.KH+ky)*p.KD + (kz+turn)%p.KD
			vec.Add(to, to, p.sums[(from*p.KW+kx)*len(to):][:len(to)])
		}
	}
}
