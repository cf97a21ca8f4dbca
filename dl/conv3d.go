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
// F]. See [Conv2D], which computes it: of images whose channels are those of the KD planes under the window.
func Conv3D(x, w, b *Tensor, o Conv3DOptions) *Tensor {
	const op = "Conv3D"
	volumes(op, x, w, "C/Groups, F", o.Padding)
	n, c := x.shape[0], x.shape[4]
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
	g := windows{N: n, H: 1, W: x.shape[1], C: 1, axes: 1} // along the depth
	along := o.depth().images()
	g.take(op, [2]int{1, kd}, 1, along, x, w)
	g.slide(op, along.Padding, x, w)
	planes := x
	if kd > 1 || g.SW > 1 || g.PadLeft > 0 || g.OW != g.W {
		planes = x.planes(op, &g, groups)
		// The weights of a plane's pixel: [KH, KW, KD*C/Groups, F].
		w = w.Permute(1, 2, 0, 3, 4)
	}
	y := convolved(op, 2, planes.Reshape(n*g.OW, x.shape[2], x.shape[3], kd*c), w.Reshape(kh, kw, kd*inner, filters), b, o.plane())
	return y.Reshape(n, g.OW, y.shape[1], y.shape[2], filters)
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

// planes are the planes of x [N, D, H, W, C] under each place of windows along the depth, by groups of channels: [N,
// OD, H, W, Groups, KD, C/Groups].
func (x *Tensor) planes(op string, g *windows, groups int) *Tensor {
	s := x.shape
	reach := g.reach()[1]
	after := max(0, (g.OW-1)*g.SW+reach-g.PadLeft-g.W)
	padded := x
	if g.PadLeft > 0 || after > 0 {
		padded = x.Pad([]int{0, g.PadLeft, 0, 0, 0}, []int{0, after, 0, 0, 0})
	}
	at := ints(g.OW * g.KW)
	for i := range at {
		at[i] = i/g.KW*g.SW + i%g.KW*g.DW
	}
	under := padded.along(op, 1, at).Reshape(s[0], g.OW, g.KW, s[2], s[3], groups, s[4]/groups)
	return under.Permute(0, 1, 3, 4, 5, 2, 6)
}

// ConvTranspose3D is the transposed convolution of volumes x [N, D, H, W, C] with w [KD, KH, KW, F/Groups, C], plus b
// [F] unless it is nil: [N, OD, OH, OW, F]. See [ConvTranspose2D].
func ConvTranspose3D(x, w, b *Tensor, o Conv3DOptions) *Tensor {
	const op = "ConvTranspose3D"
	volumes(op, x, w, "F/Groups, C", o.Padding)
	n, d := x.shape[0], x.shape[1]
	kd, kh, kw, inner, c := w.shape[0], w.shape[1], w.shape[2], w.shape[3], w.shape[4]
	groups := max(o.Groups, 1)
	filters := inner * groups
	checkBias(op, x, w, b, filters)
	if wanted := x.shape[4]; wanted != c {
		shapePanic(op, fmt.Sprintf("the input has %d channels, the weights %d", wanted, c), x, w)
	}
	g := windows{N: n, C: 1, axes: 1} // along the depth
	along := o.depth().images()
	g.take(op, [2]int{1, kd}, 1, along, x, w)
	before, depth := along.Padding.grown(op, 0, d, g.reach()[1], g.SW, g.DW, along.OutputPadding[1], x, w)
	// Each plane gives KD planes, as channels of one; these are added up along the depth.
	plane := o.plane()
	plane.Fuse = NoFusion
	parts := transposed(op, 2, x.Reshape(n*d, x.shape[2], x.shape[3], c), w.Permute(1, 2, 0, 3, 4).Reshape(kh, kw, kd*inner, c), nil, plane)
	oh, ow := parts.shape[1], parts.shape[2]
	parts = parts.Reshape(n, d, oh, ow, groups, kd, inner).Permute(0, 1, 5, 2, 3, 4, 6)
	whole := max(before+depth, (d-1)*g.SW+g.reach()[1])
	at := ints(n * d * kd)
	for i := range at {
		at[i] = i/(d*kd)*whole + i/kd%d*g.SW + i%kd*g.DW
	}
	y := parts.scattered(shapeOf(n, whole, oh, ow, filters), at, oh*ow*filters)
	return y.Slice(1, before, before+depth).finished(b, o.Fuse)
}
