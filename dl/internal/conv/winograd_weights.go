package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// A weightsPass transforms weights, or their gradients back, some rows at a time.
type weightsPass struct {
	*job
	back bool
	w    []float32 // weights [3, 3, height, columns]
	// height and columns are those of the 16 matrices.
	height, columns int
}

var weightsPasses freelist.List[weightsPass]

func (p *weightsPass) release() {
	*p = weightsPass{}
	weightsPasses.Put(p)
}

// weightRows is the number of rows at a time.
func (p *weightsPass) weightRows() int { return max(1, 2048/p.columns) }

func (p *weightsPass) run() {
	n := p.weightRows()
	parallel.Run((p.height+n-1)/n, 4, p)
}

// Range does the rows numbered lo to hi-1, weightRows each.
func (p *weightsPass) Range(lo, hi int) {
	s := scratches.Take()
	for i := lo; i < hi; i++ {
		r0 := i * p.weightRows()
		count := min(p.weightRows(), p.height-r0)
		if p.back {
			p.gradients(s, r0, count)
		} else {
			p.transform(s, r0, count)
		}
	}
	s.release()
}

// transform writes count rows of the transformed weights, panel by panel, as the products read them.
func (p *weightsPass) transform(s *scratch, r0, count int) {
	size, n, panel := p.height*p.columns, count*p.columns, min(gemm.Best().Cols, p.columns)
	s.patch = grow(s.patch, 12*n)
	for x := range 3 {
		s.line(byWeights, &rows{s.patch[x*n:], 3 * n, 0}, &rows{p.w[x*size+r0*p.columns:], 3 * size, 0}, 1, n)
	}
	for y := range 4 {
		for c := 0; c < p.columns; c += panel {
			s.line(byWeights, &rows{p.u[4*y*size+c*p.height+r0*panel:], size, panel}, &rows{s.patch[3*y*n+c:], n, p.columns}, count, panel)
		}
	}
}

// gradients adds up the gradients of all parts, and turns count rows of them back into those of the weights.
func (p *weightsPass) gradients(s *scratch, r0, count int) {
	size, n := p.height*p.columns, count*p.columns
	for part := 1; part < p.parts; part++ {
		for i := range planes {
			sum := p.du[i*size+r0*p.columns:][:n]
			vec.Add(sum, sum, p.du[(part*planes+i)*size+r0*p.columns:][:n])
		}
	}
	s.patch = grow(s.patch, 12*n)
	for x := range 4 {
		s.line(byWeightsGrad, &rows{s.patch[x*n:], 4 * n, 0}, &rows{p.du[x*size+r0*p.columns:], 4 * size, 0}, 1, n)
	}
	for y := range 3 {
		s.line(byWeightsGrad, &rows{p.w[3*y*size+r0*p.columns:], size, 0}, &rows{s.patch[4*y*n:], n, 0}, 1, n)
	}
}

// winogradGrad computes the gradients that Backward is asked for.
func (j *job) winogradGrad() {
	if j.db != nil {
		clear(j.db)
		j.sums = grow(j.sums, (parallel.Threads()-1)*len(j.db))
		clear(j.sums)
	}
	var w []float32
	if j.dx != nil {
		w = j.transposedTaps()
	}
	j.runWinograd(w, j.F, j.C, (*job).backwardWinograd, 1)
	for part := 1; part < j.parts && j.db != nil; part++ {
		vec.Add(j.db, j.db, j.sums[(part-1)*j.F:][:j.F])
	}
	if j.dw != nil {
		p := weightsPasses.Take()
		*p = weightsPass{job: j, back: true, w: j.dw, height: j.C, columns: j.F}
		p.run()
		p.release()
	}
}

// transposedTaps are the weights as [3, 3, F, C].
func (j *job) transposedTaps() []float32 {
	size := j.C * j.F
	j.wt = grow(j.wt, len(j.w))
	for tap := range 9 {
		gemm.Transpose(j.wt[tap*size:], j.C, j.w[tap*size:], j.F, j.C, j.F)
	}
	return j.wt
}
