package conv

import (
	"modelbook/dl/internal/parallel"
)

// Volumes with kernels of 3 x 3 taps in height and width go by Winograd's algorithm (winograd.go) in their planes: the tiles
// of a plane are transformed once for all taps in depth, whose products are added up before they are transformed back. So
// transformations cost less beside the products than those of images do.
type volumeTiles struct {
	job              // the planes, with memory for weights and their gradients
	n       int      // volumes
	in, out int      // planes of a volume of x and y
	depth   []places // along the depth
	chunks  []chunk  // of these
	per     int      // rows of tiles of a block
	blocks  int      // of a plane
	parts   int      // of the gradient of weights
	grads   bool     // y is the gradient of the result, and what is computed that of the weights
}

// A chunk is some of the places of a kind.
type chunk struct{ kind, from, to int }

// The tiles of a block and the elements of its transformed planes: so few that they stay in L2. (Variables for tests.)
var (
	volumeTilesAtOnce = 16
	volumeBlock       = 192 << 10
)

// winogradVolumes reports whether the algorithm is there for planes, and faster.
func (g *Geometry) winogradVolumes(planes int) bool {
	fits := func(n int) bool { return n == 16 || n%32 == 0 && n > 0 }
	if best.width == 0 || !g.plain() || g.KH != 3 || g.KW != 3 || g.SH != 1 || g.SW != 1 || !fits(g.C) || !fits(g.F) || g.PadTop < 0 || g.PadLeft < 0 {
		return false
	}
	down, across := g.tileGrid()
	return planes*down*across >= winogradFrom
}

// begin divides planes into blocks.
func (v *volumeTiles) begin(g Geometry, n, in, out int, depth []places) {
	v.Geometry, v.n, v.in, v.out, v.depth = g, n, in, out, depth
	down, across := g.tileGrid()
	v.blocks = min(down, (down*across+volumeTilesAtOnce-1)/volumeTilesAtOnce)
	v.per = (down + v.blocks - 1) / v.blocks
	most := max(2, volumeBlock/(planes*v.per*across*(g.C+g.F)))
	v.chunks = v.chunks[:0]
	for kind := range depth {
		count := depth[kind].count
		parts := (count + most - 1) / most
		for i := range parts {
			v.chunks = append(v.chunks, chunk{kind, count * i / parts, count * (i + 1) / parts})
		}
	}
}

func (v *volumeTiles) units() int { return v.n * v.blocks * len(v.chunks) }

// end forgets what is not the memory.
func (v *volumeTiles) end() { v.job = job{wt: v.wt, u: v.u, du: v.du} }

// slide computes y from x: w are the weights, [taps, 3, 3, C, F].
func (v *volumeTiles) slide(w []float32, taps int) {
	size := v.C * v.F
	u := grow(v.u, taps*planes*size)
	p := weightsPasses.Take()
	for k := range taps {
		v.u = u[k*planes*size:]
		*p = weightsPass{job: &v.job, w: w[k*9*size:], height: v.C, columns: v.F}
		p.run()
	}
	p.release()
	v.u, v.grads = u, false
	parallel.Run(v.units(), 1, v)
}

// weights computes the gradient of the weights from x and the gradient y of the result.
func (v *volumeTiles) weights(dw []float32, taps int) {
	size := v.C * v.F
	v.parts, v.grads = volumeParts(v.units(), taps*planes*size), true
	du := grow(v.du, v.parts*taps*planes*size)
	v.du = du
	parallel.Run(v.parts, 1, v)
	p := weightsPasses.Take()
	v.job.parts = v.parts
	for k := range taps {
		v.du = du[k*v.parts*planes*size:]
		*p = weightsPass{job: &v.job, back: true, w: dw[k*9*size:], height: v.C, columns: v.F}
		p.run()
	}
	p.release()
	v.du = du
}

// Range computes the units lo to hi-1, or the parts of the gradient of the weights.
func (v *volumeTiles) Range(lo, hi int) {
	s := scratches.Take()
	if v.grads {
		size := planes * v.C * v.F
		for part := lo; part < hi; part++ {
			for at := part * size; at < len(v.du); at += v.parts * size {
				clear(v.du[at:][:size]) // here, where it then is near
			}
			for i := v.units() * part / v.parts; i < v.units()*(part+1)/v.parts; i++ {
				v.unit(s, i, part)
			}
		}
	} else {
		for i := lo; i < hi; i++ {
			v.unit(s, i, 0)
		}
	}
	s.release()
}

// unit does a block of rows of tiles, through some places in depth.
func (v *volumeTiles) unit(s *scratch, i, part int) {
	c := v.chunks[i%len(v.chunks)]
	block, n := i/len(v.chunks)%v.blocks, i/len(v.chunks)/v.blocks
	d := &v.depth[c.kind]
	down, across := v.tileGrid()
	r0, r1 := down*block/v.blocks, down*(block+1)/v.blocks
	tileCount := (r1 - r0) * across
	lo := max(0, d.from+c.from*d.move) // the planes of x under these places
	hi := max(lo, min(v.in, d.from+(c.to-1)*d.move+(d.taps-1)*d.apart+1))

	b := tileBlock{across: across, ldv: distance(v.C), ldm: distance(v.F)}
	b.vs, b.ms = (hi-lo)*tileCount*b.ldv+gap, (c.to-c.from)*tileCount*b.ldm+gap
	s.v, s.m = grow(s.v, planes*b.vs), grow(s.m, planes*b.ms)
	size := v.H * v.W * v.C
	v.beside(s)
	for z := lo; z < hi; z++ {
		for r := r0; r < r1; r++ {
			v.inputRow(s, v.x[(n*v.in+z)*size:][:size], r, s.v[((z-lo)*tileCount+(r-r0)*across)*b.ldv:], b.vs, b.ldv)
		}
	}
	results := func(f func(y []float32, r int, m []float32)) {
		size := v.OH * v.OW * v.F
		for i := c.from; i < c.to; i++ {
			y := v.y[(n*v.out+d.first+i*d.step)*size:][:size]
			for r := r0; r < r1; r++ {
				f(y, r, s.m[((i-c.from)*tileCount+(r-r0)*across)*b.ldm:])
			}
		}
	}
	if v.grads {
		results(func(y []float32, r int, m []float32) { v.gradRow(s, y, r, m, b.ms, b.ldm) })
	}
	d.runs(c.from, c.to, v.in, func(from, to, tap0, tap1 int) {
		b := b
		b.m, b.to = s.m[(from-c.from)*tileCount*b.ldm:], (to-from)*(r1-r0)
		if tap0 >= tap1 {
			for p := range planes {
				m := b.m[p*b.ms:][:b.tiles()*b.ldm]
				clear(m)
				for bias := v.biasOf(p); bias != nil && len(m) > 0; m = m[b.ldm:] {
					copy(m, bias)
				}
			}
			return
		}
		for p := range planes {
			for tap := tap0; tap < tap1; tap++ {
				b.v = s.v[(d.from+from*d.move+tap*d.apart-lo)*tileCount*b.ldv:]
				var bias []float32
				if tap == tap1-1 {
					bias = v.biasOf(p)
				}
				v.product(s, &b, p, d.tap+tap*d.next, part, tap > tap0, bias)
			}
		}
	})
	if !v.grads {
		results(func(y []float32, r int, m []float32) { v.outputRow(s, m, b.ms, b.ldm, y, r, v.clip) })
	}
}

// product multiplies plane p of a block by the weights of a tap, or by the gradients.
func (v *volumeTiles) product(s *scratch, b *tileBlock, p, tap, part int, add bool, bias []float32) {
	size := v.C * v.F
	if v.grads {
		v.weightsProduct(s, b, p, v.du[((tap*v.parts+part)*planes+p)*size:], true, 0, v.C)
		return
	}
	s.planeProduct(b.v[p*b.vs:], b.ldv, b.tiles(), v.C, v.u[(tap*planes+p)*size:], b.m[p*b.ms:], b.ldm, 0, v.F, add, bias)
}

// distance is that from a tile to the next: see gap.
func distance(channels int) int {
	if channels < 64 {
		return channels
	}
	return channels + gap
}

// gradRow transforms the gradient dy of a plane of the result under row r of tiles.
func (g *Geometry) gradRow(s *scratch, dy []float32, r int, m []float32, ms, ldm int) {
	_, across := g.tileGrid()
	row, columns := g.OW*g.F, 2*across*g.F
	two := dy[2*r*row:]
	if len(two) < 2*row || row < columns {
		s.even = grow(s.even, 2*columns)
		clear(s.even)
		for i := range min(2, g.OH-2*r) {
			copy(s.even[i*columns:], two[i*row:(i+1)*row])
		}
		two = s.even
	}
	s.gradRow(two, across, g.F, m, ms, ldm)
}
