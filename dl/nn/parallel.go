package nn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"Parallel": kindOf[Parallel](), "TimeDistributed": kindOf[TimeDistributed](), "Lambda": kindOf[Lambda]()})
}

// Parallel gives its input to several chains of layers and puts their outputs together, as the modules of Inception do.
// An empty branch is the input itself.
type Parallel struct {
	Branches [][]Layer
	Merge    Merge // MergeConcat: side by side

	Bodies []*Model // set by Build, nil for an empty branch
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p Parallel) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if len(p.Branches) == 0 {
		return nil, nil, fmt.Errorf("there are no Branches")
	}
	if int(p.Merge) >= len(merges) {
		return nil, nil, fmt.Errorf("there is no Merge %d", uint8(p.Merge))
	}
	if len(in) == 0 && p.Merge == MergeConcat {
		return nil, nil, fmt.Errorf("the input has no axis along which branches could lie side by side")
	}
	p.Bodies = nil
	var out dl.Shape
	for i, layers := range p.Branches {
		made, body := in, (*Model)(nil)
		if len(layers) > 0 {
			leave := b.below("branch_" + strconv.Itoa(i))
			var err error
			body, err = chain(in, layers, b)
			if leave(); err != nil {
				return nil, nil, fmt.Errorf("branch %d: %w", i+1, err)
			}
			made = body.Output()
		}
		p.Bodies = append(p.Bodies, body)
		switch last := len(made) - 1; {
		case i == 0:
			out = append(dl.Shape{}, made...)
		case p.Merge == MergeConcat && last >= 0 && last == len(out)-1 && equal(made[:last], out[:last]):
			out[last] += made[last]
		case p.Merge == MergeConcat:
			return nil, nil, fmt.Errorf("branch %d makes %v, the others %v; they may differ in their last axis only", i+1, made, out)
		case !equal(made, out):
			return nil, nil, fmt.Errorf("branch %d makes %v, the first %v; for a %v they must be the same", i+1, made, out, p.Merge)
		}
	}
	return &p, out, nil
}

// Forward computes the outputs for a batch.
func (p *Parallel) Forward(x *dl.Tensor) *dl.Tensor {
	y, _ := p.masked(x, nil, false)
	return y
}

func (p *Parallel) masked(x, mask *dl.Tensor, _ bool) (y, after *dl.Tensor) {
	if len(p.Bodies) == 0 {
		notBuilt("nn.Parallel")
	}
	ys, masks := make([]*dl.Tensor, len(p.Bodies)), make([]*dl.Tensor, len(p.Bodies))
	for i, body := range p.Bodies {
		if ys[i], masks[i] = x, mask; body != nil {
			ys[i], masks[i] = body.masked(x, mask, false)
		}
	}
	y = p.Merge.of(ys...)
	return y, joinedMask(y, p.Merge == MergeConcat, masks...)
}

// Parameters returns the parameters of the layer.
func (p *Parallel) Parameters() []*Parameter {
	var all []*Parameter
	for _, body := range p.Bodies {
		if body != nil {
			all = append(all, body.Parameters()...)
		}
	}
	return all
}

func (p *Parallel) parts() []part {
	var all []part
	for i, body := range p.Bodies {
		if body != nil {
			all = append(all, part{"branch_" + strconv.Itoa(i), body})
		}
	}
	return all
}

func (p *Parallel) detail() string { return fmt.Sprintf("%d branches, %v", len(p.Bodies), p.Merge) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (p *Parallel) AnySize() bool {
	for _, body := range p.Bodies {
		if body != nil && !body.anySize() {
			return false
		}
	}
	return true
}

func (p *Parallel) inUse() (Module, bool) {
	c := *p
	c.Bodies = make([]*Model, len(p.Bodies))
	all := true
	for i, body := range p.Bodies {
		var ok bool
		c.Bodies[i], ok = body.use()
		all = all && ok
	}
	return &c, all
}

type parallelEntry struct {
	Branches [][]layerEntry `json:"branches"`
	Merge    Merge          `json:"merge"`
}

// MarshalJSON describes the branches' layers, as a model's structure does.
func (p *Parallel) MarshalJSON() ([]byte, error) {
	e := parallelEntry{Merge: p.Merge}
	for _, body := range p.Bodies {
		entries := []layerEntry{}
		if body != nil {
			var err error
			if entries, err = body.entries(); err != nil {
				return nil, err
			}
		}
		e.Branches = append(e.Branches, entries)
	}
	return json.Marshal(e)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Parallel) UnmarshalJSON(text []byte) error {
	var e parallelEntry
	if err := strictly(text, &e); err != nil {
		return err
	}
	p.Merge = e.Merge
	for _, entries := range e.Branches {
		layers, err := layersOf(entries)
		if err != nil {
			return err
		}
		p.Branches = append(p.Branches, layers)
	}
	return nil
}

// strictly reads JSON that may hold layers, without fields that are unknown.
func strictly(text []byte, to any) error {
	if depth(text) > maxNesting {
		return fmt.Errorf("layers are nested too deeply")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(to)
}

// TimeDistributed applies layers to each step of a sequence by itself, with the same parameters: samples [T, ...] become
// [T, Output...]. Layers such as Dense and LayerNorm do so without it.
type TimeDistributed struct {
	Layers []Layer

	Body *Model // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (t TimeDistributed) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if len(in) < 2 {
		return nil, nil, fmt.Errorf("the input %v is not a sequence of steps with values, [T, ...]", in)
	}
	body, err := chain(in[1:], t.Layers, b)
	if err != nil {
		return nil, nil, err
	}
	t.Body = body
	return &t, append(dl.Shape{in[0]}, body.Output()...), nil
}

// Forward computes the outputs for a batch.
func (t *TimeDistributed) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() < 3 || x.Size() == 0 {
		dl.PanicShape("nn.TimeDistributed.Forward", "sequences [N, T, ...] of at least one step are needed", x)
	}
	s := x.Shape()
	n, steps := s[0], s[1]
	var shape [8]int // most have fewer axes: nothing is allocated
	y := t.Body.within("nn.TimeDistributed", x.Reshape(append(append(shape[:0], n*steps), s[2:]...)...), nil)
	return y.Reshape(append(append(shape[:0], n, steps), y.Shape()[1:]...)...)
}

// Parameters returns the parameters of the layer.
func (t *TimeDistributed) Parameters() []*Parameter { return t.Body.Parameters() }
func (t *TimeDistributed) parts() []part            { return t.Body.parts() }

// AnySize says whether samples may have other sizes: see [AnySize].
func (t *TimeDistributed) AnySize() bool { return true }

func (t *TimeDistributed) inUse() (Module, bool) {
	body, ok := t.Body.use()
	return &TimeDistributed{Layers: t.Layers, Body: body}, ok
}

// MarshalJSON describes the layers, as a model's structure does.
func (t *TimeDistributed) MarshalJSON() ([]byte, error) {
	entries, err := t.Body.entries()
	if err != nil {
		return nil, err
	}
	return json.Marshal(layersEntry{entries})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *TimeDistributed) UnmarshalJSON(text []byte) error {
	var e layersEntry
	err := strictly(text, &e)
	if err == nil {
		t.Layers, err = layersOf(e.Layers)
	}
	return err
}

type layersEntry struct {
	Layers []layerEntry `json:"layers"`
}

// Lambda is a function as a layer, without parameters. It gets the batch, and must keep its first axis. The shape of its
// outputs is found by a batch of one sample of zeros. A model with one cannot be saved: no file can hold a function.
type Lambda struct {
	Func func(x *dl.Tensor) *dl.Tensor
	Name string // for summaries
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l Lambda) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if l.Func == nil {
		return nil, nil, fmt.Errorf("Func is nil")
	}
	var out dl.Shape
	if err := dl.Try(func() { dl.NoGrad(func() { out = l.Func(dl.Zeros(batchOf(1, in)...)).Shape().Clone() }) }); err != nil {
		return nil, nil, err
	}
	if len(out) == 0 || out[0] != 1 {
		return nil, nil, fmt.Errorf("the function makes %v of a batch of one sample; the first axis is that of the batch", out)
	}
	return &l, out[1:], nil
}

// Forward computes the outputs for a batch.
func (l *Lambda) Forward(x *dl.Tensor) *dl.Tensor {
	if l.Func == nil {
		dl.PanicValue("nn.Lambda.Forward", "Func is nil; it is the function that the layer computes")
	}
	return l.Func(x)
}

// Parameters returns the parameters of the layer.
func (l *Lambda) Parameters() []*Parameter { return nil }
func (l *Lambda) detail() string           { return l.Name }

// MarshalJSON fails: no file can hold a function.
func (l *Lambda) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a Lambda is a function, which no file can hold: write a layer of your own and call nn.Register for it")
}
