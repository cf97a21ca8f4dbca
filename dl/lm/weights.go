package lm

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A source makes the parameters of a model as it is built: from random numbers, from a file, or not at all, when only
// their shapes are asked for.
type source interface {
	// tensor returns the values of a parameter. kind says what they are to begin with.
	tensor(name string, kind begin, shape dl.Shape) (*dl.Tensor, error)
}

// begin is how a parameter begins in a model that is not read from a file.
type begin uint8

const (
	drawn   begin = iota // normally distributed around 0
	residue              // drawn, and smaller the deeper the model is, as GPT-2's projections into the residual stream
	zeros
	ones
)

// builder makes parameters under the names that they have in files.
type builder struct {
	source source
	state  []nn.NamedParameter
	slots  []Slot
	err    error
}

// parameter makes one. After an error it makes empty ones.
func (b *builder) parameter(name string, kind begin, shape ...int) *nn.Parameter {
	if b.err != nil {
		return nil
	}
	var v *dl.Tensor
	var err error
	if refused := dl.Try(func() { v, err = b.source.tensor(name, kind, shape) }); refused != nil {
		err = fmt.Errorf("lm: the parameter %s of %v: %w", name, dl.Shape(shape), refused) // more than there is memory for
	}
	if err != nil {
		b.err = err
		return nil
	}
	p := nn.NewParameter(name, v)
	b.state = append(b.state, nn.NamedParameter{Name: name, Parameter: p})
	return p
}

// linear makes a matrix and registers its place, at, as one where something else may stand.
func (b *builder) linear(at *Projection, name string, in, out int, kind begin, bias bool) {
	l := &Linear{Weight: b.parameter(name+".weight", kind, out, in)}
	if bias {
		l.Bias = b.parameter(name+".bias", zeros, out)
	}
	*at = l
	b.slots = append(b.slots, Slot{name, at})
}

// conv1D makes a matrix as GPT-2 has it, [in, out], where the source does not have it the other way round.
func (b *builder) conv1D(at *Projection, name string, in, out int, kind begin) {
	if s, ok := b.source.(interface{ outFirst() bool }); ok && s.outFirst() {
		b.linear(at, name, in, out, kind, true)
		return
	}
	*at = &Linear{Weight: b.parameter(name+".weight", kind, in, out), Bias: b.parameter(name+".bias", zeros, out), InFirst: true}
	b.slots = append(b.slots, Slot{name, at})
}

func (b *builder) layerNorm(name string, size int, epsilon float64) *Norm {
	return &Norm{b.parameter(name+".weight", ones, size), b.parameter(name+".bias", zeros, size), epsilon}
}

func (b *builder) rmsNorm(name string, size int, epsilon float64) *Norm {
	return &Norm{b.parameter(name+".weight", ones, size), nil, epsilon}
}

// A Slot is a place in a model where a matrix stands, such as "transformer.h.0.attn.c_attn". What is put there computes in
// its place.
type Slot struct {
	Name string
	At   *Projection
}

// A state is what all models keep: their parameters under the names of files, their matrices, and what is drawn in
// training.
type state struct {
	named    []nn.NamedParameter
	slots    []Slot
	loose    []*nn.Parameter // those that are of no matrix
	training bool
	rand     *dl.Rand
	more     extra // of config.json
}

// finish keeps what a builder has made.
func (s *state) finish(b *builder) error {
	if b.err != nil {
		return b.err
	}
	s.named, s.slots, s.rand = b.state, b.slots, dl.DefaultRand()
	inSlot := map[*nn.Parameter]bool{}
	for _, slot := range s.slots {
		for _, p := range (*slot.At).Parameters() {
			inSlot[p] = true
		}
	}
	for _, n := range s.named {
		if !inSlot[n.Parameter] {
			s.loose = append(s.loose, n.Parameter)
		}
	}
	return nil
}

func (s *state) states() *state { return s }

// Parameters returns the parameters of the model: of its embeddings and norms, and of what stands in the places of its
// matrices.
func (s *state) Parameters() []*nn.Parameter {
	s.filled("lm.Parameters")
	all := append([]*nn.Parameter(nil), s.loose...)
	for _, slot := range s.slots {
		all = append(all, (*slot.At).Parameters()...)
	}
	return all
}

// SetTraining switches the model to training or to inference: see [nn.SetTraining].
func (s *state) SetTraining(on bool) {
	s.training = on
	for _, slot := range s.slots {
		if t, ok := (*slot.At).(interface{ SetTraining(on bool) }); ok {
			t.SetTraining(on)
		}
	}
}

// SetRand says where random numbers come from: see [nn.SetRand].
func (s *state) SetRand(r *dl.Rand) {
	s.rand = r
	for _, slot := range s.slots {
		if t, ok := (*slot.At).(interface{ SetRand(r *dl.Rand) }); ok {
			t.SetRand(r)
		}
	}
}

// drop is dropout in training.
func (s *state) drop(x *dl.Tensor, rate float64) *dl.Tensor {
	if !s.training || rate == 0 {
		return x
	}
	return dl.Dropout(x, rate, s.rand)
}

// attention are the options of an attention that all models share.
func (s *state) attention(heads, kvHeads int, rate float64) dl.AttentionOptions {
	o := dl.AttentionOptions{Heads: heads, KVHeads: kvHeads}
	if s.training && rate > 0 {
		o.Dropout, o.Rand = rate, s.rand
	}
	return o
}

// Model is a model of this package: [*GPT2], [*Llama] or [*BERT].
type Model interface {
	nn.Module
	Hidden(tokens *dl.Tensor, o CallOptions) *dl.Tensor // what the head reads, [N, T, channels]
	states() *state
	config() any
}

// StateDict returns a model's parameters with their names in Hugging Face's files, as load_state_dict takes them. Tied
// weights are there once.
func StateDict(m Model) []nn.NamedParameter {
	given("lm.StateDict", "the model", m != nil)
	return append([]nn.NamedParameter(nil), m.states().named...)
}

// Projections returns the places of a model's matrices, in the order of its layers: what low-rank additions and quantized
// weights stand in for.
func Projections(m Model) []Slot {
	given("lm.Projections", "the model", m != nil)
	return append([]Slot(nil), m.states().slots...)
}

// random draws parameters.
type random struct {
	deviation float64
	layers    int
	rand      *dl.Rand
}

func (r random) tensor(_ string, kind begin, shape dl.Shape) (*dl.Tensor, error) {
	switch kind {
	case zeros:
		return dl.Zeros(shape...), nil
	case ones:
		return dl.Ones(shape...), nil
	}
	deviation := r.deviation
	if kind == residue {
		deviation /= math.Sqrt(2 * float64(r.layers))
	}
	return r.rand.Normals(0, deviation, shape...), nil
}

// counter takes no memory: all its tensors are one of no elements.
type counter struct{ count int64 }

func (c *counter) tensor(name string, _ begin, shape dl.Shape) (*dl.Tensor, error) {
	n := int64(1)
	for _, s := range shape {
		if s < 0 || s > 0 && n > math.MaxInt64/int64(s) {
			return nil, fmt.Errorf("the shape %v of %s is impossible", shape, name)
		}
		n *= int64(s)
	}
	c.count += n
	return dl.Zeros(0), nil
}
