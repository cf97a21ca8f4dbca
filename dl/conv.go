package dl

import (
	"fmt"
	"math"

	"modelbook/dl/internal/conv"
)

// ConvOptions are the details of [Conv2D]. A stride of 0 means 1.
type ConvOptions struct {
	Stride     [2]int
	Same       bool // pad with zeros so that the output has ceil(size/stride) rows and columns (Keras's "same")
	Activation Activation
}

// geometry works out the output of a window that slides over x [N, H, W, C].
func geometry(op string, x *Tensor, kh, kw, filters int, stride [2]int, same bool) conv.Geometry {
	if len(x.shape) != 4 {
		shapePanic(op, "images are [N, H, W, C]", x)
	}
	g := conv.Geometry{N: x.shape[0], H: x.shape[1], W: x.shape[2], C: x.shape[3], KH: kh, KW: kw, F: filters,
		SH: max(stride[0], 1), SW: max(stride[1], 1)}
	if kh < 1 || kw < 1 || stride[0] < 0 || stride[1] < 0 {
		shapePanic(op, fmt.Sprintf("a window of %dx%d with stride %v is impossible", kh, kw, stride), x)
	}
	if same {
		g.OH, g.OW = (g.H+g.SH-1)/g.SH, (g.W+g.SW-1)/g.SW
		g.PadTop = max(0, (g.OH-1)*g.SH+kh-g.H) / 2
		g.PadLeft = max(0, (g.OW-1)*g.SW+kw-g.W) / 2
		return g
	}
	g.OH, g.OW = (g.H-kh)/g.SH+1, (g.W-kw)/g.SW+1
	if g.H < kh || g.W < kw {
		shapePanic(op, fmt.Sprintf("a window of %dx%d does not fit into %dx%d", kh, kw, g.H, g.W), x)
	}
	return g
}

// Conv2D slides w [KH, KW, C, F] over x [N, H, W, C], adds b [F] unless it is
// nil, and applies the activation: [N, OH, OW, F]. As in every framework, it is
// a cross-correlation: the kernel is not flipped.
func Conv2D(x, w, b *Tensor, o ConvOptions) *Tensor {
	if o.Activation == ActGELU {
		o.Activation = ActNone
		return Conv2D(x, w, b, o).GELU()
	}
	x, w, b = x.Contiguous(), w.Contiguous(), b.contiguous()
	sameFloats("Conv2D", x, w)
	if len(x.shape) != 4 || len(w.shape) != 4 || x.shape[3] != w.shape[2] {
		shapePanic("Conv2D", "x [N, H, W, C] and w [KH, KW, C, F] are needed", x, w)
	}
	if b != nil && (len(b.shape) != 1 || b.shape[0] != w.shape[3]) {
		shapePanic("Conv2D", "the bias must have an element for each filter", w, b)
	}
	if b != nil {
		sameFloats("Conv2D", x, b)
	}
	g := geometry("Conv2D", x, w.shape[0], w.shape[1], w.shape[3], o.Stride, o.Same)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.F))
	if x.dtype == Float32 {
		var bias []float32
		if b != nil {
			bias = b.f32()
		}
		conv.Forward(g, x.f32(), w.f32(), bias, o.Activation == ActReLU, out.f32())
	} else {
		out.zero()
		x, w, y := x.f64(), w.f64(), out.f64()
		eachTap(&g, func(i, j, k int) { y[k] += x[i] * w[j] })
		finish(out, b, o.Activation)
	}
	if n := record(out, backConv, x, w, b); n != nil {
		n.geo, n.relu = g, o.Activation == ActReLU
		var y *Tensor
		if n.relu {
			y = out
		}
		n.keep("Conv2D", w.needed(x), x.needed(w), y)
	}
	return out
}

// eachTap calls f for every pair of an input element and a weight that meet,
// with the output element they add to: the definition of a convolution.
func eachTap(g *conv.Geometry, f func(x, w, y int)) {
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				for ky := range g.KH {
					for kx := range g.KW {
						iy, ix := oy*g.SH+ky-g.PadTop, ox*g.SW+kx-g.PadLeft
						if iy < 0 || iy >= g.H || ix < 0 || ix >= g.W {
							continue
						}
						for c := range g.C {
							for k := range g.F {
								f(((n*g.H+iy)*g.W+ix)*g.C+c, ((ky*g.KW+kx)*g.C+c)*g.F+k, ((n*g.OH+oy)*g.OW+ox)*g.F+k)
							}
						}
					}
				}
			}
		}
	}
}

func backConv(n *node) {
	x, w, b := n.in[0], n.in[1], n.in[2]
	if x.dtype == Float64 {
		dy := n.beforeActivation()
		dx, dw := result(Float64, x.shape), result(Float64, w.shape)
		dx.zero()
		dw.zero()
		xs, ws, dys, dxs, dws := x.f64(), w.f64(), dy.f64(), dx.f64(), dw.f64()
		eachTap(&n.geo, func(i, j, k int) {
			dxs[i] += ws[j] * dys[k]
			dws[j] += xs[i] * dys[k]
		})
		x.accumulate(dx)
		w.accumulate(dw)
		b.sumRows(dy)
		return
	}
	var y []float32
	if n.relu && !n.masked {
		y = n.out.f32()
	}
	dx, dw, db := x.wanted(), w.wanted(), b.wanted()
	conv.Backward(n.geo, x.f32(), w.f32(), n.out.grad.f32(), y, dw.values(), db.values(), dx.values())
	x.accumulate(dx)
	w.accumulate(dw)
	b.accumulate(db)
}

// wanted is t's target, nil when t requires no gradient.
func (t *Tensor) wanted() *Tensor {
	if t == nil || !t.requires {
		return nil
	}
	return t.target()
}

// values are the elements of a float32 tensor that may be nil.
func (t *Tensor) values() []float32 {
	if t == nil {
		return nil
	}
	return t.f32()
}

// MaxPool2D returns the largest element of each window of x [N, H, W, C]. A
// stride of 0 means the window's size; with same, windows reach over the edge.
func MaxPool2D(x *Tensor, size, stride [2]int, same bool) *Tensor {
	x = x.Contiguous()
	x.float("MaxPool2D")
	g := poolGeometry("MaxPool2D", x, size, stride, same)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.C))
	where := result(Int32, out.shape)
	if x.dtype == Float32 {
		conv.MaxPool(g, x.f32(), out.f32(), where.i32())
	} else {
		maxPool(&g, x.f64(), out.f64(), where.i32())
	}
	if n := record(out, backMaxPool, x); n != nil {
		n.geo, n.saved[0] = g, where
		if x.from != nil && x.from.relu {
			n.keep("MaxPool2D", out)
		}
	}
	return out
}

func poolGeometry(op string, x *Tensor, size, stride [2]int, same bool) conv.Geometry {
	for i := range stride {
		if stride[i] == 0 {
			stride[i] = size[i]
		}
	}
	if len(x.shape) != 4 {
		shapePanic(op, "images are [N, H, W, C]", x)
	}
	return geometry(op, x, size[0], size[1], x.shape[3], stride, same)
}

// window returns the rows and columns of the image under an output pixel.
func window(g *conv.Geometry, oy, ox int) (y0, y1, x0, x1 int) {
	y0, x0 = oy*g.SH-g.PadTop, ox*g.SW-g.PadLeft
	return max(y0, 0), min(y0+g.KH, g.H), max(x0, 0), min(x0+g.KW, g.W)
}

// maxPool pools float64 images; where gets the place of each largest element.
func maxPool(g *conv.Geometry, x, y []float64, where []int32) {
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				o := ((n*g.OH+oy)*g.OW + ox) * g.C
				y0, y1, x0, x1 := window(g, oy, ox)
				out, at := y[o:o+g.C], where[o:o+g.C]
				for c := range out {
					out[c], at[c] = math.Inf(-1), int32(((n*g.H+y0)*g.W+x0)*g.C+c)
				}
				for iy := y0; iy < y1; iy++ {
					for ix := x0; ix < x1; ix++ {
						i := ((n*g.H+iy)*g.W + ix) * g.C
						for c, v := range x[i : i+g.C] {
							if v > out[c] || v != v {
								out[c], at[c] = v, int32(i+c)
							}
						}
					}
				}
			}
		}
	}
}

// backMaxPool also applies the gradient of a ReLU that was fused into what was
// pooled: on the pooled values, of which there are fewer.
func backMaxPool(n *node) {
	x, dy := n.in[0], n.out.grad
	g := x.target()
	if x.dtype == Float64 {
		g.zero()
		for i, at := range n.saved[0].i32() {
			g.f64()[at] += dy.f64()[i]
		}
		x.accumulate(g)
		return
	}
	var y []float32
	if x.from != nil && x.from.relu && x.from.back != nil {
		y = n.out.f32()
		x.from.masked = g == x.grad // it is the first gradient
	}
	conv.MaxPoolGrad(n.geo, dy.f32(), y, n.saved[0].i32(), g.f32())
	x.accumulate(g)
}

// AvgPool2D returns the mean of each window of x [N, H, W, C]. A stride of 0
// means the window's size; what lies over the edge is not counted (Keras's way).
func AvgPool2D(x *Tensor, size, stride [2]int, same bool) *Tensor {
	x = x.Contiguous()
	x.float("AvgPool2D")
	g := poolGeometry("AvgPool2D", x, size, stride, same)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.C))
	if x.dtype == Float32 {
		avgPool(&g, x.f32(), out.f32(), false)
	} else {
		avgPool(&g, x.f64(), out.f64(), false)
	}
	if n := record(out, backAvgPool, x); n != nil {
		n.geo = g
	}
	return out
}

// avgPool averages x to y, or, backwards, spreads y over x.
func avgPool[T float](g *conv.Geometry, x, y []T, backwards bool) {
	for n := range g.N {
		for oy := range g.OH {
			for ox := range g.OW {
				o := ((n*g.OH+oy)*g.OW + ox) * g.C
				y0, y1, x0, x1 := window(g, oy, ox)
				out := y[o : o+g.C]
				f := 1 / T(max(1, (y1-y0)*(x1-x0)))
				if !backwards {
					clear(out)
				}
				for iy := y0; iy < y1; iy++ {
					for ix := x0; ix < x1; ix++ {
						in := x[((n*g.H+iy)*g.W+ix)*g.C:][:g.C]
						for c := range out {
							if backwards {
								in[c] += f * out[c]
							} else {
								out[c] += f * in[c]
							}
						}
					}
				}
			}
		}
	}
}

func backAvgPool(n *node) {
	x := n.in[0]
	g := result(x.dtype, x.shape)
	g.zero()
	if x.dtype == Float32 {
		avgPool(&n.geo, g.f32(), n.out.grad.f32(), true)
	} else {
		avgPool(&n.geo, g.f64(), n.out.grad.f64(), true)
	}
	x.accumulate(g)
}
