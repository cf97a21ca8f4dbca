package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// A Norm is a batch normalisation of the result of a convolution. Gradients on the way back go through it a part at a time,
// which is then in a near cache for the convolution: there is no pass over all of them.
type Norm struct {
	vec.NormGrad
	X []float32 // the result; nil: there is none
}

// gradient writes the gradients of the result from element at on, where those of the norm are dy.
func (n *Norm) gradient(dst, dy []float32, at int) { n.Rows(dst, dy, n.X[at:]) }

// Backward computes, from the gradient dy [N,OH,OW,F] of the result, dw
// [KH,KW,C/G,F], db [F] and dx [N,H,W,C]; those that are nil are not computed. A y
// that is not nil is the result of a convolution with ReLU, whose gradient is
// applied, too. Each thread handles some of the images, one after the other, so
// that the gradient of an image stays in cache until it is used up; sums over
// images are added in the order of the threads.
func Backward(g Geometry, x, w, dy, y, dw, db, dx []float32) {
	BackwardNorm(g, Norm{}, NormSums{}, x, w, dy, y, dw, db, dx)
}

// BackwardNorm is Backward from the gradient dy of a norm behind the convolution. It reports whether it took the sums for
// one before it: not every way back does.
func BackwardNorm(g Geometry, norm Norm, before NormSums, x, w, dy, y, dw, db, dx []float32) (taken bool) {
	j := jobs.Take()
	j.norm = norm
	j.Geometry, j.pass, j.x, j.w, j.y, j.relu = g.complete(), (*job).backward, x, w, dy, y
	j.dw, j.db, j.dx = dw, db, dx
	if j.backwards = true; (dw != nil || dx != nil) && j.winograd() {
		j.winogradGrad()
		j.release()
		return false
	}
	if j.gathers() {
		j.backwardGathered()
		j.release()
		return false
	}
	partsPerThread := loose
	if dw != nil || db != nil {
		partsPerThread = 1
		size := len(dw) + len(db)
		j.sums = grow(j.sums, (parallel.Threads()-1)*size)
		clear(dw)
		clear(db)
		clear(j.sums)
	}
	if dx != nil && !j.depthwise() {
		j.transposeWeights()
	}
	j.before, j.normSums = before, before.begin(j.normSums, j.N)
	j.run(partsPerThread)
	taken = before.end(j.normSums)
	for part := 1; part < j.parts; part++ {
		sums := j.sums[(part-1)*(len(dw)+len(db)):]
		for i := range dw {
			dw[i] += sums[i]
		}
		for i := range db {
			db[i] += sums[len(dw)+i]
		}
	}
	j.release()
	return taken
}

// transposeWeights writes the weights as [F,KH,KW,C/G]: the gradient of a pixel times these
// is the gradient of its window.
func (j *job) transposeWeights() {
	n := j.KH * j.KW * j.C / j.G
	j.wt = grow(j.wt, n*j.F)
	for i := range n {
		for f, v := range j.w[i*j.F : (i+1)*j.F] {
			j.wt[f*n+i] = v
		}
	}
}

func (j *job) backward(s *scratch, part, n0, n1 int) {
	dw, db := j.dw, j.db
	if part > 0 && (dw != nil || db != nil) {
		size := len(dw) + len(db)
		sums := j.sums[(part-1)*size : part*size]
		dw, db = sums[:len(dw)], sums[len(dw):]
	}
	if len(dw) > 0 && j.grey() {
		s.taps = grow(s.taps, len(dw))
		clear(s.taps)
	}
	for n := n0; n < n1; n++ {
		j.backwardImage(s, n, dw, db)
		if len(j.normSums) > 0 {
			image, sums := j.H*j.W*j.C, 2*j.C
			j.before.take(s, j.dx[n*image:(n+1)*image], n*image, j.normSums[n*sums:(n+1)*sums])
		}
	}
	if len(dw) > 0 && j.grey() {
		for i := range j.KH * j.KW {
			vec.Add(dw[i*j.F:][:j.F], dw[i*j.F:][:j.F], s.taps[(i%j.KW*j.KH+i/j.KW)*j.F:][:j.F])
		}
	}
}

// backwardImage computes image n of dx, and adds its parts of dw and db.
func (j *job) backwardImage(s *scratch, n int, dw, db []float32) {
	size, depthwise := j.OH*j.OW*j.F, j.depthwise()
	dy := j.y[n*size : (n+1)*size]
	var y []float32
	if j.relu != nil {
		y = j.relu[n*size : (n+1)*size]
	}
	if depthwise && y == nil && len(db) == 0 {
		j.backwardDepth(s, n, dy, &j.norm, dw)
		return
	}
	if j.norm.X != nil {
		s.back = grow(s.back, size)
		j.norm.gradient(s.back, dy, n*size)
		dy = s.back
	}
	if len(dw) > 0 && j.fewChannels() {
		img, width := j.image(s, j.x, n)
		if len(db) == 0 {
			s.sums = grow(s.sums, j.F)
			db = s.sums // not wanted
		}
		if j.grey() {
			j.weightsGrey(s, img, width, dy, y, db)
		} else {
			j.weightsFramed(s, img, width, dy, y, dw, db)
		}
		return
	}
	dy = j.masked(s, dy, y, db)
	if depthwise {
		j.backwardDepth(s, n, dy, &Norm{}, dw)
		return
	}
	if len(dw) > 0 {
		img, width := j.image(s, j.x, n)
		j.weights(s, img, width, dy, dw)
	}
	if j.dx != nil {
		j.input(s, n, dy)
	}
}

// masked is the gradient of an image through the ReLU that made y, unless that is nil, and adds it to db, unless that is.
func (j *job) masked(s *scratch, dy, y, db []float32) []float32 {
	if y == nil && len(db) == 0 {
		return dy
	}
	if len(db) == 0 {
		s.sums = grow(s.sums, j.F)
		db = s.sums // not wanted
	}
	if y == nil {
		s.mask(nil, dy, nil, db, j.OH*j.OW)
		return dy
	}
	s.grad = grow(s.grad, len(dy))
	s.mask(s.grad, dy, y, db, j.OH*j.OW)
	return s.grad
}

// fewChannels reports whether a row of a window is too short to be copied.
func (j *job) fewChannels() bool {
	return j.SH == 1 && j.SW == 1 && j.KW*j.C < 32 && j.dx == nil && j.plain()
}

// grey reports whether a whole window of a single channel lies in one piece of rows that are copied together.
func (j *job) grey() bool { return j.C == 1 && j.KH > 1 && j.KW < 16 && j.fewChannels() }

// weightsGrey adds the image's part of db, and that of dw, in the order column, row, to the scratch's taps. A row of the
// gradient at a time, which stays in the first cache, meets all taps.
func (j *job) weightsGrey(s *scratch, img []float32, width int, dy, y, db []float32) {
	row := j.OW * j.F
	s.patch, s.grad = grow(s.patch, width*j.KH), grow(s.grad, row)
	kern := gemm.Best()
	t := &s.t
	t.Flags, t.Bias, t.Ldc = gemm.Add, nil, int64(j.F)
	t.K, t.AI, t.AK = int64(j.OW), 1, int64(j.KH)
	t.BK, t.BN = int64(j.F), int64(kern.Cols)
	taps := j.KH * j.KW
	tiles := (taps + kern.Rows - 1) / kern.Rows
	for oy := range j.OH {
		d := dy[oy*row : (oy+1)*row]
		if y != nil {
			s.mask(s.grad, d, y[oy*row:(oy+1)*row], db, j.OW)
			d = s.grad
		} else {
			s.mask(nil, d, nil, db, j.OW)
		}
		interleave(s.patch, img[oy*width:], j.KH, width)
		t.B = &d[0]
		for tile := range tiles {
			i := taps * tile / tiles
			t.A, t.C = &s.patch[i], &s.taps[i*j.F]
			kern.Run(t, taps*(tile+1)/tiles-i, j.F)
		}
	}
}

// weightsFramed adds the image's part of dw and db. The gradient is copied into
// rows as wide as the image's, with zeros in the columns that have no output,
// so that the pixels under one weight are a single strided column.
func (j *job) weightsFramed(s *scratch, img []float32, width int, dy, y, dw, db []float32) {
	row, wide := j.OW*j.F, width*j.F
	s.grad = grow(s.grad, j.OH*wide)
	for oy := range j.OH {
		d := s.grad[oy*wide : (oy+1)*wide]
		if y != nil {
			s.mask(d, dy[oy*row:(oy+1)*row], y[oy*row:(oy+1)*row], db, j.OW)
		} else {
			copy(d, dy[oy*row:(oy+1)*row])
			s.mask(nil, d, nil, db, j.OW)
		}
		clear(d[row:])
	}
	kern := gemm.Best()
	t := &s.t
	t.Flags, t.Bias, t.Ldc = gemm.Add, nil, int64(j.F)
	t.K, t.AI, t.AK = int64((j.OH-1)*width+j.OW), 1, int64(j.C)
	t.B, t.BK, t.BN = &s.grad[0], int64(j.F), int64(kern.Cols)
	height := j.KW * j.C
	tiles := (height + kern.Rows - 1) / kern.Rows
	for ky := range j.KH {
		for tile := range tiles {
			i := height * tile / tiles
			t.A, t.C = &img[ky*width*j.C+i], &dw[(ky*height+i)*j.F]
			kern.Run(t, height*(tile+1)/tiles-i, j.F)
		}
	}
}
