package dl

import (
	"math"

	"modelbook/dl/internal/conv"
)

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
	if recording(x) {
		r := maxPoolKind.new()
		r.x, r.where, r.geo = x, where, g
		if x.from != nil && x.from.head().relu {
			r.keep(out)
		}
		attach(out, "MaxPool2D", r)
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
	pad := Valid
	if same {
		pad = Same
	}
	return geometry(op, x, size[0], size[1], x.shape[3], stride, pad)
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

// maxPoolRecord is the record of MaxPool2D.
type maxPoolRecord struct {
	node
	x, where *Tensor // where each largest element is
	geo      conv.Geometry
}

var maxPoolKind = newKind[maxPoolRecord]()

func (r *maxPoolRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

// backward also applies the gradient of a ReLU that was fused into what was
// pooled: on the pooled values, of which there are fewer.
func (r *maxPoolRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	if g.dtype == Float64 {
		g.clear()
		for i, at := range r.where.i32() {
			g.f64()[at] += dy.f64()[i]
		}
		b.add(r.x, g)
		return
	}
	var y []float32
	if b.fuseReLU(r.x, g) {
		y = r.out.f32()
	}
	conv.MaxPoolGrad(r.geo, dy.f32(), y, r.where.i32(), g.f32())
	b.add(r.x, g)
}

func (r *maxPoolRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.scattered(r.x.shape, indices(r.where))}
}

// AvgPool2D returns the mean of each window of x [N, H, W, C]. A stride of 0
// means the window's size; what lies over the edge is not counted (Keras's way).
func AvgPool2D(x *Tensor, size, stride [2]int, same bool) *Tensor {
	x = x.Contiguous()
	x.float("AvgPool2D")
	g := poolGeometry("AvgPool2D", x, size, stride, same)
	out := result(x.dtype, shapeOf(g.N, g.OH, g.OW, g.C))
	pooled(&g, out, x, false)
	if recording(x) {
		r := avgPoolKind.new()
		r.x, r.geo = x, g
		attach(out, "AvgPool2D", r)
	}
	return out
}

// avgPoolRecord is the record of AvgPool2D, or of its gradient.
type avgPoolRecord struct {
	node
	x        *Tensor
	geo      conv.Geometry
	gradient bool
}

var avgPoolKind = newKind[avgPoolRecord]()

func (r *avgPoolRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *avgPoolRecord) backward(b *sweep, dy *Tensor) {
	g := result(r.x.dtype, r.x.shape)
	pooled(&r.geo, g, dy, !r.gradient)
	b.add(r.x, g)
}

func (r *avgPoolRecord) gradients(dy *Tensor) []*Tensor {
	dy = dy.Contiguous()
	out := result(dy.dtype, r.x.shape)
	pooled(&r.geo, out, dy, !r.gradient)
	if recording(dy) {
		n := avgPoolKind.new()
		n.x, n.geo, n.gradient = dy, r.geo, !r.gradient
		attach(out, "the gradient of AvgPool2D", n)
	}
	return []*Tensor{out}
}

// pooled writes to out the means of the windows of x, or, backwards, the
// elements of x spread over their windows.
func pooled(g *conv.Geometry, out, x *Tensor, backwards bool) {
	images, means := x, out
	if backwards {
		out.clear()
		images, means = out, x
	}
	if x.dtype == Float32 {
		avgPool(g, images.f32(), means.f32(), backwards)
	} else {
		avgPool(g, images.f64(), means.f64(), backwards)
	}
}

// indices are the elements of an Int32 tensor.
func indices(t *Tensor) []int {
	at := make([]int, t.size)
	for i, v := range t.i32() {
		at[i] = int(v)
	}
	return at
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
