package conv

import "modelbook/dl/internal/gemm"

// Forward computes y [N,OH,OW,F] from x [N,H,W,C] and w [KH,KW,C/G,F], adds bias
// [F] unless it is nil, and applies ReLU when relu is set.
func Forward(g Geometry, x, w, bias []float32, relu bool, y []float32) {
	j := jobs.Take()
	j.Geometry, j.pass, j.x, j.w, j.bias, j.y, j.clip = g.complete(), (*job).forward, x, w, bias, y, relu
	switch {
	case j.winograd():
		j.runWinograd(w, j.C, j.F, (*job).forwardWinograd, 1)
		j.release()
		return
	case j.gathers():
		j.forwardGathered()
		j.release()
		return
	case j.depthwise():
		j.pass = (*job).forwardDepth
	case !j.plain():
		j.pass = (*job).forwardPatches
	case j.C == 1 && j.KH > 1 && j.KW < 16:
		j.pass = (*job).forwardGrey
		j.columns()
	}
	j.run(loose)
	j.release()
}

// forward multiplies a row of windows after the other by the weights: a row of
// output pixels, with a stride in the image, is a matrix.
func (j *job) forward(s *scratch, _, n0, n1 int) {
	kern := gemm.Best()
	t := &s.t
	t.K, t.AI, t.AK = int64(j.KW*j.C), int64(j.SW*j.C), 1
	t.BK, t.BN, t.Ldc = int64(j.F), int64(kern.Cols), int64(j.F)
	tiles := (j.OW + kern.Rows - 1) / kern.Rows
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		for oy := range j.OH {
			row := j.y[(n*j.OH+oy)*j.OW*j.F:]
			for tile := range tiles {
				ox := j.OW * tile / tiles
				t.C = &row[ox*j.F]
				t.Flags, t.Bias = 0, nil
				for ky := range j.KH {
					if ky == j.KH-1 {
						j.finish(t)
					}
					t.A = &img[((oy*j.SH+ky)*width+ox*j.SW)*j.C]
					t.B = &j.w[ky*j.KW*j.C*j.F]
					kern.Run(t, j.OW*(tile+1)/tiles-ox, j.F)
					t.Flags = gemm.Add
				}
			}
		}
	}
}

// finish makes a tile add the bias and apply ReLU.
func (j *job) finish(t *gemm.Tile) {
	if j.bias != nil {
		t.Bias = &j.bias[0]
	}
	if j.clip {
		t.Flags |= gemm.ReLU
	}
}

// columns writes the weights of a single channel in the order column, row.
func (j *job) columns() {
	j.wt = grow(j.wt, len(j.w))
	for ky := range j.KH {
		for kx := range j.KW {
			copy(j.wt[(kx*j.KH+ky)*j.F:][:j.F], j.w[(ky*j.KW+kx)*j.F:])
		}
	}
}

// forwardGrey is forward for a single channel, where a row of a window is so
// short that a tile would do little more than read and write its part of the
// result. It copies the rows of the image under a row of output pixels
// together, column by column, so that a whole window lies in one piece.
func (j *job) forwardGrey(s *scratch, _, n0, n1 int) {
	kern := gemm.Best()
	t := &s.t
	t.K, t.AI, t.AK = int64(j.KW*j.KH), int64(j.SW*j.KH), 1
	t.B, t.BK, t.BN, t.Ldc = &j.wt[0], int64(j.F), int64(kern.Cols), int64(j.F)
	t.Flags, t.Bias = 0, nil
	j.finish(t)
	tiles := (j.OW + kern.Rows - 1) / kern.Rows
	for n := n0; n < n1; n++ {
		img, width := j.image(s, j.x, n)
		s.patch = grow(s.patch, width*j.KH)
		for oy := range j.OH {
			interleave(s.patch, img[oy*j.SH*width:], j.KH, width)
			row := j.y[(n*j.OH+oy)*j.OW*j.F:]
			for tile := range tiles {
				ox := j.OW * tile / tiles
				t.A, t.C = &s.patch[ox*j.SW*j.KH], &row[ox*j.F]
				kern.Run(t, j.OW*(tile+1)/tiles-ox, j.F)
			}
		}
	}
}

// interleave writes some rows of n elements, which follow each other, column by column.
func interleave(dst, src []float32, rows, n int) {
	if rows == 3 {
		x, y, z, d := src[:n], src[n:2*n], src[2*n:3*n], dst[:3*n]
		for i, v := range x {
			d[0], d[1], d[2] = v, y[i], z[i]
			d = d[3:]
		}
		return
	}
	for r := range rows {
		at := r
		for _, v := range src[r*n:][:n] {
			dst[at] = v
			at += rows
		}
	}
}
