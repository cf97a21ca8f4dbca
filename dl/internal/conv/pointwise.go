package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A convolution of a single tap is a product of matrices, for which package gemm is faster than windows are. With a norm behind
// it its gradients are computed a block of pixels after the other, so that the gradient in front of the norm is never written
// to memory: it stays in a near cache, from which both products read it.

// pixelBlock is the number of pixels of a block: what a product of matrices adds up at a time.
const pixelBlock = 256

// pixelParts is the number of parts of a sum over pixels, whatever the number of threads, so that values do not depend on it.
const pixelParts = 8

// PointwiseNear reports whether blocks of pixels are faster: where there are many of them, and the weights stay in a near
// cache, too.
func PointwiseNear(pixels, channels, filters int) bool {
	return pixels >= pixelParts*pixelBlock && channels+filters <= 1024 && gemm.StaysNear(2*channels*filters)
}

// pointwise is one under way.
type pointwise struct {
	Geometry
	norm          Norm
	before        NormSums
	x, dy         []float32
	dw, db, dx    []float32
	pixels, parts int
	weights       gemm.Packed // transposed
	sums          []float32   // of the parts but the first: dw, and db
	normSums      []float64   // of each part
}

var pointwises freelist.List[pointwise]

// PointwiseNorm computes dw [C, F], db [F] and dx [pixels, C], those that are not nil, from the gradient dy [pixels, F] of a
// norm behind the product of x [pixels, C] and w [C, F]. See [BackwardNorm].
func PointwiseNorm(norm Norm, before NormSums, pixels, channels, filters int, x, w, dy, dw, db, dx []float32) (taken bool) {
	p := pointwises.Take()
	p.C, p.F, p.pixels, p.norm = channels, filters, pixels, norm
	p.x, p.dy, p.dw, p.db, p.dx = x, dy, dw, db, dx
	if dx != nil {
		p.weights.Pack(gemm.Of(w, channels, filters).T())
	}
	size := len(dw) + len(db)
	p.parts = min(pixelParts, (pixels+pixelBlock-1)/pixelBlock)
	p.sums = grow(p.sums, (p.parts-1)*size)
	p.before, p.normSums = before, before.begin(p.normSums, p.parts)
	parallel.Run(p.parts, 1, p)
	taken = before.end(p.normSums)
	for part := 1; part < p.parts; part++ {
		sums := p.sums[(part-1)*size:][:size]
		vec.Add(dw, dw, sums[:len(dw)])
		vec.Add(db, db, sums[len(dw):])
	}
	*p = pointwise{weights: p.weights, sums: p.sums, normSums: p.normSums}
	pointwises.Put(p)
	return taken
}

// Range computes the parts lo to hi-1.
func (p *pointwise) Range(lo, hi int) {
	s := scratches.Take()
	for part := lo; part < hi; part++ {
		p.part(s, part)
	}
	s.release()
}

func (p *pointwise) part(s *scratch, part int) {
	dw, db := p.dw, p.db
	if size := len(dw) + len(db); part > 0 {
		sums := p.sums[(part-1)*size:][:size]
		dw, db = sums[:len(dw)], sums[len(dw):]
	}
	clear(db)
	s.back = grow(s.back, pixelBlock*p.F)
	from, to := p.pixels*part/p.parts, p.pixels*(part+1)/p.parts
	for i := from; i < to; i += pixelBlock {
		n := min(pixelBlock, to-i)
		dy := s.back[:n*p.F]
		p.norm.gradient(dy, p.dy[i*p.F:], i*p.F)
		if len(db) > 0 {
			s.mask(nil, dy, nil, db, n)
		}
		block := gemm.Of(dy, n, p.F)
		if p.dx != nil {
			dx := p.dx[i*p.C : (i+n)*p.C]
			p.weights.Sgemm(block, gemm.Of(dx, n, p.C), false)
			if size := 2 * p.C; len(p.normSums) > 0 {
				p.before.take(s, dx, i*p.C, p.normSums[part*size:(part+1)*size])
			}
		}
		if len(dw) > 0 {
			gemm.SgemmHere(gemm.Of(p.x[i*p.C:(i+n)*p.C], n, p.C).T(), block, gemm.Of(dw, p.C, p.F), i > from)
		}
	}
}
