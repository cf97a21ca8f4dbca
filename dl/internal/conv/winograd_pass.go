package conv

import (
	"modelbook/dl/internal/parallel"
	"modelbook/internal/freelist"
)

// Each thread takes images of its own, a block of tiles after the other, where the transformed weights fit into a near cache;
// the gradients of weights are then added up thread by thread. Where they do not, all threads share a block, step by step.

// sharedFrom is the number of weights of a plane from which threads share blocks, and sharedTiles the number of tiles of one.
// (Variables for tests.)
var (
	sharedFrom  = 1 << 15
	sharedTiles = 128
)

func (j *job) shared() bool { return j.C*j.F >= sharedFrom }

// runWinograd transforms the weights w [3, 3, height, columns] and computes the pass.
func (j *job) runWinograd(w []float32, height, columns int, pass func(*job, *scratch, int, int, int), partsPerThread int) {
	if w != nil {
		j.u = grow(j.u, planes*height*columns)
		p := weightsPasses.Take()
		*p = weightsPass{job: j, w: w, height: height, columns: columns}
		p.run()
		p.release()
	}
	j.pass, j.parts = pass, min(partsPerThread*parallel.Threads(), j.N)
	if j.shared() {
		j.parts = 1
	}
	if j.dw != nil {
		j.du = grow(j.du, j.parts*planes*j.C*j.F)
	}
	if j.shared() {
		j.runShared()
	} else {
		parallel.Run(j.parts, 1, j)
	}
}

// forwardWinograd computes the images n0 to n1-1 of the result.
func (j *job) forwardWinograd(s *scratch, _, n0, n1 int) {
	j.tileBlocks(n0, n1, func(from, to int) {
		b := j.tilesOf(s, from, to)
		j.inputTiles(s, &b, from, to)
		for p := range planes {
			s.planeProduct(b.v[p*b.vs:], b.ldv, b.tiles(), j.C, j.u[p*j.C*j.F:], b.m[p*b.ms:], b.ldm, 0, j.F, false, j.biasOf(p))
		}
		j.outputTiles(s, &b, from, to)
	})
}

// backwardWinograd computes the gradients that come from the images n0 to n1-1.
func (j *job) backwardWinograd(s *scratch, part, n0, n1 int) {
	db := j.db
	if part > 0 && db != nil {
		db = j.sums[(part-1)*len(db) : part*len(db)]
	}
	begun := false
	j.tileBlocks(n0, n1, func(from, to int) {
		b := j.tilesOf(s, from, to)
		j.outputGradTiles(s, &b, from, to, db)
		if j.dw != nil {
			j.inputTiles(s, &b, from, to)
			for p := range planes {
				j.weightsProduct(s, &b, p, j.du[(part*planes+p)*j.C*j.F:], begun, 0, j.C)
			}
			begun = true
		}
		if j.dx != nil {
			for p := range planes {
				s.planeProduct(b.m[p*b.ms:], b.ldm, b.tiles(), j.F, j.u[p*j.C*j.F:], b.v[p*b.vs:], b.ldv, 0, j.C, false, nil)
			}
			j.inputGradTiles(s, &b, from, to)
		}
	})
}

// A step is a part of what is done with a block that threads share.
type step struct {
	*job
	b      tileBlock
	n0, n1 int // images
	what   stepKind
	add    bool // to the gradients of weights
}

var steps freelist.List[step]

type stepKind int

const (
	stepInput      stepKind = iota // from x to v
	stepOutput                     // from m to y
	stepForward                    // from v to m
	stepOutputGrad                 // from dy to m
	stepWeights                    // from v and m to the gradients of weights
	stepBackward                   // from m to v
	stepInputGrad                  // from v to dx
)

// pieces is the number of parts of the product of a plane.
const pieces = 4

func (p *step) run(what stepKind) {
	p.what = what
	if n := p.n1 - p.n0; what != stepForward && what != stepWeights && what != stepBackward {
		parallel.Run(n, max(1, min(n/parallel.Threads(), 4)), p)
		return
	}
	parallel.Run(planes*pieces, 1, p)
}

// Range does the images, or parts of products, lo to hi-1.
func (p *step) Range(lo, hi int) {
	s := scratches.Take()
	down, _ := p.tileGrid()
	r0, r1 := (p.n0+lo)*down, (p.n0+hi)*down
	switch b := &p.b; p.what {
	case stepInput:
		p.inputTiles(s, b, r0, r1)
	case stepOutput:
		p.outputTiles(s, b, r0, r1)
	case stepOutputGrad:
		p.outputGradTiles(s, b, r0, r1, nil)
	case stepInputGrad:
		p.inputGradTiles(s, b, r0, r1)
	default:
		for i := lo; i < hi; i++ {
			p.product(s, i/pieces, i%pieces)
		}
	}
	s.release()
}

// product computes a part of the product of a plane.
func (p *step) product(s *scratch, plane, piece int) {
	b, size := &p.b, p.C*p.F
	part := func(n int) (int, int) { return n / 32 * piece / pieces * 32, n / 32 * (piece + 1) / pieces * 32 }
	switch p.what {
	case stepForward:
		j0, j1 := part(p.F)
		s.planeProduct(b.v[plane*b.vs:], b.ldv, b.tiles(), p.C, p.u[plane*size:], b.m[plane*b.ms:], b.ldm, j0, j1, false, p.biasOf(plane))
	case stepBackward:
		j0, j1 := part(p.C)
		s.planeProduct(b.m[plane*b.ms:], b.ldm, b.tiles(), p.F, p.u[plane*size:], b.v[plane*b.vs:], b.ldv, j0, j1, false, nil)
	case stepWeights:
		i0, i1 := part(p.C)
		p.weightsProduct(s, b, plane, p.du[plane*size:], p.add, i0, i1)
	}
}

// runShared computes the pass with blocks of whole images.
func (j *job) runShared() {
	down, across := j.tileGrid()
	images := max(parallel.Threads(), (sharedTiles+down*across-1)/(down*across))
	blocks := (j.N + images - 1) / images
	s, p := scratches.Take(), steps.Take()
	for i := range blocks {
		n0, n1 := j.N*i/blocks, j.N*(i+1)/blocks
		*p = step{job: j, b: j.tilesOf(s, n0*down, n1*down), n0: n0, n1: n1, add: i > 0}
		if !j.backwards {
			p.run(stepInput)
			p.run(stepForward)
			p.run(stepOutput)
			continue
		}
		if j.db != nil {
			for n := n0; n < n1; n++ {
				size := j.OH * j.OW * j.F
				var y []float32
				if j.relu != nil {
					y, s.grad = j.relu[n*size:(n+1)*size], grow(s.grad, size)
				}
				dy := j.y[n*size : (n+1)*size]
				if j.norm.X != nil {
					s.grad = grow(s.grad, size)
					j.norm.gradient(s.grad, dy, n*size)
					dy = s.grad
				}
				s.mask(s.grad, dy, y, j.db, j.OH*j.OW)
			}
		}
		p.run(stepOutputGrad)
		if j.dw != nil {
			p.run(stepInput)
			p.run(stepWeights)
		}
		if j.dx != nil {
			p.run(stepBackward)
			p.run(stepInputGrad)
		}
	}
	*p = step{}
	steps.Put(p)
	s.release()
}
