package nn

import (
	"fmt"

	"modelbook/dl"
)

// Dropout sets values to 0 with probability Rate while training and scales the others by 1/(1-Rate); in inference it
// changes nothing.
type Dropout struct {
	Rate float64

	training bool
	rand     *dl.Rand
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d Dropout) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if !(d.Rate >= 0 && d.Rate < 1) {
		return nil, nil, fmt.Errorf("Rate is %v; it is a share from 0 to below 1", d.Rate)
	}
	d.rand = b.source()
	return &d, in, nil
}

// Forward computes the outputs for a batch.
func (d *Dropout) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank(); d.idle() { // refuses nil
		return x
	}
	r := d.rand
	if r == nil { // not built, and nobody gave it a source
		r = dl.DefaultRand()
	}
	return dl.Dropout(x, d.Rate, r)
}

// idle says that nothing is dropped.
func (d *Dropout) idle() bool { return !d.training || d.Rate == 0 }

// Parameters returns the parameters of the layer.
func (d *Dropout) Parameters() []*Parameter { return nil }

// SetTraining switches the layer to training or to inference: see the function of that name.
func (d *Dropout) SetTraining(on bool) { d.training = on }

// SetRand says where random numbers come from: see the function of that name.
func (d *Dropout) SetRand(r *dl.Rand) { d.rand = r }

// BatchNorm brings every channel (the last axis) to mean 0 and variance 1, then scales by Gamma and shifts by Beta.
// While training it uses the mean and variance of the batch and keeps running ones, which it uses in inference:
//
//	running = Momentum*running + (1-Momentum)*batch
//
// The batch's variance enters multiplied by n/(n-1), as in PyTorch and in Keras's fused kernel. A batch with a single
// value for each channel has none (PyTorch refuses it): it uses the running ones and leaves them as they are. So does a
// layer whose Gamma and Beta are frozen, as in Keras.
type BatchNorm struct {
	Momentum float64 // 0: 0.99, as in Keras (PyTorch's default, its momentum 0.1, is 0.9 here)
	Epsilon  float64 // added to the variance; 0: 1e-3, as in Keras (PyTorch has 1e-5)

	Gamma    *Parameter `json:"-"` // set by Build, begins as 1
	Beta     *Parameter `json:"-"` // set by Build, begins as 0
	Mean     *Parameter `json:"-"` // set by Build, frozen, begins as 0
	Variance *Parameter `json:"-"` // set by Build, frozen, begins as 1

	training bool
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n BatchNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.Momentum == 0 {
		n.Momentum = 0.99
	}
	if n.Epsilon == 0 {
		n.Epsilon = 1e-3
	}
	if !(n.Momentum > 0 && n.Momentum < 1) || !isEpsilon(n.Epsilon) {
		return nil, nil, fmt.Errorf("Momentum %v must lie between 0 and 1, Epsilon %v above 0, and be finite", n.Momentum, n.Epsilon)
	}
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis to normalise")
	}
	c := in[len(in)-1]
	n.Gamma = b.Parameter("gamma", nil, Ones, c, c, c)
	n.Beta = b.Parameter("beta", nil, Zeros, c, c, c)
	n.Mean = b.Statistic("mean", 0, c)
	n.Variance = b.Statistic("variance", 1, c)
	return &n, in, nil
}

// Forward computes the outputs for a batch.
func (n *BatchNorm) Forward(x *dl.Tensor) *dl.Tensor { return n.forward(x, false) }

// forward computes the outputs, or those of a ReLU behind it.
func (n *BatchNorm) forward(x *dl.Tensor, relu bool) *dl.Tensor {
	gamma, beta := n.Gamma.tensor("nn.BatchNorm"), n.Beta.tensor("nn.BatchNorm")
	if n.Mean == nil || n.Variance == nil {
		notBuilt("nn.BatchNorm")
	}
	learns := n.training && !(n.Gamma.Frozen && n.Beta.Frozen) && x.Size() > gamma.Size()
	return dl.BatchNorm(x, gamma, beta, n.Mean.Value, n.Variance.Value,
		dl.BatchNormOptions{Training: learns, Momentum: n.Momentum, Epsilon: n.Epsilon, ReLU: relu})
}

// Parameters returns the parameters of the layer.
func (n *BatchNorm) Parameters() []*Parameter { return present(n.Gamma, n.Beta, n.Mean, n.Variance) }

// SetTraining switches the layer to training or to inference: see the function of that name.
func (n *BatchNorm) SetTraining(on bool) { n.training = on }

// LayerNorm brings every row, the last axis, to mean 0 and variance 1, then scales by Gamma and shifts by Beta. It
// does the same in training and in inference.
type LayerNorm struct {
	Epsilon float64 // added to the variance; 0: 1e-3, as in Keras (PyTorch has 1e-5)

	Gamma *Parameter `json:"-"` // set by Build, begins as 1
	Beta  *Parameter `json:"-"` // set by Build, begins as 0
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n LayerNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.Epsilon == 0 {
		n.Epsilon = 1e-3
	}
	if !isEpsilon(n.Epsilon) {
		return nil, nil, fmt.Errorf("Epsilon %v must lie above 0, and be finite", n.Epsilon)
	}
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis to normalise")
	}
	c := in[len(in)-1]
	n.Gamma = b.Parameter("gamma", nil, Ones, c, c, c)
	n.Beta = b.Parameter("beta", nil, Zeros, c, c, c)
	return &n, in, nil
}

// Forward computes the outputs for a batch.
func (n *LayerNorm) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.LayerNorm(x, n.Gamma.tensor("nn.LayerNorm"), n.Beta.tensor("nn.LayerNorm"), n.Epsilon)
}

// Parameters returns the parameters of the layer.
func (n *LayerNorm) Parameters() []*Parameter { return present(n.Gamma, n.Beta) }
