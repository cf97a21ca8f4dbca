package dl

import "fmt"

// Conv3DOptions are the details of [Conv3D] and [ConvTranspose3D]: see [ConvOptions].
type Conv3DOptions struct {
	Stride        [3]int // in depth, height and width
	Padding       Padding
	Dilation      [3]int
	Groups        int
	OutputPadding [3]int
	Fuse          Fusion
}

// plane are the options within the planes of a volume.
func (o Conv3DOptions) plane() ConvOptions {
	two := func(n [3]int) [2]int { return [2]int{n[1], n[2]} }
	return ConvOptions{two(o.Stride), o.Padding.plane(), two(o.Dilation), o.Groups, two(o.OutputPadding), o.Fuse}
}

// depth are those along the depth.
func (o Conv3DOptions) depth() Conv1DOptions {
	return Conv1DOptions{Stride: o.Stride[0], Padding: o.Padding.depth(), Dilation: o.Dilation[0], OutputPadding: o.OutputPadding[0]}
}

func (p Padding) plane() Padding {
	if p.axes == 3 {
		return Pad2D(p.n[1], p.n[2])
	}
	return p
}

func (p Padding) depth() Padding {
	if p.axes == 3 {
		return Pad1D(p.n[0])
	}
	return p
}

// Conv3D slides w [KD, KH, KW, C/Groups, F] over volumes x [N, D, H, W, C], adds b [F] unless it is nil: [N, OD, OH, OW,
// F]. See [Conv2D].
func Conv3D(x, w, b *Tensor, o Conv3DOptions) *Tensor {
	const op = "Conv3D"
	if o.Fuse == FuseGELU {
		o.Fuse = NoFusion
		return Conv3D(x, w, b, o).GELU()
	}
	volumes(op, x, w, "C/Groups, F", o.Padding)
	n, d, c := x.shape[0], x.shape[1], x.shape[4]
	kd, kh, kw, inner, filters := w.shape[0], w.shape[1], w.shape[2], w.shape[3], w.shape[4]
	groups := max(o.Groups, 1)
	if o.Groups < 0 || c%groups != 0 || filters%groups != 0 {
		shapePanic(op, fmt.Sprintf("%d channels and %d filters cannot be divided into %d groups", c, filters, o.Groups), x, w)
	}
	if inner*groups != c {
		shapePanic(op, fmt.Sprintf("with %d channels in %d groups each filter has %d, the weights have %d", c, groups, c/groups, inner), x, w)
	}
	if o.OutputPadding != [3]int{} {
		shapePanic(op, "OutputPadding is for transposed convolutions", x, w)
	}
	checkBias(op, x, w, b, filters)
	along := windows{N: n, H: 1, W: d, C: 1, axes: 1}
	along.take(op, [2]int{1, kd}, 1, o.depth().images(), x, w)
	along.slide(op, o.depth().Padding, x, w)
	g := windows{N: n, H: x.shape[2], W: x.shape[3], C: c, axes: 2}
	g.take(op, [2]int{kh, kw}, filters, o.plane(), x, w)
	g.slide(op, o.plane().Padding, x, w)
	g.deepen(&along)
	return g.convolved(op, x, w, b, o.Fuse == FuseReLU)
}

// deepen makes windows over planes those over volumes; along are those along the depth.
func (g *windows) deepen(along *windows) {
	g.axes = 3
	g.D, g.KD, g.SD, g.DD, g.PadFront, g.OD = along.W, along.KW, along.SW, along.DW, along.PadLeft, along.OW
}

// volumes checks volumes and weights.
func volumes(op string, x, w *Tensor, last string, p Padding) {
	x.check()
	if len(x.shape) != 5 {
		shapePanic(op, "volumes are [N, D, H, W, C]", x)
	}
	kernelOf(op, 3, x, w, last)
	if wrong := p.Suits(3); wrong != "" {
		shapePanic(op, wrong, x, w)
	}
}

// ConvTranspose3D is the transposed convolution of volumes x [N, D, H, W, C] with w [KD, KH, KW, F/Groups, C], plus b
// [F] unless it is nil: [N, OD, OH, OW, F]. See [ConvTranspose2D].
func ConvTranspose3D(x, w, b *Tensor, o Conv3DOptions) *Tensor {
	const op = "ConvTranspose3D"
	volumes(op, x, w, "F/Groups, C", o.Padding)
	n, d := x.shape[0], x.shape[1]
	kd, kh, kw, inner, c := w.shape[0], w.shape[1], w.shape[2], w.shape[3], w.shape[4]
	g := windows{N: n, C: inner * max(o.Groups, 1), OH: x.shape[2], OW: x.shape[3], axes: 2}
	g.take(op, [2]int{kh, kw}, c, o.plane(), x, w)
	checkBias(op, x, w, b, g.C)
	if wanted := x.shape[4]; wanted != c {
		shapePanic(op, fmt.Sprintf("the input has %d channels, the weights %d", wanted, c), x, w)
	}
	if n > 0 && d*g.OH*g.OW == 0 {
		shapePanic(op, "there is nothing to enlarge: each size between the first and the last must be at least 1", x)
	}
	depth := o.depth().images()
	along := windows{N: n, C: 1, OW: d, axes: 1}
	along.take(op, [2]int{1, kd}, 1, depth, x, w)
	along.PadLeft, along.W = depth.Padding.grown(op, 0, d, along.reach()[1], along.SW, along.DW, depth.OutputPadding[1], x, w)
	reach, plane := g.reach(), o.plane()
	g.PadTop, g.H = plane.Padding.grown(op, 0, g.OH, reach[0], g.SH, g.DH, plane.OutputPadding[0], x, w)
	g.PadLeft, g.W = plane.Padding.grown(op, 1, g.OW, reach[1], g.SW, g.DW, plane.OutputPadding[1], x, w)
	g.deepen(&along)
	return convolve(op, g, convInput, nil, w, x).finished(b, o.Fuse)
}
