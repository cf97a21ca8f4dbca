package main

import (
	"context"
	"fmt"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
	"modelbook/dl/optim"
	"modelbook/dl/train"
	"modelbook/dl/zoo"
)

// A workload is a model and what a step of it is fed: the same network, batch and optimizer as in peer.py. Those without
// layers are operations on large tensors.
type workload struct {
	name   string
	unit   string   // what is counted: images, rows, tokens or MB of the result
	batch  int      // samples of a training step
	items  int      // of the unit in a sample
	fit    int      // batches of an epoch of Trainer.Fit, which is then what is called a step; 0: a loop without one
	frozen bool     // all but the last layer are
	sample dl.Shape // of one input
	tokens int      // inputs are tokens below this number; 0: inputs are uniform in [0, 1)
	labels int      // targets are classes below this number, one for each item
	layers func() []nn.Layer
	rule   func() optim.Optimizer
}

func adam() optim.Optimizer { return &optim.Adam{LearningRate: 1e-3, Epsilon: 1e-8} }

var three = [2]int{3, 3}

func cnn2() []nn.Layer {
	return []nn.Layer{
		nn.Conv2D{Filters: 32, Kernel: three, Activation: nn.ReLU},
		nn.MaxPool2D{},
		nn.Conv2D{Filters: 64, Kernel: three, Activation: nn.ReLU},
		nn.MaxPool2D{},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	}
}

// The result of concat and slice.
const (
	rows, columns = 2048, 4096
	megabytes     = 4 * rows * columns / 1000000
)

var workloads = []workload{
	{name: "flagship", unit: "images", batch: 64, items: 1, sample: dl.Shape{28, 28, 1}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			return []nn.Layer{
				nn.Conv2D{Filters: 32, Kernel: three, Activation: nn.ReLU},
				nn.Flatten{},
				nn.Dense{Units: 128, Activation: nn.ReLU},
				nn.Dense{Units: 10, Activation: nn.Softmax},
			}
		}},
	{name: "cnn2", unit: "images", batch: 64, items: 1, sample: dl.Shape{28, 28, 1}, labels: 10, rule: adam, layers: cnn2},
	{name: "mlp", unit: "rows", batch: 128, items: 1, sample: dl.Shape{784}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			return []nn.Layer{
				nn.Dense{Units: 512, Activation: nn.ReLU},
				nn.Dense{Units: 512, Activation: nn.ReLU},
				nn.Dense{Units: 10, Activation: nn.Softmax},
			}
		}},
	{name: "gpt", unit: "tokens", batch: 16, items: 128, sample: dl.Shape{128}, tokens: 256, labels: 256,
		rule: func() optim.Optimizer {
			return &optim.AdamW{LearningRate: 1e-3, Epsilon: 1e-8, WeightDecay: 0.01}
		},
		layers: func() []nn.Layer {
			block := nn.TransformerBlock{Heads: 4, Causal: true, Epsilon: 1e-5}
			return []nn.Layer{
				nn.Embedding{Vocabulary: 256, Units: 128},
				nn.PositionalEmbedding{},
				block, block, block, block,
				nn.LayerNorm{Epsilon: 1e-5},
				nn.Dense{Units: 256, NoBias: true},
			}
		}},
	{name: "lstm", unit: "rows", batch: 32, items: 1, sample: dl.Shape{64, 256}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			return []nn.Layer{nn.LSTM{Units: 256, Layers: 2}, nn.Dense{Units: 10, Activation: nn.Softmax}}
		}},
	{name: "tokens", unit: "tokens", batch: 16, items: 64, sample: dl.Shape{64}, tokens: 256, labels: 256, fit: 16,
		rule: func() optim.Optimizer {
			return &optim.AdamW{LearningRate: 1e-3, Epsilon: 1e-8, WeightDecay: 0.01}
		},
		layers: func() []nn.Layer {
			block := nn.TransformerBlock{Heads: 4, Causal: true, Epsilon: 1e-5}
			return []nn.Layer{
				nn.Embedding{Vocabulary: 256, Units: 64},
				nn.PositionalEmbedding{},
				block, block,
				nn.LayerNorm{Epsilon: 1e-5},
				nn.Dense{Units: 256, NoBias: true, Activation: nn.Softmax},
			}
		}},
	{name: "finetune", unit: "images", batch: 64, items: 1, sample: dl.Shape{28, 28, 1}, labels: 10, frozen: true, rule: adam,
		layers: cnn2},
	{name: "resnet18", unit: "images", batch: 32, items: 1, sample: dl.Shape{32, 32, 3}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			net, err := zoo.ResNet{Classes: 10, CIFAR: true}.New()
			if err != nil {
				panic(err)
			}
			return []nn.Layer{net.AsLayer()}
		}},
	{name: "separable", unit: "images", batch: 32, items: 1, sample: dl.Shape{32, 32, 64}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			var layers []nn.Layer
			for range 2 { // blocks of MobileNet
				layers = append(layers,
					nn.DepthwiseConv2D{Kernel: three, Padding: nn.Pad2D(1, 1), NoBias: true}, nn.BatchNorm{Momentum: 0.9, Epsilon: 1e-5}, nn.ReLU,
					nn.Conv2D{Filters: 128, Kernel: [2]int{1, 1}, NoBias: true}, nn.BatchNorm{Momentum: 0.9, Epsilon: 1e-5}, nn.ReLU)
			}
			return append(layers, nn.GlobalAvgPool2D{}, nn.Dense{Units: 10, Activation: nn.Softmax})
		}},
	{name: "conv1d", unit: "rows", batch: 32, items: 1, sample: dl.Shape{512, 16}, labels: 10, rule: adam,
		layers: func() []nn.Layer {
			return []nn.Layer{
				nn.Conv1D{Filters: 64, Kernel: 5, Activation: nn.ReLU}, nn.Conv1D{Filters: 64, Kernel: 5, Activation: nn.ReLU},
				nn.MaxPool1D{},
				nn.Conv1D{Filters: 128, Kernel: 5, Activation: nn.ReLU}, nn.Conv1D{Filters: 128, Kernel: 5, Activation: nn.ReLU},
				nn.GlobalAvgPool1D{}, nn.Dense{Units: 10, Activation: nn.Softmax},
			}
		}},
	{name: "concat", unit: "MB", batch: 1, items: megabytes},
	{name: "slice", unit: "MB", batch: 1, items: megabytes},
}

// named finds a workload.
func named(name string) (*workload, error) {
	known := ""
	for i := range workloads {
		if workloads[i].name == name {
			return &workloads[i], nil
		}
		known += " " + workloads[i].name
	}
	return nil, fmt.Errorf("no workload is called %q; there are%s", name, known)
}

// A runner takes steps of a workload. What a step needs is made once.
type runner struct {
	arena  *dl.Arena // nil: the step has its own
	step   func()
	inputs [4]*dl.Tensor // distinct batches, used in turn
	labels [4]*dl.Tensor
	turn   int
	last   float64 // loss of the last training step
}

// Step takes one step.
func (r *runner) Step() {
	if r.arena == nil {
		r.step()
	} else {
		r.arena.Run(r.step)
	}
	r.turn++
}

// newRunner builds a workload's model and synthetic data, from a fixed seed.
func newRunner(w *workload, mode string, batch int) (*runner, error) {
	dl.Seed(1)
	r := &runner{arena: dl.NewArena()}
	if w.layers == nil {
		return r, r.moves(w, mode)
	}
	model, err := nn.Sequential(w.sample, w.layers()...)
	if err != nil {
		return nil, err
	}
	if w.frozen {
		for _, layer := range model.Layers[:len(model.Layers)-1] {
			nn.Freeze(layer)
		}
	}
	if w.fit > 0 {
		batch *= w.fit // the whole data set
	}
	random := dl.NewRand(2)
	for i := range r.inputs {
		x := dl.Zeros(append(dl.Shape{batch}, w.sample...)...)
		for j, values := 0, x.Float32s(); j < len(values); j++ {
			values[j] = float32(random.Float64())
		}
		if w.tokens > 0 {
			x = x.MulScalar(float64(w.tokens)).To(dl.Int32)
		}
		y := dl.New(dl.Int32, batch*w.items)
		for j := range y.Size() {
			y.Set(float64(int(random.Float64()*float64(w.labels))), j)
		}
		r.inputs[i], r.labels[i] = x, y
	}
	switch mode {
	case "train":
		if w.fit > 0 {
			r.fits(w, model)
			break
		}
		rule, parameters := w.rule(), nn.Trainable(model)
		nn.SetTraining(model, true)
		r.step = func() {
			i := r.turn % len(r.inputs)
			gradient.Steady(r.inputs[i]) // as a Trainer says it
			logits := model.Logits(r.inputs[i])
			if len(logits.Shape()) > 2 {
				logits = logits.Reshape(-1, w.labels)
			}
			loss := dl.SparseCrossEntropy(logits, r.labels[i])
			loss.Backward()
			rule.Step(parameters)
			for _, p := range parameters {
				p.ZeroGrad()
			}
			r.last = loss.Item()
		}
	case "infer":
		forward := func() { model.Logits(r.inputs[r.turn%len(r.inputs)]) }
		r.step = func() { dl.NoGrad(forward) }
	default:
		return nil, fmt.Errorf("mode %q is neither train nor infer", mode)
	}
	return r, nil
}

// fits makes a step an epoch of Fit.
func (r *runner) fits(w *workload, model *nn.Model) {
	n := r.inputs[0].Dim(0)
	set := data.FromTensors(r.inputs[0], r.labels[0].Reshape(append([]int{n}, w.sample...)...))
	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: w.rule(), Seed: 1}
	r.arena = nil
	r.step = func() {
		h, err := trainer.Fit(context.Background(), set, train.Options{BatchSize: n / w.fit})
		if err != nil {
			panic(err)
		}
		r.last = h.Last("loss")
	}
}

// moves makes a step a Concat or a Slice with its gradient.
func (r *runner) moves(w *workload, mode string) error {
	if mode != "train" {
		return fmt.Errorf("%s has only the mode train", w.name)
	}
	random := dl.NewRand(2)
	dy := random.Normals(0, 1, rows, columns)
	if w.name == "concat" {
		a, b := random.Normals(0, 1, rows, columns/2).RequireGrad(), random.Normals(0, 1, rows, columns/2).RequireGrad()
		r.step = func() {
			a.ZeroGrad()
			b.ZeroGrad()
			dl.Concat(1, a, b).BackwardWith(dl.BackwardOptions{Gradient: dy})
		}
		return nil
	}
	x := random.Normals(0, 1, rows, 2*columns).RequireGrad()
	r.step = func() {
		x.ZeroGrad()
		x.Slice(1, columns/2, 3*columns/2).Contiguous().BackwardWith(dl.BackwardOptions{Gradient: dy})
	}
	return nil
}
