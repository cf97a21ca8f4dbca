package nn

import (
	"encoding/json"
	"fmt"
	"reflect"
	"sync"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"WeightNorm": kindOf[WeightNorm](), "SpectralNorm": kindOf[SpectralNorm]()})
}

// derived is a layer whose weight is computed from its parameters.
type derived struct {
	wrapped
	raw    *Parameter // what the weight is computed from
	extra  []*Parameter
	copies *sync.Pool // of *weighted, for the body
}

// derive builds the layer inside and puts another parameter in the place of its weight, to which set writes.
func (d *derived) derive(layer Layer, in dl.Shape, b *Builder) (dl.Shape, error) {
	out, err := d.wrap(layer, in, b)
	if err != nil {
		return nil, err
	}
	field := d.field()
	if !field.IsValid() || field.IsNil() {
		return nil, fmt.Errorf("%s has no Weight of its own", typeName(layer))
	}
	d.raw, d.copies = field.Interface().(*Parameter), new(sync.Pool)
	if d.raw.Value == nil { // a fault that the builder knows
		return out, nil
	}
	if len(d.raw.Value.Shape()) < 2 {
		return nil, fmt.Errorf("the Weight of %s is %v, no matrix", typeName(layer), d.raw.Value.Shape())
	}
	return out, nil
}

// field is the field Weight of the layer inside.
func (d *derived) field() reflect.Value {
	v := reflect.ValueOf(d.body)
	if v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct {
		if f := v.Elem().FieldByName("Weight"); f.IsValid() && f.Type() == parameterType {
			return f
		}
	}
	return reflect.Value{}
}

// A weighted is a copy of the layer inside, since others may be computing with that, with a weight of its own.
type weighted struct {
	wrapped
	layer, field reflect.Value // the struct, and its field Weight
	weight       Parameter
}

// with returns the layer inside with a weight. It is used again after done.
func (d *derived) with(weight *dl.Tensor) *weighted {
	w, _ := d.copies.Get().(*weighted)
	if w == nil {
		v := reflect.New(reflect.TypeOf(d.body).Elem())
		w = &weighted{wrapped: wrapped{v.Interface().(Forwarder)}, layer: v.Elem(), field: v.Elem().FieldByName("Weight")}
	}
	w.layer.Set(reflect.ValueOf(d.body).Elem())
	w.weight = Parameter{Name: d.raw.Name, Value: weight, Frozen: !weight.RequiresGrad(), own: d.raw.own}
	w.field.Set(reflect.ValueOf(&w.weight))
	return w
}

// done says that what with has returned is of no more use. Layers of others are left alone, since what they record may
// read them on the way back.
func (d *derived) done(w *weighted) {
	if w.layer.Type().PkgPath() != parameterType.Elem().PkgPath() {
		return
	}
	w.layer.SetZero()
	w.weight = Parameter{}
	d.copies.Put(w)
}

// still is the layer as it is in use.
func (d *derived) still() (derived, bool) {
	if d.body == nil { // not built
		return *d, true
	}
	body, ok := inUse(d.body)
	if !ok {
		return derived{}, false
	}
	c := *d
	c.body, c.copies = body.(Forwarder), new(sync.Pool)
	return c, true
}

// Parameters returns the parameters of the layer.
func (d *derived) Parameters() []*Parameter {
	return append(d.wrapped.Parameters(), d.extra...)
}

func (d *derived) parts() []part { return []part{{"", &around{d}}} }

// around is the layer inside and what belongs to its weight as one module, under the names that they have in it.
type around struct{ of *derived }

// Parameters returns the parameters.
func (a *around) Parameters() []*Parameter { return a.of.Parameters() }

func (d *derived) built(layer string) {
	if d.raw == nil {
		notBuilt(layer)
	}
}

// WeightNorm is a layer whose Weight is a direction times a length for each output, its last axis, which are learned by
// themselves (Salimans and Kingma, 2016): weight = g * v / |v|, v in the parameter "weight", g in "g". It begins with the
// layer's own initial weights.
type WeightNorm struct {
	Layer Layer

	derived
	length *Parameter
}

// Build makes the layer for inputs of a shape: see [Layer].
func (w WeightNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	out, err := w.derive(w.Layer, in, b)
	if err != nil || w.raw.Value == nil {
		return nil, nil, err
	}
	n := w.raw.Value.Dim(-1)
	if b.stored == nil && !b.reuse {
		for i, length := range outputNorms(w.raw.Value.Detach()).Float32s() {
			if length == 0 {
				return nil, nil, fmt.Errorf("the weights of output %d are all 0 and have no direction; begin with others than Zeros", i)
			}
		}
	}
	w.length = b.Parameter("g", lengths{w.raw.Value}, nil, n, n, n)
	w.extra = present(w.length)
	return &w, out, nil
}

// lengths are the norms of what leads to each output.
type lengths struct{ of *dl.Tensor }

// Fill sets the values: see [Initializer].
func (l lengths) Fill(values []float32, _, _ int, _ *dl.Rand) {
	dl.NoGrad(func() { copy(values, outputNorms(l.of).Float32s()) })
}

// weight computes the layer's weight.
func (w *WeightNorm) weight() *dl.Tensor {
	w.built("nn.WeightNorm")
	v := w.raw.tensor("nn.WeightNorm")
	return v.Mul(w.length.tensor("nn.WeightNorm").Div(outputNorms(v)))
}

// Inside is the layer inside with the weight that the parameters make now.
func (w *WeightNorm) Inside() Forwarder { return w.fixed(w.weight) }

// fixed is the layer inside with a weight that does not change any more.
func (d *derived) fixed(weight func() *dl.Tensor) Forwarder {
	var inner *weighted
	dl.NoGrad(func() { inner = d.with(weight()) })
	return inner.body
}

// Forward computes the outputs for a batch.
func (w *WeightNorm) Forward(x *dl.Tensor) *dl.Tensor {
	y, _ := w.masked(x, nil, false)
	return y
}

func (w *WeightNorm) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	inner := w.with(w.weight())
	defer w.done(inner)
	return inner.through("nn.WeightNorm", x, mask, headless)
}

// Logits computes the outputs without the layer's activation: see [Headed].
func (w *WeightNorm) Logits(x *dl.Tensor) *dl.Tensor {
	y, _ := w.masked(x, nil, true)
	return y
}

func (w *WeightNorm) inUse() (Module, bool) {
	d, ok := w.still()
	return &WeightNorm{Layer: w.Layer, derived: d, length: w.length}, ok
}

// MarshalJSON describes the layer.
func (w *WeightNorm) MarshalJSON() ([]byte, error) {
	e, err := entryOf(w.body, w.Layer)
	if err != nil {
		return nil, err
	}
	return json.Marshal(insideEntry{Layer: e})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *WeightNorm) UnmarshalJSON(text []byte) error {
	var e insideEntry
	err := strictly(text, &e)
	if err == nil {
		w.Layer, err = layerOf(e.Layer)
	}
	return err
}

// SpectralNorm is a layer whose Weight, as a matrix [everything else, outputs], is divided by its largest singular value,
// so that the layer does not stretch its inputs (Miyato et al., 2018). The value is found by power iterations, one in
// each batch while training, with vectors that are saved with the layer: "u" of outputs and "v" of inputs.
type SpectralNorm struct {
	Layer   Layer
	Epsilon float64 // least length of a vector; 0: 1e-12, as in PyTorch

	derived
	u, v     *Parameter
	training bool
}

// Build makes the layer for inputs of a shape: see [Layer].
func (s SpectralNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if s.Epsilon == 0 {
		s.Epsilon = 1e-12
	}
	if !isEpsilon(s.Epsilon) {
		return nil, nil, fmt.Errorf("Epsilon %v must lie above 0, and be finite", s.Epsilon)
	}
	out, err := s.derive(s.Layer, in, b)
	if err != nil || s.raw.Value == nil {
		return nil, nil, err
	}
	n := s.raw.Value.Dim(-1)
	s.u, s.v = b.Statistic("u", 0, n), b.Statistic("v", 0, s.raw.Value.Size()/n)
	s.extra = present(s.u, s.v)
	if b.stored == nil && !b.reuse {
		dl.NoGrad(func() {
			s.v.Value.CopyFrom(b.source().Normals(0, 1, s.v.Value.Size()))
			for range 15 { // as PyTorch begins
				s.iterate()
			}
		})
	}
	return &s, out, nil
}

// matrix is the weight as a matrix.
func (s *SpectralNorm) matrix(w *dl.Tensor) *dl.Tensor { return w.Reshape(-1, w.Dim(-1)) }

// iterate brings the vectors nearer to those of the largest singular value. Those of zeros stay: vectors of 0 would never
// become others.
func (s *SpectralNorm) iterate() {
	w := s.matrix(s.raw.Value)
	next := func(to *Parameter, w *dl.Tensor, from *Parameter) {
		x := w.MatMul(from.Value)
		if length := x.Norm(2).Item(); length != 0 {
			to.Value.CopyFrom(x.MulScalar(1 / max(length, s.Epsilon)))
		}
	}
	next(s.u, w.T(), s.v)
	next(s.v, w, s.u)
}

// weight computes the layer's weight.
func (s *SpectralNorm) weight() *dl.Tensor {
	s.built("nn.SpectralNorm")
	if s.training {
		dl.NoGrad(s.iterate)
	}
	w := s.raw.tensor("nn.SpectralNorm")
	// The vectors are copies: the next iteration changes them.
	sigma := s.v.Value.MulScalar(1).Unsqueeze(0).MatMul(s.matrix(w)).Mul(s.u.Value.MulScalar(1)).Sum()
	if sigma.Item() == 0 {
		return w // zeros stay zeros, as Keras's
	}
	return w.Div(sigma)
}

// Inside is the layer inside with the weight that the parameters make now.
func (s *SpectralNorm) Inside() Forwarder {
	still := *s
	still.training = false
	return s.fixed(still.weight)
}

// Forward computes the outputs for a batch.
func (s *SpectralNorm) Forward(x *dl.Tensor) *dl.Tensor {
	y, _ := s.masked(x, nil, false)
	return y
}

func (s *SpectralNorm) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	inner := s.with(s.weight())
	defer s.done(inner)
	return inner.through("nn.SpectralNorm", x, mask, headless)
}

// Logits computes the outputs without the layer's activation: see [Headed].
func (s *SpectralNorm) Logits(x *dl.Tensor) *dl.Tensor {
	y, _ := s.masked(x, nil, true)
	return y
}

// SetTraining switches the layer to training or to inference: see the function of that name.
func (s *SpectralNorm) SetTraining(on bool) {
	s.training = on
	s.derived.SetTraining(on)
}

func (s *SpectralNorm) inUse() (Module, bool) {
	d, ok := s.still()
	return &SpectralNorm{Layer: s.Layer, Epsilon: s.Epsilon, derived: d, u: s.u, v: s.v}, ok
}

type insideEntry struct {
	Layer   layerEntry `json:"layer"`
	Epsilon float64    `json:"epsilon,omitempty"` // of SpectralNorm
}

// MarshalJSON describes the layer.
func (s *SpectralNorm) MarshalJSON() ([]byte, error) {
	e, err := entryOf(s.body, s.Layer)
	if err != nil {
		return nil, err
	}
	return json.Marshal(insideEntry{e, s.Epsilon})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *SpectralNorm) UnmarshalJSON(text []byte) error {
	var e insideEntry
	err := strictly(text, &e)
	if err == nil {
		s.Epsilon = e.Epsilon
		s.Layer, err = layerOf(e.Layer)
	}
	return err
}
