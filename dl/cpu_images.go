package dl

import (
	"modelbook/dl/internal/conv"
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

func (cpu) convolve(c convolution) {
	c.flatten()
	if c.x.dtype == Float32 && c.pointwise() {
		pixels := c.N * c.H * c.W
		gemm.SgemmFused(gemm.Of(c.x.f32(), pixels, c.C), gemm.Of(c.w.f32(), c.C, c.F), gemm.Of(c.y.f32(), pixels, c.F), gemm.Epilogue{Bias: c.b.values(), ReLU: c.relu})
		return
	}
	if c.x.dtype == Float32 {
		c.forward(c.x.f32(), c.w.f32(), c.b.values(), c.relu, c.y.f32())
		return
	}
	c.y.clear()
	x, w, y := c.x.f64(), c.w.f64(), c.y.f64()
	c.eachTap(func(i, j, k int) { y[k] += x[i] * w[j] })
	finish(c.y, c.b, c.relu)
}

// flatten makes windows over volumes those over their planes, where these have nothing to do with each other.
func (g *windows) flatten() {
	if g.axes == 3 && g.KD == 1 && g.SD == 1 && g.PadFront == 0 && g.OD == g.D {
		g.N, g.axes = g.N*g.D, 2
	}
}

// pointwise reports whether each pixel of the output is of one of the image: the convolution is a product of matrices.
func (g *windows) pointwise() bool {
	return g.axes < 3 && g.KH == 1 && g.KW == 1 && g.SH == 1 && g.SW == 1 && g.PadTop == 0 && g.PadLeft == 0 && g.OH == g.H && g.OW == g.W && g.Groups == 1 && g.C > 1
}

// pointwiseGrad is convolveGrad of a pointwise convolution.
func (c *convolutionGrad) pointwiseGrad() {
	pixels, dy := c.N*c.H*c.W, c.dy.f32()
	if c.norm != nil {
		taken := conv.PointwiseNorm(c.norm.behind(), c.before.before(), pixels, c.C, c.F, c.x.f32(), c.w.f32(), dy, c.dw.values(), c.db.values(), c.dx.values())
		c.before.end(taken)
		return
	}
	if c.y != nil {
		vec.ReluGrad(dy, dy, c.y.f32())
	}
	if c.dx != nil {
		w := gemm.Matrix[float32]{Data: c.w.f32(), Rows: c.F, Cols: c.C, Stride: c.F, Transposed: true}
		gemm.SgemmFused(gemm.Of(dy, pixels, c.F), w, gemm.Of(c.dx.f32(), pixels, c.C), gemm.Epilogue{})
	}
	if c.dw != nil {
		x := gemm.Matrix[float32]{Data: c.x.f32(), Rows: c.C, Cols: pixels, Stride: c.C, Transposed: true}
		gemm.SgemmFused(x, gemm.Of(dy, pixels, c.F), gemm.Of(c.dw.f32(), c.C, c.F), gemm.Epilogue{})
	}
	if c.db != nil {
		(cpu{}).sumTo(c.dy, c.db)
	}
}

func (cpu) convolveGrad(c convolutionGrad) {
	c.flatten()
	if c.norm != nil && (c.axes == 3 || c.pointwise() && (c.y != nil || !conv.PointwiseNear(c.N*c.H*c.W, c.C, c.F))) {
		(cpu{}).batchNormInput(c.norm, c.dy, c.dy)
		c.norm = nil
	}
	if c.x.dtype == Float32 && c.pointwise() {
		c.pointwiseGrad()
		return
	}
	if c.x.dtype == Float32 {
		taken := c.backward(c.norm.behind(), c.before.before(), c.x.f32(), c.w.f32(), c.dy.f32(), c.y.values(), c.dw.values(), c.db.values(), c.dx.values())
		c.before.end(taken)
		return
	}
	if c.y != nil {
		maskDoubles(c.dy.f64(), c.y.f64())
	}
	x, w, dy := c.x.f64(), c.w.f64(), c.dy.f64()
	if c.dx != nil {
		c.dx.clear()
		dx := c.dx.f64()
		c.eachTap(func(i, j, k int) { dx[i] += w[j] * dy[k] })
	}
	if c.dw != nil {
		c.dw.clear()
		dw := c.dw.f64()
		c.eachTap(func(i, j, k int) { dw[j] += x[i] * dy[k] })
	}
	if c.db != nil {
		(cpu{}).sumTo(c.dy, c.db)
	}
}

func (cpu) contract(g windows, part int, in [3]*Tensor) {
	g.flatten()
	if in[part].dtype == Float64 {
		in[part].clear()
		to, a, b := in[part].f64(), in[(part+1)%3].f64(), in[(part+2)%3].f64()
		g.eachTap(func(x, w, y int) {
			at := [3]int{x, w, y}
			to[at[part]] += a[at[(part+1)%3]] * b[at[(part+2)%3]]
		})
		return
	}
	x, w, y := in[0].f32(), in[1].f32(), in[2].f32()
	switch part {
	case convInput:
		g.backward(conv.Norm{}, conv.NormSums{}, x, w, y, nil, nil, nil, x)
	case convWeights:
		g.backward(conv.Norm{}, conv.NormSums{}, x, w, y, nil, w, nil, nil)
	default:
		g.forward(x, w, nil, false, y)
	}
}

func (g *windows) forward(x, w, bias []float32, relu bool, y []float32) {
	if g.axes == 3 {
		conv.ForwardVolumes(g.volumes(), x, w, bias, relu, y)
		return
	}
	conv.Forward(g.geometry(), x, w, bias, relu, y)
}

func (g *windows) backward(norm conv.Norm, before conv.NormSums, x, w, dy, y, dw, db, dx []float32) (taken bool) {
	if g.axes == 3 {
		conv.BackwardVolumes(g.volumes(), x, w, dy, y, dw, db, dx)
		return false
	}
	return conv.BackwardNorm(g.geometry(), norm, before, x, w, dy, y, dw, db, dx)
}

// eachTap calls f for every pair of an input element and a weight that meet,
// with the output element they add to: the definition of a convolution.
func (g *windows) eachTap(f func(x, w, y int)) {
	if g.axes < 3 {
		g.eachTapOfPlanes(g.N, f)
		return
	}
	in, taps, out := g.H*g.W*g.C, g.KH*g.KW*g.C/g.Groups*g.F, g.OH*g.OW*g.F
	for i := range g.N * g.OD * g.KD {
		n, oz, kz := i/(g.OD*g.KD), i/g.KD%g.OD, i%g.KD
		if z := oz*g.SD + kz*g.DD - g.PadFront; z >= 0 && z < g.D {
			g.eachTapOfPlanes(1, func(x, w, y int) { f((n*g.D+z)*in+x, kz*taps+w, (n*g.OD+oz)*out+y) })
		}
	}
}

func (g *windows) eachTapOfPlanes(images int, f func(x, w, y int)) {
	channels, filters := g.C/g.Groups, g.F/g.Groups // of a group
	for n := range images {
		for oy := range g.OH {
			for ox := range g.OW {
				for ky := range g.KH {
					for kx := range g.KW {
						iy, ix := oy*g.SH+ky*g.DH-g.PadTop, ox*g.SW+kx*g.DW-g.PadLeft
						if iy < 0 || iy >= g.H || ix < 0 || ix >= g.W {
							continue
						}
						for c := range g.C {
							for i := range filters {
								k := c/channels*filters + i
								f(((n*g.H+iy)*g.W+ix)*g.C+c, ((ky*g.KW+kx)*channels+c%channels)*g.F+k, ((n*g.OH+oy)*g.OW+ox)*g.F+k)
							}
						}
					}
				}
			}
		}
	}
}

func (g *windows) geometry() conv.Geometry {
	return conv.Geometry{N: g.N, H: g.H, W: g.W, C: g.C, KH: g.KH, KW: g.KW, F: g.F, SH: g.SH, SW: g.SW, DH: g.DH, DW: g.DW, G: g.Groups,
		PadTop: g.PadTop, PadLeft: g.PadLeft, OH: g.OH, OW: g.OW}
}

func (g *windows) volumes() conv.Volumes {
	return conv.Volumes{Geometry: g.geometry(), D: g.D, KD: g.KD, SD: g.SD, DD: g.DD, PadFront: g.PadFront, OD: g.OD}
}
