package conv

import (
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// Volumes is the shape of a convolution of volumes [N, D, H, W, C] with kernels [KD, KH, KW, C/G, F]: a Geometry in planes,
// and the same along the depth.
type Volumes struct {
	Geometry
	D, KD    int
	SD, DD   int
	PadFront int // zeros in front; behind as OD needs
	OD       int
}

// ForwardVolumes computes y [N, OD, OH, OW, F] from x [N, D, H, W, C] and w [KD, KH, KW, C/G, F], adds bias [F] unless it
// is nil, and applies ReLU when relu is set.
func ForwardVolumes(g Volumes, x, w, bias []float32, relu bool, y []float32) {
	p := slides.Take()
	p.forward(g)
	p.x, p.bias, p.clip, p.y = x, bias, relu, y
	p.run(w)
	p.release()
}

// BackwardVolumes computes, from the gradient dy [N, OD, OH, OW, F] of the result, dw [KD, KH, KW, C/G, F], db [F] and dx
// [N, D, H, W, C]; those that are nil are not computed. A y that is not nil is the result of a convolution with ReLU,
// whose gradient is applied, too.
func BackwardVolumes(g Volumes, x, w, dy, y, dw, db, dx []float32) {
	m := masks.Take()
	alone := db // that is not added up beside the gradient of the weights
	if dw != nil && y == nil {
		alone = nil
	}
	dy = m.run(g.F, dy, y, alone)
	if dw != nil {
		p := volumeGrads.Take()
		if y == nil {
			p.db = db
		}
		p.run(g, x, dy, dw)
		p.release()
	}
	if dx != nil {
		p := slides.Take()
		p.back(g)
		p.x, p.y = dy, dx
		p.run(w)
		p.release()
	}
	m.release()
}

// volumeParts is the number of parts of a sum over volumes: whatever the number of threads, so that values do not depend
// on it. Parts of many elements are fewer.
func volumeParts(units, size int) int { return min(8, max(2, 1<<20/max(size, 1)), max(units, 1)) }

// A maskPass applies the gradient of a ReLU, and adds up what is left.
type maskPass struct {
	filters, parts int
	dy, y          []float32
	masked, sums   []float32
}

var masks freelist.List[maskPass]

// run returns the gradient in front of the ReLU that made y, dy itself if y is nil, and adds it up in db unless that is nil.
func (m *maskPass) run(filters int, dy, y, db []float32) []float32 {
	if y == nil && db == nil {
		return dy
	}
	m.filters, m.dy, m.y = filters, dy, y
	m.parts = volumeParts(len(dy)/filters, 0)
	m.sums = grow(m.sums, m.parts*filters)
	clear(m.sums)
	if y != nil {
		m.masked = grow(m.masked, len(dy))
		dy = m.masked
	}
	parallel.Run(m.parts, 1, m)
	if db != nil {
		clear(db)
		for part := range m.parts {
			vec.Add(db, db, m.sums[part*filters:][:filters])
		}
	}
	return dy
}

func (m *maskPass) Range(lo, hi int) {
	s := scratches.Take()
	pixels := len(m.dy) / m.filters
	for part := lo; part < hi; part++ {
		from, to := pixels*part/m.parts*m.filters, pixels*(part+1)/m.parts*m.filters
		if from == to {
			continue
		}
		var dst, y []float32
		if m.y != nil {
			dst, y = m.masked[from:to], m.y[from:to]
		}
		s.mask(dst, m.dy[from:to], y, m.sums[part*m.filters:][:m.filters], (to-from)/m.filters)
	}
	s.release()
}

func (m *maskPass) release() {
	m.dy, m.y = nil, nil
	masks.Put(m)
}
