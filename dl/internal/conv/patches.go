package conv

import "modelbook/dl/internal/gemm"

// complete is g with a dilation and groups of at least 1.
func (g Geometry) complete() Geometry {
	g.DH, g.DW, g.G = max(g.DH, 1), max(g.DW, 1), max(g.G, 1)
	return g
}

// plain reports whether a row of a window lies in one piece.
func (g *Geometry) plain() bool { return g.G == 1 && g.DH == 1 && g.DW == 1 }

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

// patches copies the windows of the rows oy0 <= oy < oy1 of output pixels to s.patch, one beside the other, each [G, KH,
// KW, C/G], or adds them to where they came from.
func (j *job) patches(s *scratch, img []float32, width, oy0, oy1 int, add bool) {
	height, channels := j.KH*j.KW*j.C, j.C/j.G
	run, taps := channels, j.KW // what lies in one piece, and how many of these there are
	if j.G == 1 && j.DW == 1 {
		run, taps = j.KW*j.C, 1
	}
	for oy := oy0; oy < oy1; oy++ {
		for g := range j.G {
			for ky := range j.KH {
				for kx := range taps {
					patch := s.patch[(oy-oy0)*j.OW*height+((g*j.KH+ky)*taps+kx)*run:]
					under := img[((oy*j.SH+ky*j.DH)*width+kx*j.DW)*j.C+g*channels:]
					if add {
						s.copyRuns(under, j.SW*j.C, patch, height, j.OW, run, true)
					} else {
						s.copyRuns(patch, height, under, j.SW*j.C, j.OW, run, false)
					}
				}
			}
		}
	}
}

// tiles calls f for the parts of n rows that tiles have room for.
func tiles(kern *gemm.Kernel, n int, f func(i, rows int)) {
	count := (n + kern.Rows - 1) / kern.Rows
	for tile := range count {
		i := n * tile / count
		f(i, n*(tile+1)/count-i)
	}
}

// forwardPatches is forward with copied windows.
func (j *job) forwardPatches(s *scratch, _, n0, n1 int) {
	kern := gemm.Best()
	t := &s.t
	height, filters := j.KH*j.KW*j.C, j.F/j.G
	depth := height / j.G
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		j.blocks(func(oy0, oy1 int) {
			pixels := (oy1 - oy0) * j.OW
			s.patch = grow(s.patch, pixels*height)
			j.patches(s, img, width, oy0, oy1, false)
			t.Flags, t.Bias = 0, nil
			j.finish(t)
			t.K, t.AI, t.AK = int64(depth), int64(height), 1
			t.BK, t.BN, t.Ldc = int64(j.F), int64(kern.Cols), int64(j.F)
			tiles(kern, pixels, func(i, rows int) {
				for g := range j.G {
					t.A, t.B, t.C = &s.patch[i*height+g*depth], &j.w[g*filters], &j.y[((n*j.OH+oy0)*j.OW+i)*j.F+g*filters]
					if j.bias != nil {
						t.Bias = &j.bias[g*filters]
					}
					kern.Run(t, rows, filters)
				}
			})
		})
	}
}

// weights adds the image's part of dw: windows, copied side by side, times the
// gradient, over many pixels at once.
func (j *job) weights(s *scratch, img []float32, width int, dy, dw []float32) {
	kern := gemm.Best()
	t := &s.t
	height, filters := j.KH*j.KW*j.C, j.F/j.G
	depth := height / j.G
	j.blocks(func(oy0, oy1 int) {
		pixels := (oy1 - oy0) * j.OW
		s.patch = grow(s.patch, pixels*height)
		j.patches(s, img, width, oy0, oy1, false)
		t.Flags, t.Bias, t.Ldc = gemm.Add, nil, int64(j.F)
		t.K, t.AI, t.AK = int64(pixels), 1, int64(height)
		t.BK, t.BN = int64(j.F), int64(kern.Cols)
		for g := range j.G {
			tiles(kern, depth, func(i, rows int) {
				t.A, t.B, t.C = &s.patch[g*depth+i], &dy[oy0*j.OW*j.F+g*filters], &dw[i*j.F+g*filters]
				kern.Run(t, rows, filters)
			})
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
	kern := gemm.Best()
	t := &s.t
	height, filters := j.KH*j.KW*j.C, j.F/j.G
	depth := height / j.G
	j.blocks(func(oy0, oy1 int) {
		pixels := (oy1 - oy0) * j.OW
		s.patch = grow(s.patch, pixels*height)
		t.Flags, t.Bias, t.Ldc = 0, nil, int64(height)
		t.K, t.AI, t.AK = int64(filters), int64(j.F), 1
		t.BK, t.BN = int64(depth), int64(kern.Cols)
		tiles(kern, pixels, func(i, rows int) {
			for g := range j.G {
				t.A, t.B, t.C = &dy[(oy0*j.OW+i)*j.F+g*filters], &j.wt[g*filters*depth], &s.patch[i*height+g*depth]
				kern.Run(t, rows, depth)
			}
		})
		j.patches(s, img, width, oy0, oy1, true)
	})
	if padded {
		out := j.dx[n*size : (n+1)*size]
		for r := range j.H {
			copy(out[r*j.W*j.C:(r+1)*j.W*j.C], img[((r+j.PadTop)*width+j.PadLeft)*j.C:])
		}
	}
}
