package nn

import (
	"fmt"
	"reflect"
	"slices"

	"modelbook/dl"
)

// Loss measures how wrong outputs are as one number, the mean over the batch, that training makes small.
//
// Of takes the model's outputs as they are. FromLogits, where present, takes the outputs of a model without its last
// activation, Head: together they can be computed faster and without losing digits, and Trainer does so. A loss of
// your own needs a name and Of.
type Loss struct {
	Name       string
	Of         func(output, target *dl.Tensor) *dl.Tensor
	Head       Activation
	FromLogits func(logits, target *dl.Tensor) *dl.Tensor
}

var (
	// MSE is the mean of the squared differences; output and target have the same shape.
	MSE = Loss{Name: "mse", Of: dl.MSE}

	// MAE is the mean of the absolute differences; output and target have the same shape.
	MAE = Loss{Name: "mae", Of: dl.MAE}

	// BinaryCrossEntropy compares probabilities of class 1 with targets in [0, 1] of the same shape.
	BinaryCrossEntropy = Loss{Name: "binary_cross_entropy",
		Of: dl.BinaryCrossEntropy, Head: Sigmoid, FromLogits: dl.BinaryCrossEntropyLogits}

	// CategoricalCrossEntropy compares probabilities [N, C] with one-hot targets [N, C].
	CategoricalCrossEntropy = Loss{Name: "categorical_cross_entropy",
		Of: crossEntropy, Head: Softmax, FromLogits: dl.CrossEntropy}

	// SparseCrossEntropy compares probabilities [N, ..., C] with class numbers [N, ...].
	SparseCrossEntropy = Loss{Name: "sparse_cross_entropy",
		Of: sparseCrossEntropy, Head: Softmax, FromLogits: dl.SparseCrossEntropy}
)

// losses are those that a name stands for.
func losses() []Loss {
	return []Loss{MSE, MAE, BinaryCrossEntropy, CategoricalCrossEntropy, SparseCrossEntropy}
}

// MarshalBinary writes the loss's name, for gob and for saved sessions. A loss of your own is a function, which no file
// can hold: that is an error.
func (l Loss) MarshalBinary() ([]byte, error) {
	same := func(known Loss) bool {
		return known.Name == l.Name && reflect.ValueOf(known.Of).Pointer() == reflect.ValueOf(l.Of).Pointer()
	}
	if l.Of != nil && !slices.ContainsFunc(losses(), same) {
		return nil, fmt.Errorf("nn: the loss %q is a function of your own, which cannot be written", l.Name)
	}
	if l.Of == nil {
		return nil, nil
	}
	return []byte(l.Name), nil
}

// UnmarshalBinary makes l the loss of that name.
func (l *Loss) UnmarshalBinary(b []byte) error {
	i := slices.IndexFunc(losses(), func(known Loss) bool { return known.Name == string(b) })
	switch {
	case i >= 0:
		*l = losses()[i]
	case len(b) > 0:
		return fmt.Errorf("nn: there is no loss %.40q", b)
	default:
		*l = Loss{}
	}
	return nil
}

// smallest keeps the logarithm of a probability finite; it is Keras's epsilon.
const smallest = 1e-7

// crossEntropy is the mean of -sum(target * log(probability)).
func crossEntropy(probabilities, onehot *dl.Tensor) *dl.Tensor {
	return probabilities.Clip(smallest, 1).Log().Mul(onehot).Sum().MulScalar(-float64(probabilities.Dim(-1)) / float64(max(1, probabilities.Size())))
}

// sparseCrossEntropy is the mean of -log(probability of the true class).
func sparseCrossEntropy(probabilities, labels *dl.Tensor) *dl.Tensor {
	return crossEntropy(probabilities, labels.OneHot(probabilities.Dim(-1)))
}
