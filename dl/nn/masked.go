package nn

import "modelbook/dl"

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (r *Residual) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	if r.Body == nil {
		return r.Forward(x)
	}
	return x.Add(r.Body.ForwardMasked(x, mask))
}

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which positions are seen: see [Masker].
func (t *TransformerBlock) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	if t.Body == nil {
		return t.Forward(x)
	}
	return t.Body.ForwardMasked(x, mask)
}
