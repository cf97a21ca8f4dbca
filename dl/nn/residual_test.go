package nn

import (
	"testing"

	"modelbook/dl"
)

// A mask changes nothing of what a Residual does beside its body: the other way and the activation.
func TestAMaskedResidualHasItsShortcutAndActivation(t *testing.T) {
	layer := Build(Residual{Layers: []Layer{GRU{Units: 5, ReturnSequences: true}}, Shortcut: []Layer{Dense{Units: 5}}, Activation: ReLU}, 4, 3)
	x := dl.NewRand(1).Uniforms(-1, 1, 2, 4, 3)
	want, got := layer.Forward(x), layer.ForwardMasked(x, dl.Ones(2, 4).To(dl.Bool))
	if !got.AllClose(want, 1e-6, 1e-6) {
		t.Errorf("%v, without a mask %v", got, want)
	}
}

// A mask that does not fit is refused, and not forgotten.
func TestMasksMustFit(t *testing.T) {
	m := must(Sequential(dl.Shape{4, 3}, GRU{Units: 2}))
	x := dl.Zeros(2, 4, 3)
	for _, mask := range []*dl.Tensor{dl.Ones(2, 3).To(dl.Bool), dl.Ones(2, 4), dl.Ones(2).To(dl.Bool)} {
		if err := dl.Try(func() { m.ForwardMasked(x, mask) }); err == nil {
			t.Errorf("a mask %v of %v is taken", mask.Shape(), mask.DType())
		}
	}
}
