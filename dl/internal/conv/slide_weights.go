package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A volumeGrad computes the gradient of the weights of a convolution of volumes. Strips (slide.go) of several rows of
// pixels of the result lie one behind the other, and so do the gradients of these pixels, with zeros for the places at the
// end of a strip where a window begins that reaches into the next: strips, transposed, times gradients.
type volumeGrad struct {
	Volumes
	x, dy, dw  []float32
	db         []float32 // nil: not wanted, or added up before
	kinds      [3]places
	columns    int // of a strip
	places     int // in a strip, with those that are none
	parts      int
	turns      int       // how many sums a part has
	biases     []float32 // [parts, F]
	sums       []float32 // of each part: [KW, KD, KH, C/G, F], or as volumes_depthwise.go says
	tiled      volumeTiles
	apart      bool // each channel by itself: see volumes_depthwise.go
	collecting bool
}

var volumeGrads freelist.List[volumeGrad]

func (p *volumeGrad) release() {
	p.x, p.dy, p.dw, p.db = nil, nil, nil, nil
	volumeGrads.Put(p)
}

func (p *volumeGrad) run(g Volumes, x, dy, dw []float32) {
	g.Geometry = g.complete()
	g.SD, g.DD = max(g.SD, 1), max(g.DD, 1)
	p.Volumes, p.x, p.dy, p.dw = g, x, dy, dw
	p.kinds = [3]places{ahead(g.OD, g.KD, g.SD, g.DD, g.PadFront), ahead(g.OH, g.KH, g.SH, g.DH, g.PadTop), ahead(g.OW, g.KW, g.SW, g.DW, g.PadLeft)}
	if g.N*g.OD*g.OH*g.OW == 0 {
		clear(dw)
		clear(p.db)
		return
	}
	if g.winogradVolumes(g.N * g.OD) {
		if p.db != nil {
			m := masks.Take()
			m.run(g.F, dy, nil, p.db)
			m.release()
		}
		v := &p.tiled
		v.begin(g.Geometry, g.N, g.D, g.OD, p.kinds[:1])
		v.x, v.y = x, dy
		v.weights(dw, g.KD)
		v.end()
		return
	}
	p.apart = g.depthwiseVolumes()
	reach := (g.KW - 1) * g.DW
	p.places = ((g.OW-1)*g.SW + reach + g.SW) / g.SW
	p.columns = p.places * g.SW
	p.parts = volumeParts(g.N*g.OD, len(dw))
	p.turns = 1
	if p.apart {
		p.turns = g.KD
	}
	p.sums, p.biases = grow(p.sums, p.parts*p.turns*len(dw)), grow(p.biases, p.parts*g.F)
	p.collecting = false
	parallel.Run(p.parts, 1, p)
	p.collecting = true
	parallel.Run(g.KD*g.KH*g.KW, 1, p)
	if p.db != nil {
		copy(p.db, p.biases)
		for part := 1; part < p.parts; part++ {
			vec.Add(p.db, p.db, p.biases[part*g.F:][:g.F])
		}
	}
}

// Range adds up the parts lo to hi-1, or collects the gradients of the taps lo to hi-1 from all parts.
func (p *volumeGrad) Range(lo, hi int) {
	if p.collecting {
		for tap := lo; tap < hi; tap++ {
			p.collect(tap)
		}
		return
	}
	s := scratches.Take()
	for part := lo; part < hi; part++ {
		units := p.N * p.OD
		sums := p.sums[part*p.turns*len(p.dw):][:p.turns*len(p.dw)]
		clear(sums) // here, where it then is near
		bias := p.biases[part*p.F:][:p.F]
		clear(bias)
		if p.apart {
			eachVolume(units*part/p.parts, units*(part+1)/p.parts, p.OD, func(n, z0, z1 int) { p.planesDepth(s, n, z0, z1, sums, bias) })
			continue
		}
		for i := units * part / p.parts; i < units*(part+1)/p.parts; i++ {
			p.plane(s, i/p.OD, i%p.OD, sums, bias)
		}
	}
	s.release()
}

func (p *volumeGrad) collect(tap int) {
	size := p.C / p.G * p.F
	kz, ky, kx := tap/(p.KH*p.KW), tap/p.KW%p.KH, tap%p.KW
	to, from := p.dw[tap*size:][:size], ((kx*p.KD+kz)*p.KH+ky)*size
	if p.apart {
		p.collectDepth(to, kz, ky, kx)
		return
	}
	copy(to, p.sums[from:])
	for part := 1; part < p.parts; part++ {
		vec.Add(to, to, p.sums[part*len(p.dw)+from:][:size])
	}
}

// plane adds what comes from plane z of the result n.
func (p *volumeGrad) plane(s *scratch, n, z int, sums, bias []float32) {
	in := box{p.D, p.H, p.W, p.C}
	x := p.x[n*in.size():][:in.size()]
	row, wide := p.OW*p.F, p.places*p.F
	dy := p.dy[(n*p.OD+z)*p.OH*row:][:p.OH*row]
	depth, height, channels := &p.kinds[0], &p.kinds[1], p.C/p.G
	z0, z1 := depth.inside(z, p.D, channels)
	taps := (z1 - z0) * p.KH
	if taps == 0 {
		p.addBias(s, bias, dy)
		return
	}
	column := taps * p.C
	strip := p.columns * column
	count := min(p.OH, max(1, patchSize/strip))
	parts := (p.OH + count - 1) / count
	tail := (p.KW - 1) * p.DW * column // what windows at the end reach
	s.patch, s.grad = grow(s.patch, count*strip+tail), grow(s.grad, count*wide)
	kern, t := gemm.Best(), &s.t
	byRows := taps*channels*p.KW <= 2*kern.Rows && p.OW >= 16
	for part := range parts {
		y0, y1 := p.OH*part/parts, p.OH*(part+1)/parts
		for y := y0; y < y1; y++ {
			var before []float32
			if y > y0 {
				before = s.patch[(y-y0-1)*strip:]
			}
			s.strip(s.patch[(y-y0)*strip:], before, x, in, p.G, depth, z, z0, z1, height, y, -p.PadLeft, p.columns)
			if byRows {
				continue
			}
			to := s.grad[(y-y0)*wide:][:wide]
			clear(to[copy(to, dy[y*row:(y+1)*row]):])
		}
		clear(s.patch[(y1-y0)*strip:][:tail])
		t.K, t.AI, t.AK = int64((y1-y0)*p.places), 1, int64(p.SW*column)
		t.BK, t.BN, t.Ldc = int64(p.F), int64(kern.Cols), int64(p.F)
		t.Flags, t.Bias = gemm.Add, nil
		pieces := p.KW
		if p.G == 1 && p.DW == 1 && z1-z0 == p.KD {
			pieces = 1
		}
		filters, n := p.F/p.G, p.KW/pieces*taps*channels // the weights of a piece
		for group := range p.G {
			for piece := range pieces {
				to := sums[(piece*p.KW/pieces*p.KD+z0)*p.KH*channels*p.F+group*filters:]
				tiles(kern, n, func(i, rows int) {
					t.C = &to[i*p.F]
					if byRows {
						t.K = int64(p.OW)
						for y := y0; y < y1; y++ {
							t.A, t.B = &s.patch[(y-y0)*strip+piece*p.DW*column+group*taps*channels+i], &dy[y*row+group*filters]
							kern.Run(t, rows, filters)
						}
						return
					}
					t.A, t.B = &s.patch[piece*p.DW*column+group*taps*channels+i], &s.grad[group*filters]
					kern.Run(t, rows, filters)
				})
			}
		}
		p.addBias(s, bias, dy[y0*row:y1*row])
	}
}

// addBias adds up gradients of pixels that were read just now.
func (p *volumeGrad) addBias(s *scratch, bias, dy []float32) {
	if p.db != nil {
		s.mask(nil, dy, nil, bias, len(dy)/p.F)
	}
}
