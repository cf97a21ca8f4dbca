package nn

import (
	"cmp"
	"fmt"
	"strings"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"LSTM": kindOf[LSTM](), "GRU": kindOf[GRU](), "SimpleRNN": kindOf[SimpleRNN](), "Masking": kindOf[Masking](),
		"LSTMCell": kindOf[LSTMCell](), "GRUCell": kindOf[GRUCell](), "SimpleRNNCell": kindOf[SimpleRNNCell](),
		"Bidirectional": kindOf[Bidirectional](), "EmbeddingBag": kindOf[EmbeddingBag]()})
}

// RecurrentWeights are the parameters of one layer of a recurrent layer in one direction, the gates side by side: G is
// 4 for LSTM (i, f, g, o: input, forget, candidate, output), 3 for GRU (r, z, n: reset, update, candidate) and 1 for
// SimpleRNN. They are PyTorch's, transposed.
type RecurrentWeights struct {
	Weight        *Parameter // of the inputs [D, G*Units]
	Recurrent     *Parameter // of the state [Units, G*Units]
	Bias          *Parameter // [G*Units]; the sum of PyTorch's two but for GRU; nil with NoBias
	RecurrentBias *Parameter // GRU without ResetBefore: PyTorch's second one [3*Units]
	Projection    *Parameter // LSTM with ProjectionSize: [Units, ProjectionSize], and Recurrent is [ProjectionSize, 4*Units] then
}

// RecurrentState is the state of a recurrent layer between two steps: of each of its layers, and in each the forward
// direction before the backward one, the states of N sequences [layers, N, Units], as PyTorch's h_n and c_n.
type RecurrentState struct {
	Hidden *dl.Tensor // nil: zeros
	Cell   *dl.Tensor // of LSTM
}

// SequenceOptions are the details of Sequence, a method of the recurrent layers.
type SequenceOptions struct {
	State RecurrentState // to begin with
	// Lengths are those of the sequences: what is behind is padding, in which states stay as they are and outputs are
	// 0, as with PyTorch's packed sequences. Nil: all steps count.
	Lengths []int
	Mask    *dl.Tensor // bools [N, T], false where a step is padding, in the place of Lengths
}

// cells are the kinds of recurrent layers.
type cells uint8

const (
	simpleCells cells = iota
	lstmCells
	gruCells
)

// stack is what a recurrent layer of any kind is: its settings and parameters.
type stack struct {
	name                 string // "nn.LSTM"
	kind                 cells
	units, layers        int
	sequences, backwards bool
	bidirectional, relu  bool
	resetBefore, noBias  bool
	dropout              float64
	recurrentDropout     float64
	projection           int // the width of a projected state, or 0
	weight, recurrent    Initializer
	bias, byDefault      Initializer // of the bias
	weights              []RecurrentWeights
}

func (s *stack) gates() int { return [...]int{simpleCells: 1, lstmCells: 4, gruCells: 3}[s.kind] }

// width is that of a hidden state.
func (s *stack) width() int { return cmp.Or(s.projection, s.units) }

func (s *stack) directions() int {
	if s.bidirectional {
		return 2
	}
	return 1
}

// build checks the settings, makes the parameters and says what becomes of samples.
func (s *stack) build(in dl.Shape, b *Builder) ([]RecurrentWeights, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	switch {
	case s.units < 1:
		return nil, nil, fmt.Errorf("Units is %d; give the number of values of a state", s.units)
	case s.layers < 1 || s.layers > 1<<10:
		return nil, nil, fmt.Errorf("Layers is %d; it must be from 1 (or 0, which means 1) to 1024", s.layers)
	case !(s.dropout >= 0 && s.dropout < 1):
		return nil, nil, fmt.Errorf("Dropout is %v; it is a share from 0 to below 1", s.dropout)
	case !(s.recurrentDropout >= 0 && s.recurrentDropout < 1):
		return nil, nil, fmt.Errorf("RecurrentDropout is %v; it is a share from 0 to below 1", s.recurrentDropout)
	case s.projection < 0 || s.projection >= s.units && s.projection > 0:
		return nil, nil, fmt.Errorf("ProjectionSize is %d; it must be from 1 to below Units, %d, or 0 for no projection", s.projection, s.units)
	case s.bidirectional && s.backwards:
		return nil, nil, fmt.Errorf("Bidirectional goes backwards, too: leave out GoBackwards")
	}
	var all []RecurrentWeights
	wide, size := s.gates()*s.units, in[1]
	for layer := range s.layers {
		if err := checkShape(dl.Shape{max(size, s.units), s.units, s.gates()}); err != nil {
			return nil, nil, err
		}
		for direction := range s.directions() {
			suffix := ""
			if layer > 0 {
				suffix = fmt.Sprintf("_%d", layer)
			}
			if direction > 0 {
				suffix += "_reverse"
			}
			w := RecurrentWeights{Weight: b.Parameter("weight"+suffix, s.weight, GlorotUniform, size, wide, size, wide),
				Recurrent: b.Parameter("recurrent_weight"+suffix, s.recurrent, Orthogonal{}, s.width(), wide, s.width(), wide)}
			if !s.noBias {
				w.Bias = b.Parameter("bias"+suffix, s.bias, s.byDefault, size, wide, wide)
				if s.kind == gruCells && !s.resetBefore {
					w.RecurrentBias = b.Parameter("recurrent_bias"+suffix, s.bias, Zeros, s.units, wide, wide)
				}
			}
			if s.projection > 0 {
				w.Projection = b.Parameter("projection"+suffix, s.weight, GlorotUniform, s.units, s.projection, s.units, s.projection)
			}
			all = append(all, w)
		}
		size = s.width() * s.directions()
	}
	if s.sequences {
		return all, dl.Shape{in[0], size}, nil
	}
	return all, dl.Shape{size}, nil
}

// listed are the parameters of all layers.
func listed(weights []RecurrentWeights) (all []*Parameter) {
	for _, w := range weights {
		all = append(all, present(w.Weight, w.Recurrent, w.Bias, w.RecurrentBias, w.Projection)...)
	}
	return all
}

// detail is what a summary tells.
func (s *stack) describe() string {
	var parts []string
	if s.layers > 1 {
		parts = append(parts, fmt.Sprintf("%d layers", s.layers))
	}
	if s.bidirectional {
		parts = append(parts, "bidirectional")
	}
	if s.backwards {
		parts = append(parts, "backwards")
	}
	return strings.Join(parts, ", ")
}

// A chained is what a recurrent layer is when it is built, and what it carries from one call to the next.
type chained struct {
	stack
	training bool
	rand     *dl.Rand
	state    RecurrentState // of a Stateful layer
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (c *chained) SetTraining(on bool) { c.training = on }

// SetRand says where random numbers come from: see the function of that name.
func (c *chained) SetRand(r *dl.Rand) { c.rand = r }

// random is where random numbers come from.
func (c *chained) random() *dl.Rand {
	if c.rand == nil {
		return dl.DefaultRand()
	}
	return c.rand
}

// ResetState makes a Stateful layer begin with zeros again.
func (c *chained) ResetState() { c.state = RecurrentState{} }

// forward is the layer's output: that of the last step, or of all.
func (c *chained) forward(stateful bool, x *dl.Tensor, o SequenceOptions) *dl.Tensor {
	s := &c.stack
	if stateful {
		if o.State = c.state; o.State.Hidden != nil && x.Rank() == 3 && o.State.Hidden.Dim(1) != x.Dim(0) {
			dl.PanicShape(s.name+".Forward", fmt.Sprintf("a Stateful layer goes on with the %d sequences of the last batch; call ResetState before others",
				o.State.Hidden.Dim(1)), x)
		}
	}
	ends := endings{all: stateful}
	y := s.run(c, x, o, &ends)
	if stateful {
		end := ends.state()
		c.state.Hidden = carry(c.state.Hidden, end.Hidden)
		c.state.Cell = carry(c.state.Cell, end.Cell)
	}
	if s.sequences {
		return y
	}
	if s.bidirectional {
		return dl.Concat(-1, ends.last[0], ends.last[1])
	}
	return ends.last[0]
}

// carry keeps a state for the next batch, in memory of its own.
func carry(kept, end *dl.Tensor) *dl.Tensor {
	switch {
	case end == nil:
		return nil
	case kept == nil || !kept.Shape().Equal(end.Shape()) || kept.DType() != end.DType():
		return end.Clone()
	}
	dl.NoGrad(func() { kept.CopyFrom(end.Detach()) })
	return kept
}

// endings are the states after the last step: of the last layer, and, if they are asked for, of all.
type endings struct {
	last         [2]*dl.Tensor
	all          bool
	hidden, cell []*dl.Tensor
}

func (e *endings) state() (s RecurrentState) {
	s.Hidden = dl.Stack(e.hidden...)
	if len(e.cell) > 0 {
		s.Cell = dl.Stack(e.cell...)
	}
	return s
}

// run computes the outputs of all steps, and the states after the last one.
func (s *stack) run(c *chained, x *dl.Tensor, o SequenceOptions, ends *endings) *dl.Tensor {
	if len(s.weights) == 0 {
		dl.PanicValue(cmp.Or(s.name, "nn.LSTM, GRU or SimpleRNN")+".Forward", "the layer has no parameters yet: make it with nn.Sequential or nn.Build")
	}
	if x.Rank() != 3 {
		dl.PanicShape(s.name+".Forward", "sequences [N, T, D] are needed", x)
	}
	s.checkState(x, o.State)
	x = x.Transpose(1, 0, 2) // what a step reads lies together
	for layer := range s.layers {
		if layer > 0 && s.dropout > 0 && c.training {
			x = dl.Dropout(x, s.dropout, c.random())
		}
		var outs [2]*dl.Tensor
		for direction := range s.directions() {
			at := layer*s.directions() + direction
			options := dl.RecurrentOptions{TimeMajor: true, Reverse: s.backwards || direction > 0, Lengths: o.Lengths, Mask: o.Mask,
				ResetBefore: s.resetBefore, ReLU: s.relu}
			if o.State.Hidden != nil {
				options.Hidden = o.State.Hidden.Index(at)
			}
			if o.State.Cell != nil {
				options.Cell = o.State.Cell.Index(at)
			}
			var h, cell *dl.Tensor
			outs[direction], h, cell = s.one(x, s.weights[at], options, s.keeping(c, x))
			ends.last[direction] = h
			if ends.all {
				ends.hidden = append(ends.hidden, h)
			}
			if ends.all && cell != nil {
				ends.cell = append(ends.cell, cell)
			}
		}
		if x = outs[0]; outs[1] != nil {
			x = dl.Concat(2, outs[0], outs[1])
		}
	}
	if s.backwards {
		x = x.Flip(0)
	}
	return x.Transpose(1, 0, 2)
}

// one computes one layer in one direction.
func (s *stack) one(x *dl.Tensor, w RecurrentWeights, o dl.RecurrentOptions, keep *dl.Tensor) (y, h, c *dl.Tensor) {
	if keep != nil || w.Projection != nil {
		return s.stepwise(x, w, o, keep)
	}
	weight, recurrent, bias := w.Weight.tensor(s.name), w.Recurrent.tensor(s.name), w.Bias.optional()
	switch s.kind {
	case lstmCells:
		return dl.LSTM(x, weight, recurrent, bias, o)
	case gruCells:
		o.RecurrentBias = w.RecurrentBias.optional()
		y, h = dl.GRU(x, weight, recurrent, bias, o)
		return y, h, nil
	}
	y, h = dl.RNN(x, weight, recurrent, bias, o)
	return y, h, nil
}

func (s *stack) checkState(x *dl.Tensor, state RecurrentState) {
	for i, t := range [2]*dl.Tensor{state.Hidden, state.Cell} {
		if t == nil {
			continue
		}
		if want := (dl.Shape{s.layers * s.directions(), x.Dim(0), [2]int{s.width(), s.units}[i]}); !t.Shape().Equal(want) {
			dl.PanicShape(s.name+".Sequence", fmt.Sprintf("the state must be %v, [layers, N, Units or ProjectionSize]", want), x, t)
		}
	}
	if state.Cell != nil && s.kind != lstmCells {
		dl.PanicShape(s.name+".Sequence", "only LSTM has a state of cells", state.Cell)
	}
}

// sequenceOf is Sequence of the recurrent layers.
func (c *chained) sequenceOf(x *dl.Tensor, o SequenceOptions) (*dl.Tensor, RecurrentState) {
	ends := endings{all: true}
	y := c.stack.run(c, x, o, &ends)
	return y, ends.state()
}
