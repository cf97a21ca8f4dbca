package explain

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// The outputs of the last layer are the predictions, those of the layers before are what they are made of, and a model
// that is in training drops nothing out.
func TestActivationsAreTheOutputsOfALayer(t *testing.T) {
	m := small(t, 3)
	x := dl.NewRand(8).Normals(0, 1, 4, 6, 6, 2)
	m.SetTraining(true)
	if last := Activations(m, "dense", x); !last.Equal(m.Predict(x)) || last.RequiresGrad() {
		t.Errorf("of the last layer: %v, predicted %v", last, m.Predict(x))
	}
	dropped := Activations(m, "dropout", x)
	if !dropped.Shape().Equal(dl.Shape{4, 4, 4, 3}) || !dropped.Equal(Activations(m, "conv2d", x)) {
		t.Errorf("the dropout is not that of a model in use: %v", dropped.Shape())
	}
	if got := m.Layers[2].Forward(dropped); !got.Equal(Activations(m, "conv2d_1", x)) {
		t.Error("the next layer's outputs are not made of these")
	}
	if len(m.Layers) != 5 {
		t.Errorf("the model has %d layers left", len(m.Layers))
	}
}

// What a layer marks as padding is left out by those behind it, as in the whole model.
func TestActivationsHeedMasks(t *testing.T) {
	dl.Seed(1)
	m, err := nn.Sequential(dl.Shape{3}, nn.Embedding{Vocabulary: 5, Units: 2, MaskZero: true}, nn.LSTM{Units: 3}, nn.Dense{Units: 2})
	if err != nil {
		t.Fatal(err)
	}
	tokens := dl.Of([]int32{1, 2, 0, 3, 0, 0}, 2, 3)
	if got := m.Layers[2].Forward(Activations(m, "lstm", tokens)); !got.AllClose(m.Predict(tokens), 0, 1e-6) {
		t.Errorf("%v, predicted %v", got, m.Predict(tokens))
	}
}
