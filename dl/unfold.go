package dl

import "fmt"

// WindowOptions are the windows of [Unfold] and [Fold]. A stride or dilation of 0 means 1, as in PyTorch.
type WindowOptions struct {
	Size     [2]int // rows and columns
	Stride   [2]int
	Padding  Padding // with zeros; the zero value is Valid
	Dilation [2]int  // from a place in the window to the next
}

// Unfold returns the windows that a convolution of those options would see in images x [N, H, W, C], as rows, known as
// im2col: [N, OH*OW, KH*KW*C]. PyTorch's torch.nn.functional.unfold has [N, C*KH*KW, OH*OW]. Its product with weights
// [KH*KW*C, F] is the convolution. See [Tensor.Unfold] for windows along one axis of any tensor, as a view.
func Unfold(x *Tensor, o WindowOptions) *Tensor {
	g := windowsOver("Unfold", 2, x)
	w, shape := g.over("Unfold", o, x)
	if !shape.Equal(x.shape) {
		x = x.Pad(shapeOf(0, g.PadTop, g.PadLeft, 0), shapeOf(0, shape[1]-g.H-g.PadTop, shape[2]-g.W-g.PadLeft, 0))
	}
	return x.windows("Unfold", w, shapeOf(g.N, g.OH*g.OW, g.KH*g.KW*g.C))
}

// Fold adds up windows x [N, OH*OW, KH*KW*C] to images [N, height, width, C], as PyTorch's torch.nn.functional.fold
// does with its layout, known as col2im. It carries gradients back through an [Unfold] of those options: where windows
// overlap their elements add up, so that Fold(Unfold(x)) is x times the number of windows that see each pixel.
func Fold(x *Tensor, height, width int, o WindowOptions) *Tensor {
	x.check()
	x.float("Fold")
	if max(o.Size[0], o.Size[1]) > maxWindow {
		shapePanic("Fold", fmt.Sprintf("a window of %d rows and %d columns is impossible", o.Size[0], o.Size[1]), x)
	}
	taps := max(o.Size[0], 1) * max(o.Size[1], 1)
	if len(x.shape) != 3 || x.shape[2]%taps != 0 {
		shapePanic("Fold", fmt.Sprintf("windows are [N, OH*OW, %d*%d*C]", o.Size[0], o.Size[1]), x)
	}
	if height < 1 || width < 1 {
		shapePanic("Fold", fmt.Sprintf("images of %dx%d are impossible", height, width), x)
	}
	g := windows{N: x.shape[0], H: height, W: width, C: x.shape[2] / taps, axes: 2}
	w, shape := g.over("Fold", o, x)
	if x.shape[1] != g.OH*g.OW {
		shapePanic("Fold", fmt.Sprintf("images of %dx%d have %dx%d windows, which are %d", height, width, g.OH, g.OW, g.OH*g.OW), x)
	}
	y := x.unwindowed("Fold", shape, w)
	if shape[1] != height {
		y = y.Slice(1, g.PadTop, g.PadTop+height)
	}
	if shape[2] != width {
		y = y.Slice(2, g.PadLeft, g.PadLeft+width)
	}
	return y
}

// over takes the options. It returns where the windows [N, OH, OW, KH, KW, C] lie in images with padding, and the shape of
// these.
func (g *windows) over(op string, o WindowOptions, x *Tensor) (w windowing, shape Shape) {
	g.take(op, o.Size, g.C, ConvOptions{Stride: o.Stride, Padding: o.Padding, Dilation: o.Dilation}, x)
	g.slide(op, o.Padding, x)
	reach := g.reach()
	shape = shapeOf(g.N, max(g.PadTop+g.H, (g.OH-1)*g.SH+reach[0]), max(g.PadLeft+g.W, (g.OW-1)*g.SW+reach[1]), g.C)
	shape.check(op)
	across := g.C
	down := shape[2] * across
	w.shape = shapeOf(g.N, g.OH, g.OW, g.KH, g.KW, g.C)
	w.shape.check(op)
	w.strides = shapeOf(shape[1]*down, g.SH*down, g.SW*across, g.DH*down, g.DW*across, 1)
	w.axes = slidingAxes{{1, (reach[0] + g.SH - 1) / g.SH}, {2, (reach[1] + g.SW - 1) / g.SW}}
	return w, shape
}
