package nn

import (
	"fmt"

	"modelbook/dl"
)

// A Masker is a layer that marks the steps of sequences that are padding: bools [N, T] for its input, true where a step
// counts, or nil. In a model (Sequential, Graph, and those inside of others) the mark goes on to the layers behind, as
// Keras's masks do: those that are Masked use it, others hand it on as long as their outputs are sequences of as many
// steps. Where a Graph or a [Parallel] joins sequences, the steps that count in one of them count in the result, side by
// side (Concat) those that count in all. A function of a Graph's has no mark.
type Masker interface {
	Mask(x *dl.Tensor) *dl.Tensor
}

// Masked is a layer that uses the mask of its input: bools [N, T], or nil.
type Masked interface {
	ForwardMasked(x, mask *dl.Tensor) *dl.Tensor
}

// checkMask refuses what is no mask of the steps of samples.
func checkMask(op string, x, mask *dl.Tensor) {
	if mask.Rank() != 2 || x.Rank() < 2 || mask.Dim(0) != x.Dim(0) || mask.Dim(1) != x.Dim(1) {
		dl.PanicShape(op, "a mask [N, T] tells which steps of samples [N, T, ...] count", x, mask)
	}
	if mask.DType() != dl.Bool {
		dl.PanicDType(op, "a mask is of bools, true where a step counts", mask)
	}
}

// pass computes what layers, one after the other, make of x, of which a mask may tell which steps count. It returns
// the mask of the result.
func pass(layers []Forwarder, x, mask *dl.Tensor) (y, after *dl.Tensor) {
	for len(layers) > 0 {
		if n, ok := layers[0].(*BatchNorm); ok && mask == nil && len(layers) > 1 && isReLU(layers[1]) {
			x, layers = n.forward(x, true), layers[2:] // in one pass over the memory
			continue
		}
		x, mask = passOne(layers[0], x, mask, false)
		layers = layers[1:]
	}
	return x, mask
}

// isReLU says whether a layer is a ReLU and nothing else.
func isReLU(layer Forwarder) bool {
	l, ok := layer.(*ActivationLayer)
	return ok && l.Activation == ReLU
}

// masking is a layer made of others: they have the mask of its input, and it has that of their output.
type masking interface {
	masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor)
}

// passOne computes what a layer makes of x, without its last activation if headless is set.
func passOne(layer Forwarder, x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	if m, ok := layer.(masking); ok {
		return m.masked(x, mask, headless)
	}
	if m, ok := layer.(Masker); ok {
		if own := m.Mask(x); own != nil {
			mask = own
		}
	}
	m, uses := layer.(Masked)
	h, headed := layer.(Headed)
	switch {
	case uses && mask != nil:
		y = m.ForwardMasked(x, mask)
	case headed && headless:
		y = h.Logits(x)
	default:
		y = layer.Forward(x)
	}
	return y, maskBehind(y, mask)
}

// maskBehind is a mask as far as it is one of y.
func maskBehind(y, mask *dl.Tensor) *dl.Tensor {
	if mask == nil {
		return nil
	}
	if s := y.Shape(); len(s) < 3 || s[0] != mask.Dim(0) || s[1] != mask.Dim(1) {
		return nil
	}
	return mask
}

// joinedMask is the mask of sequences that were joined: of steps that count in all of them where they lie side by side,
// else in any. All steps of one without a mask count.
func joinedMask(y *dl.Tensor, beside bool, masks ...*dl.Tensor) (mask *dl.Tensor) {
	for _, m := range masks {
		switch {
		case m == nil && !beside:
			return nil
		case m == nil:
		case mask == nil:
			mask = m
		case mask != m && !equal(mask.Shape(), m.Shape()):
			return nil
		case mask != m && beside:
			mask = mask.And(m)
		case mask != m:
			mask = mask.Or(m)
		}
	}
	return maskBehind(y, mask)
}

// Masking marks the steps of sequences x [N, T, D] whose values are all Value as padding for the layers behind it, as
// Keras's does: see [Masker]. Such steps become 0.
type Masking struct {
	Value float64 // 0 unless given
}

// Build makes the layer for inputs of a shape: see [Layer].
func (m Masking) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	if m.Value != m.Value {
		return nil, nil, fmt.Errorf("Value is NaN, which equals nothing; it is the value of all of a step that is padding")
	}
	return &m, in, nil
}

// Mask tells which steps count: see [Masker].
func (m *Masking) Mask(x *dl.Tensor) (mask *dl.Tensor) {
	if x.Rank() != 3 {
		dl.PanicShape("nn.Masking.Forward", "sequences [N, T, D] are needed", x)
	}
	dl.NoGrad(func() { mask = x.Ne(fullLike(x, m.Value)).Any(-1) })
	return mask
}

// Forward computes the outputs for a batch.
func (m *Masking) Forward(x *dl.Tensor) *dl.Tensor {
	return x.MaskedFill(m.Mask(x).Unsqueeze(-1).Not(), 0)
}

// Parameters returns the parameters of the layer.
func (m *Masking) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (m *Masking) AnySize() bool { return true }
