package conv

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// Backward computes, from the gradient dy [N,OH,OW,F] of the result, dw
// [KH,KW,C,F], db [F] and dx [N,H,W,C]; those that are nil are not computed. A y
// that is not nil is the result of a convolution with ReLU, whose gradient is
// applied, too. Each thread handles some of the images, one after the other, so
// that the gradient of an image stays in cache until it is used up; sums over
// images are added in the order of the threads.
func Backward(g Geometry, x, w, dy, y, dw, db, dx []float32) {
	j := jobs.Take()
	j.Geometry, j.pass, j.x, j.w, j.y, j.relu = g, (*job).backward, x, w, dy, y
	j.dw, j.db, j.dx = dw, db, dx
	partsPerThread := loose
	if dw != nil || db != nil {
		partsPerThread = 1
		size := len(dw) + len(db)
		j.sums = grow(j.sums, (parallel.Threads()-1)*size)
		clear(dw)
		clear(db)
		clear(j.sums)
	}
	if dx != nil {
		j.transposeWeights()
	}
	j.run(partsPerThread)
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
}

// transposeWeights writes the weights as [F,KH,KW,C]: the gradient of a pixel times these
// is the gradient of its window.
func (j *job) transposeWeights() {
	n := j.KH * j.KW * j.C
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
	if len(db) == 0 {
		s.sums = grow(s.sums, j.F)
		db = s.sums // not wanted
	}
	size := j.OH * j.OW * j.F
	for n := n0; n < n1; n++ {
		dy := j.y[n*size : (n+1)*size]
		var y []float32
		if j.relu != nil {
			y = j.relu[n*size : (n+1)*size]
		}
		if len(dw) > 0 && j.fewChannels() {
			img, width := j.image(s, j.x, n)
			j.weightsFramed(s, img, width, dy, y, dw, db)
			continue
		}
		if y != nil {
			s.grad = grow(s.grad, size)
		}
		s.mask(s.grad, dy, y, db, j.OH*j.OW)
		if y != nil {
			dy = s.grad
		}
		if len(dw) > 0 {
			img, width := j.image(s, j.x, n)
			j.weights(s, img, width, dy, dw)
		}
		if j.dx != nil {
			j.input(s, n, dy)
		}
	}
}

// fewChannels reports whether a row of a window is too short to be copied.
func (j *job) fewChannels() bool { return j.SH == 1 && j.SW == 1 && j.KW*j.C < 32 && j.dx == nil }

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

// patchSize is the number of elements of windows that are copied at a time:
// half of a small second cache.
const patchSize = 48 << 10

// blocks calls f for parts of the rows of output pixels whose windows have
// about patchSize elements.
func (j *job) blocks(f func(oy0, oy1 int)) {
	rows := max(1, patchSize/(j.OW*j.KH*j.KW*j.C))
	parts := (j.OH + rows - 1) / rows
	for part := range parts {
		f(j.OH*part/parts, j.OH*(part+1)/parts)
	}
}

// weights adds the image's part of dw: windows, copied side by side, times the
// gradient, over many pixels at once.
func (j *job) weights(s *scratch, img []float32, width int, dy, dw []float32) {
	run, height := j.KW*j.C, j.KH*j.KW*j.C
	kern := gemm.Best()
	t := &s.t
	tiles := (height + kern.Rows - 1) / kern.Rows
	j.blocks(func(oy0, oy1 int) {
		pixels := (oy1 - oy0) * j.OW
		s.patch = grow(s.patch, pixels*height)
		for oy := oy0; oy < oy1; oy++ {
			for ky := range j.KH {
				s.copyRuns(s.patch[(oy-oy0)*j.OW*height+ky*run:], height, img[(oy*j.SH+ky)*width*j.C:], j.SW*j.C, j.OW, run, false)
			}
		}
		t.Flags, t.Bias, t.Ldc = gemm.Add, nil, int64(j.F)
		t.K, t.AI, t.AK = int64(pixels), 1, int64(height)
		t.B, t.BK, t.BN = &dy[oy0*j.OW*j.F], int64(j.F), int64(kern.Cols)
		for tile := range tiles {
			i := height * tile / tiles
			t.A, t.C = &s.patch[i], &dw[i*j.F]
			kern.Run(t, height*(tile+1)/tiles-i, j.F)
		}
	})
}

// input computes image n of dx: the gradients of windows, added up where they
// overlap.
func (j *job) input(s *scratch, n int, dy []float32) {
	h, width, padded := j.padded()
	size := j.H * j.W * j.C
	img := j.dx[n*size : (n+1)*size]
	if padded {
		s.frame = grow(s.frame, h*width*j.C)
		img = s.frame
	}
	clear(img)
	run, height := j.KW*j.C, j.KH*j.KW*j.C
	kern := gemm.Best()
	t := &s.t
	j.blocks(func(oy0, oy1 int) {
		pixels := (oy1 - oy0) * j.OW
		s.patch = grow(s.patch, pixels*height)
		t.Flags, t.Bias, t.Ldc = 0, nil, int64(height)
		t.K, t.AI, t.AK = int64(j.F), int64(j.F), 1
		t.B, t.BK, t.BN = &j.wt[0], int64(height), int64(kern.Cols)
		tiles := (pixels + kern.Rows - 1) / kern.Rows
		for tile := range tiles {
			i := pixels * tile / tiles
			t.A, t.C = &dy[(oy0*j.OW+i)*j.F], &s.patch[i*height]
			kern.Run(t, pixels*(tile+1)/tiles-i, height)
		}
		for oy := oy0; oy < oy1; oy++ {
			for ky := range j.KH {
				s.copyRuns(img[(oy*j.SH+ky)*width*j.C:], j.SW*j.C, s.patch[(oy-oy0)*j.OW*height+ky*run:], height, j.OW, run, true)
			}
		}
	})
	if padded {
		out := j.dx[n*size : (n+1)*size]
		for r := range j.H {
			copy(out[r*j.W*j.C:(r+1)*j.W*j.C], img[((r+j.PadTop)*width+j.PadLeft)*j.C:])
		}
	}
}
