package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"ConvLSTM1D": kindOf[ConvLSTM1D](), "ConvLSTM2D": kindOf[ConvLSTM2D]()})
}

// ConvLSTM1D is an [LSTM] whose inputs and states are sequences: see [ConvLSTM2D]. It takes [N, T, L, C], and makes
// [N, OL, Filters] or [N, T, OL, Filters].
type ConvLSTM1D struct {
	Filters             int
	Kernel              int
	Stride              int         `json:",omitempty"` // 0: 1
	Padding             Padding     // Valid, as in Keras, Same, or Pad1D
	Dilation            int         `json:",omitempty"` // 0: 1
	Activation          Activation  `json:",omitempty"` // Identity: Tanh, as in Keras
	RecurrentActivation Activation  `json:",omitempty"` // of the gates; Identity: Sigmoid, as in Keras 3
	ReturnSequences     bool        `json:",omitempty"` // the outputs of all steps
	GoBackwards         bool        `json:",omitempty"` // from the last step to the first; the outputs stand in that order
	NoBias              bool        `json:",omitempty"`
	ZeroForgetBias      bool        `json:",omitempty"` // see [LSTM]
	WeightInit          Initializer `json:"-"`          // nil: GlorotUniform, as in Keras
	RecurrentInit       Initializer `json:"-"`          // nil: Orthogonal, as in Keras
	BiasInit            Initializer `json:"-"`          // nil: Zeros, and 1 for forget gates

	Weight    *Parameter `json:"-"` // set by Build: [K, C, 4*Filters], for the gates i, f, g, o
	Recurrent *Parameter `json:"-"` // [K, Filters, 4*Filters]
	Bias      *Parameter `json:"-"` // [4*Filters]
}

// ConvLSTM2D is an [LSTM] whose inputs and states are images, and whose products are convolutions (Shi et al., 2015): it
// takes [N, T, H, W, C], such as films, and makes of them the state after the last step, [N, OH, OW, Filters], or of all
// steps [N, T, OH, OW, Filters]. Stride, Padding and Dilation are those of the inputs' convolution; that of the states
// keeps their size. Form and defaults are Keras's; PyTorch has no such layer.
type ConvLSTM2D struct {
	Filters             int
	Kernel              [2]int
	Stride              [2]int      // 0: 1
	Padding             Padding     // Valid, as in Keras, Same, or Pad2D
	Dilation            [2]int      // 0: 1
	Activation          Activation  `json:",omitempty"` // Identity: Tanh, as in Keras
	RecurrentActivation Activation  `json:",omitempty"` // of the gates; Identity: Sigmoid, as in Keras 3
	ReturnSequences     bool        `json:",omitempty"` // the outputs of all steps
	GoBackwards         bool        `json:",omitempty"` // from the last step to the first; the outputs stand in that order
	NoBias              bool        `json:",omitempty"`
	ZeroForgetBias      bool        `json:",omitempty"` // see [LSTM]
	WeightInit          Initializer `json:"-"`          // nil: GlorotUniform, as in Keras
	RecurrentInit       Initializer `json:"-"`          // nil: Orthogonal, as in Keras
	BiasInit            Initializer `json:"-"`          // nil: Zeros, and 1 for forget gates

	Weight    *Parameter `json:"-"` // set by Build: [KH, KW, C, 4*Filters], for the gates i, f, g, o
	Recurrent *Parameter `json:"-"` // [KH, KW, Filters, 4*Filters]
	Bias      *Parameter `json:"-"` // [4*Filters]
}

// A film says how both compute their steps.
type film struct {
	filters, axes        int
	activation, gates    Activation
	sequences, backwards bool
}

// filmed is what both have in common, with a number for each axis.
type filmed struct {
	film
	window             sliding
	noBias, zeroForget bool
	weight, recurrent  Initializer
	bias               Initializer
}

// build makes the parameters and says what becomes of samples [T, ..., C].
func (f *filmed) build(in dl.Shape, b *Builder) (weight, recurrent, bias *Parameter, out dl.Shape, err error) {
	axes := f.axes
	if len(in) != axes+2 {
		return nil, nil, nil, nil, fmt.Errorf("the input %v is not steps of which each is %s", in, kindsOfInput[axes])
	}
	if f.filters < 1 {
		return nil, nil, nil, nil, fmt.Errorf("Filters is %d; give the number of channels of a state", f.filters)
	}
	for _, a := range []Activation{f.activation, f.gates} {
		if int(a) >= len(activations) || a == Softmax {
			return nil, nil, nil, nil, fmt.Errorf("Activation and RecurrentActivation cannot be %v", a)
		}
	}
	f.window.field = "Kernel"
	places, err := f.window.over(in[1:])
	if err != nil {
		return nil, nil, nil, nil, err
	}
	taps := 1
	for _, n := range f.window.size {
		taps *= n
	}
	channels, wide := in[len(in)-1], 4*f.filters
	shape := func(in int) []int { return append(append([]int{}, f.window.size...), in, wide) }
	for _, s := range []dl.Shape{shape(channels), shape(f.filters), append(append(dl.Shape{in[0]}, places...), wide)} {
		if err := checkShape(s); err != nil {
			return nil, nil, nil, nil, err
		}
	}
	weight = b.Parameter("weight", f.weight, GlorotUniform, taps*channels, taps*wide, shape(channels)...)
	recurrent = b.Parameter("recurrent_weight", f.recurrent, Orthogonal{}, taps*f.filters, taps*wide, shape(f.filters)...)
	if !f.noBias {
		var start Initializer = forgetBias(f.filters)
		if f.zeroForget {
			start = Zeros
		}
		bias = b.Parameter("bias", f.bias, start, taps*channels, wide, wide)
	}
	out = append(dl.Shape(places), f.filters)
	if f.sequences {
		out = append(dl.Shape{in[0]}, out...)
	}
	return weight, recurrent, bias, out, nil
}

// run computes the states of all steps. convolve does so for the inputs, and again for states.
func (f film) run(op string, x *dl.Tensor, input, again func(x *dl.Tensor) *dl.Tensor) *dl.Tensor {
	if x.Rank() != f.axes+3 {
		dl.PanicShape(op, "steps of which each is "+kindsOfInput[f.axes]+" are needed: [N, T, ...]", x)
	}
	n, steps := x.Dim(0), x.Dim(1)
	if steps == 0 {
		dl.PanicShape(op, "there are no steps", x)
	}
	var shape [6]int
	all := input(x.Reshape(append(append(shape[:0], n*steps), x.Shape()[2:]...)...)) // of all steps at once
	all = all.Reshape(append(append(shape[:0], n, steps), all.Shape()[1:]...)...)
	activation, gates := cmp.Or(f.activation, Tanh), cmp.Or(f.gates, Sigmoid)
	var h, c *dl.Tensor
	outs := newTensorList(steps)
	defer outs.done()
	for t := range steps {
		at := t
		if f.backwards {
			at = steps - 1 - t
		}
		z := all.Select(1, at)
		if h != nil {
			z = z.Add(again(h))
		}
		part := func(k int) *dl.Tensor { return z.Narrow(-1, k*f.filters, f.filters) }
		next := gates.Apply(part(0)).Mul(activation.Apply(part(2)))
		if c != nil {
			next = next.Add(gates.Apply(part(1)).Mul(c))
		}
		c = next
		h = gates.Apply(part(3)).Mul(activation.Apply(c))
		outs.all[t] = h
	}
	if !f.sequences {
		return h
	}
	return dl.Stack(outs.all...).MoveAxis(0, 1)
}

func (l *ConvLSTM1D) film() film {
	return film{filters: l.Filters, axes: 1, activation: l.Activation, gates: l.RecurrentActivation, sequences: l.ReturnSequences, backwards: l.GoBackwards}
}

func (l *ConvLSTM2D) film() film {
	return film{filters: l.Filters, axes: 2, activation: l.Activation, gates: l.RecurrentActivation, sequences: l.ReturnSequences, backwards: l.GoBackwards}
}

func (l *ConvLSTM1D) filmed() *filmed {
	return &filmed{film: l.film(), window: sliding{size: []int{l.Kernel}, stride: []int{cmp.Or(l.Stride, 1)}, dilation: []int{cmp.Or(l.Dilation, 1)},
		padding: l.Padding}, noBias: l.NoBias, zeroForget: l.ZeroForgetBias, weight: l.WeightInit, recurrent: l.RecurrentInit, bias: l.BiasInit}
}

func (l *ConvLSTM2D) filmed() *filmed {
	stride, dilation := cmp.Or(l.Stride, [2]int{1, 1}), cmp.Or(l.Dilation, [2]int{1, 1})
	return &filmed{film: l.film(), window: sliding{size: l.Kernel[:], stride: stride[:], dilation: dilation[:],
		padding: l.Padding}, noBias: l.NoBias, zeroForget: l.ZeroForgetBias, weight: l.WeightInit, recurrent: l.RecurrentInit, bias: l.BiasInit}
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l ConvLSTM1D) Build(in dl.Shape, b *Builder) (_ Module, out dl.Shape, err error) {
	l.Weight, l.Recurrent, l.Bias, out, err = l.filmed().build(in, b)
	return &l, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l ConvLSTM2D) Build(in dl.Shape, b *Builder) (_ Module, out dl.Shape, err error) {
	l.Weight, l.Recurrent, l.Bias, out, err = l.filmed().build(in, b)
	return &l, out, err
}

// Forward computes the outputs for a batch.
func (l *ConvLSTM1D) Forward(x *dl.Tensor) *dl.Tensor {
	weight, recurrent := l.Weight.tensor("nn.ConvLSTM1D"), l.Recurrent.tensor("nn.ConvLSTM1D")
	return l.film().run("nn.ConvLSTM1D.Forward", x, func(x *dl.Tensor) *dl.Tensor {
		return dl.Conv1D(x, weight, l.Bias.optional(), dl.Conv1DOptions{Stride: l.Stride, Padding: l.Padding, Dilation: l.Dilation})
	}, func(h *dl.Tensor) *dl.Tensor { return dl.Conv1D(h, recurrent, nil, dl.Conv1DOptions{Padding: Same}) })
}

// Forward computes the outputs for a batch.
func (l *ConvLSTM2D) Forward(x *dl.Tensor) *dl.Tensor {
	weight, recurrent := l.Weight.tensor("nn.ConvLSTM2D"), l.Recurrent.tensor("nn.ConvLSTM2D")
	return l.film().run("nn.ConvLSTM2D.Forward", x, func(x *dl.Tensor) *dl.Tensor {
		return dl.Conv2D(x, weight, l.Bias.optional(), dl.ConvOptions{Stride: l.Stride, Padding: l.Padding, Dilation: l.Dilation})
	}, func(h *dl.Tensor) *dl.Tensor { return dl.Conv2D(h, recurrent, nil, dl.ConvOptions{Padding: Same}) })
}

// Parameters returns the parameters of the layer.
func (l *ConvLSTM1D) Parameters() []*Parameter { return present(l.Weight, l.Recurrent, l.Bias) }

// Parameters returns the parameters of the layer.
func (l *ConvLSTM2D) Parameters() []*Parameter { return present(l.Weight, l.Recurrent, l.Bias) }

func (l *ConvLSTM1D) detail() string { return fmt.Sprintf("%d", l.Kernel) }
func (l *ConvLSTM2D) detail() string { return fmt.Sprintf("%dx%d", l.Kernel[0], l.Kernel[1]) }
