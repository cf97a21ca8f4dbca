package dl

import "fmt"

// ConvTranspose1D is the transposed convolution of sequences x [N, L, C] with w [K, F/Groups, C], plus b [F] unless it
// is nil: [N, OL, F]. See [ConvTranspose2D].
func ConvTranspose1D(x, w, b *Tensor, o Conv1DOptions) *Tensor {
	return transposed("ConvTranspose1D", 1, x, w, b, o.images())
}

// ConvTranspose2D is the transposed convolution of images x [N, H, W, C] with w [KH, KW, F/Groups, C] (the layout of
// Keras), plus b [F] unless it is nil: [N, OH, OW, F]. It is what carries gradients back through a [Conv2D] of those
// options: it writes each pixel, times the weights, over a window of the result, and adds up where windows overlap. A
// padding of p rows makes OH
//
//	(H-1)*Stride - 2p + (KH-1)*Dilation + 1 + OutputPadding
//
// as in PyTorch; Same makes it H*Stride, as in Keras.
func ConvTranspose2D(x, w, b *Tensor, o ConvOptions) *Tensor {
	return transposed("ConvTranspose2D", 2, x, w, b, o)
}

func transposed(op string, axes int, x, w, b *Tensor, o ConvOptions) *Tensor {
	small := windowsOver(op, axes, x)
	if small.N > 0 && small.H*small.W == 0 {
		shapePanic(op, "there is nothing to enlarge: each size between the first and the last must be at least 1", x)
	}
	size, inner, outer := kernelOf(op, axes, x, w, "F/Groups, C")
	g := small
	g.C = inner * max(o.Groups, 1)
	g.take(op, size, outer, o, x, w)
	if outer != small.C {
		shapePanic(op, fmt.Sprintf("the input has %d channels, the weights %d", small.C, outer), x, w)
	}
	checkBias(op, x, w, b, g.C)
	reach := g.reach()
	g.OH, g.OW = small.H, small.W
	if axes == 2 {
		g.PadTop, g.H = o.Padding.grown(op, 0, small.H, reach[0], g.SH, g.DH, o.OutputPadding[0], x, w)
	}
	g.PadLeft, g.W = o.Padding.grown(op, axes-1, small.W, reach[1], g.SW, g.DW, o.OutputPadding[1], x, w)
	y := convolve(op, g, convInput, nil, w, x)
	return y.finished(b, o.Fuse)
}

// finished adds a bias, if there is one, and applies an activation.
func (y *Tensor) finished(b *Tensor, act Fusion) *Tensor {
	if b != nil {
		y = y.Add(b)
	}
	switch act {
	case FuseReLU:
		return y.ReLU()
	case FuseGELU:
		return y.GELU()
	}
	return y
}

// grown returns the size of an axis of the result of a transposed convolution, and how much of the padding before it is
// cut off.
func (p Padding) grown(op string, axis, size, reach, stride, dilation, extra int, shown ...*Tensor) (before, out int) {
	switch {
	case extra < 0 || extra >= max(stride, dilation):
		shapePanic(op, fmt.Sprintf("an OutputPadding of %d must be smaller than the stride %d or the dilation %d", extra, stride, dilation), shown...)
	case p == Causal:
		shapePanic(op, "a transposed convolution cannot be causal", shown...)
	case p == Same && extra > 0:
		shapePanic(op, "OutputPadding does not go with the padding same", shown...)
	}
	if p == Same {
		out = size * stride
		before, _ = p.Along(axis, out, reach, stride)
		return before, out
	}
	before = p.n[axis]
	if out = (size-1)*stride - 2*before + reach + extra; out < 1 {
		shapePanic(op, fmt.Sprintf("nothing is left of %d places with a window of %d and the padding %v", size, reach, p), shown...)
	}
	return before, out
}
