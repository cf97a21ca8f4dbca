package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl"
)

// Model is a chain of modules, made by [Sequential]: each one's output is the next one's input.
type Model struct {
	Input  dl.Shape // of one sample
	Layers []Forwarder

	made    []Layer    // what the layers were made of
	names   []string   // of the layers, such as "conv2d", "dense", "dense_1"
	outputs []dl.Shape // of the layers, for one sample
}

// Sequential makes a model of layers for samples of the given shape. Its parameters are drawn from dl's default random
// source: call dl.Seed before, to get the same ones again. A layer that is built already, a pointer, keeps its
// parameters: a part of another model can be used again, and twice the same pointer is one layer in two places. An
// error names the layer that does not fit.
//
// The sizes of samples before their last axis may vary, as the lengths of sequences do, where no layer depends on them
// (Flatten does, and PositionalEmbedding has a largest length).
func Sequential(input dl.Shape, layers ...Layer) (*Model, error) {
	return build(input, layers, &Builder{Rand: dl.DefaultRand()})
}

func build(input dl.Shape, layers []Layer, b *Builder) (*Model, error) {
	if err := checkShape(input); err != nil {
		return nil, fmt.Errorf("nn.Sequential: input %w", err)
	}
	m, err := chain(input, layers, b)
	if err != nil {
		return nil, fmt.Errorf("nn.Sequential: %w", err)
	}
	return m, nil
}

// chain builds layers one after the other, their parameters' names below the builder's prefix.
func chain(input dl.Shape, layers []Layer, b *Builder) (*Model, error) {
	if len(layers) == 0 {
		return nil, fmt.Errorf("no layers")
	}
	m := &Model{Input: append(dl.Shape{}, input...)}
	b.check()
	in, used := m.Input, map[string]int{}
	for i, layer := range layers {
		if layer == nil {
			return nil, fmt.Errorf("layer %d is nil", i+1)
		}
		layer, name, err := nameLayer(layer, used)
		kind := typeName(layer)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, kind, err)
		}
		leave := b.below(name)
		module, out, err := one(layer, in, b)
		if leave(); err != nil {
			return nil, fmt.Errorf("layer %d (%s) on input %v: %w", i+1, kind, in, err)
		}
		f, err := forwarder(module)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, kind, err)
		}
		notice(layer)
		m.Layers, m.made = append(m.Layers, f), append(m.made, layer)
		m.names, m.outputs = append(m.names, name), append(m.outputs, out)
		in = out
	}
	return m, nil
}

// one builds a layer, or finds that a built one fits.
func one(layer Layer, in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n, ok := layer.(namedLayer); ok && n.layer != nil {
		layer = n.layer
	}
	if isNil(layer) {
		return nil, nil, fmt.Errorf("the layer is %s: give a struct, such as nn.Dense{Units: 10}, or a pointer to a layer that is built", nilName(layer))
	}
	b.check()
	module, built := isBuilt(layer)
	if built && !b.reuse {
		b = &Builder{Rand: b.Rand, prefix: b.prefix, kept: parametersOf(module), reuse: true}
	}
	made, out, err := layer.Build(in, b)
	if err == nil {
		err = b.err
	}
	if err == nil && isNil(made) {
		err = fmt.Errorf("Build returned neither a module nor an error")
	}
	if err == nil {
		err = checkShape(out)
	}
	if err != nil {
		return nil, nil, err
	}
	if built {
		return module, out, nil
	}
	return made, out, nil
}

// isBuilt says whether a layer has its parameters.
func isBuilt(layer Layer) (Module, bool) {
	m, ok := layer.(Module)
	if !ok || reflect.TypeOf(layer).Kind() != reflect.Pointer {
		return nil, false
	}
	if len(parametersOf(m)) > 0 {
		return m, true
	}
	return nil, false
}

// Build makes a layer by itself, for inputs of a shape without the batch axis, and returns it as its own type: for
// structs of layers with a Forward of their own.
//
//	net := &Net{Hidden: nn.Build(nn.Dense{Units: 64, Activation: nn.ReLU}, 784), Out: nn.Build(nn.Dense{Units: 10}, 64)}
//
// It panics with a *dl.ValueError that says what does not fit.
func Build[L Layer](layer L, in ...int) *L {
	var err error
	if err = checkShape(in); err == nil {
		b := &Builder{Rand: dl.DefaultRand()}
		var m Module
		if m, _, err = one(layer, in, b); err == nil {
			if built, ok := m.(any).(*L); ok {
				return built
			}
			err = fmt.Errorf("it becomes a %T; call its Build", m)
		}
	}
	dl.PanicValue("nn.Build", "%s on input %v: %v", typeName(layer), dl.Shape(in), err)
	return nil
}

// typeName is the name of a layer's Go type, for activations that of the function.
func typeName(layer any) string {
	switch l := layer.(type) {
	case Activation:
		return l.String()
	case *ActivationLayer:
		return l.Activation.String()
	case ActivationLayer:
		return l.Activation.String()
	case nested:
		return "Model"
	case *GraphLayer, nestedGraph:
		return "Graph"
	case nil:
		return "nil"
	}
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return plainName(t)
}

// plainName is the name of a type without the mark of a version, which types of notebook cells have when they were
// defined anew.
func plainName(t reflect.Type) string {
	name, _, _ := strings.Cut(t.Name(), "ʼ")
	return name
}

// uniqueName numbers layers of the same type as Keras does: dense, dense_1, dense_2.
func uniqueName(layer any, used map[string]int) string {
	name := strings.ToLower(typeName(layer))
	n := used[name]
	used[name]++
	if n == 0 {
		return name
	}
	return fmt.Sprintf("%s_%d", name, n)
}

// parts are the layers with their names.
func (m *Model) parts() []part {
	if m == nil {
		return nil
	}
	var all []part
	for i, layer := range m.Layers {
		all = append(all, part{m.name(i), layer})
	}
	return all
}

// name is the name of a layer; of one that was put into Layers by hand, its place.
func (m *Model) name(i int) string {
	if i < len(m.names) {
		return m.names[i]
	}
	return strconv.Itoa(i)
}

// output is the shape of what a layer makes of one sample, nil of one that was put into Layers by hand.
func (m *Model) output(i int) dl.Shape {
	if i < 0 || i >= len(m.outputs) {
		return nil
	}
	return m.outputs[i]
}

// Forward computes the outputs [N, ...] of samples x [N, Input...].
func (m *Model) Forward(x *dl.Tensor) *dl.Tensor {
	return m.ForwardMasked(x, nil)
}

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (m *Model) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	y, _ := m.masked(x, mask, false)
	return y
}

// within is Forward for the layer whose body the model is.
func (m *Model) within(layer string, x, mask *dl.Tensor) *dl.Tensor {
	if m == nil {
		notBuilt(layer)
	}
	return m.ForwardMasked(x, mask)
}

// Logits computes the outputs without the last activation, [Model.Head].
func (m *Model) Logits(x *dl.Tensor) *dl.Tensor {
	y, _ := m.masked(x, nil, true)
	return y
}

func (m *Model) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	if headless {
		x, mask = m.beforeLast(x, mask)
		return passOne(m.Layers[len(m.Layers)-1], x, mask, true)
	}
	return pass(m.Layers, m.checkMasked(x, mask), mask)
}

// beforeLast is what the last layer gets.
func (m *Model) beforeLast(x, mask *dl.Tensor) (y, after *dl.Tensor) {
	x = m.checkMasked(x, mask)
	return pass(m.Layers[:len(m.Layers)-1], x, mask)
}

// checkMasked is check with a mask, which may be nil.
func (m *Model) checkMasked(x, mask *dl.Tensor) *dl.Tensor {
	x = m.check(x)
	if mask != nil {
		checkMask("nn.Model.ForwardMasked", x, mask)
	}
	return x
}

// Head is the activation with which the model ends, Identity when it ends in something else.
func (m *Model) Head() Activation {
	if m == nil || len(m.Layers) == 0 {
		return Identity
	}
	if h, ok := m.Layers[len(m.Layers)-1].(Headed); ok {
		return h.Head()
	}
	return Identity
}

// Predict computes the outputs in inference, whatever the model is doing: no dropout, no gradients.
func (m *Model) Predict(x *dl.Tensor) (y *dl.Tensor) {
	use, done := InUse(m)
	defer done()
	dl.NoGrad(func() { y = use.(*Model).Forward(x) })
	return y
}

// check panics unless x is a batch of samples for this model. It returns x as the model takes it: integers as float32,
// unless the first layer looks them up or is not of this package.
func (m *Model) check(x *dl.Tensor) *dl.Tensor {
	if m == nil || len(m.Layers) == 0 {
		dl.PanicValue("nn.Model.Forward", "the model has no layers: make it with nn.Sequential")
	}
	for i, layer := range m.Layers {
		if layer == nil {
			dl.PanicValue("nn.Model.Forward", "layer %d of the model is nil: make it with nn.Sequential", i+1)
		}
	}
	if s := x.Shape(); len(s) != len(m.Input)+1 || !equal(s[1:], m.Input) && !m.varies(s[1:]) {
		dl.PanicShape("nn.Model.Forward", fmt.Sprintf("the model takes %s: a batch of samples of shape %v%s", batchShape(m.Input), m.Input, remedy(m.Input, s)), x)
	}
	if !x.DType().IsFloat() && ofThisPackage(m.Layers[0]) && !takesTokens(m.Layers[0]) {
		return x.To(dl.Float32)
	}
	return x
}

// remedy is what makes x, of a shape that is not that of batches of samples, one of them, as far as that can be seen.
func remedy(sample, x dl.Shape) string {
	last := len(sample) - 1
	switch {
	case equal(x, sample):
		return "; Unsqueeze(0) makes a batch of one sample"
	case last < 0 || len(x) == 0:
	case len(sample) > 1 && equal(x[1:], sample[1:]):
		return "; the shape that a model is made for is that of one sample, without the batch"
	case last > 1 && len(x) == len(sample)+1 && x[1] == sample[last] && equal(x[2:], sample[:last]):
		return "; MoveAxis(1, -1) puts channels last"
	case sample[last] == 1 && equal(x[1:], sample[:last]):
		return "; Unsqueeze(-1) adds the axis of one channel"
	case len(x) != len(sample)+1 && x.Size() == x[0]*sample.Size():
		return fmt.Sprintf("; Reshape(%s) makes them of these", strings.Trim(strings.Replace(batchShape(sample), "N", "-1", 1), "[]"))
	}
	return ""
}

// varies says whether samples may have this shape although the model was built for another one: their last axis holds
// the channels, unless they are tokens.
func (m *Model) varies(sample dl.Shape) bool {
	if !takesTokens(m.Layers[0]) && (len(sample) < 2 || sample[len(sample)-1] != m.Input[len(m.Input)-1]) {
		return false
	}
	return m.anySize()
}

func (m *Model) anySize() bool {
	if m == nil {
		return false
	}
	for _, layer := range m.Layers {
		if a, ok := layer.(AnySize); !ok || !a.AnySize() {
			return false
		}
	}
	return true
}

// AnySize is a layer whose samples may differ in the sizes of all axes but the last from those it was built for, as
// the lengths of sequences do.
type AnySize interface{ AnySize() bool }

// Names are the names of the layers, in their order.
func (m *Model) Names() []string { return slices.Clone(m.names) }

// Shapes are the shapes of the layers' outputs for one sample, in their order.
func (m *Model) Shapes() []dl.Shape { return slices.Clone(m.outputs) }

// Output is the shape of one sample's output.
func (m *Model) Output() dl.Shape {
	if m == nil || len(m.outputs) == 0 {
		dl.PanicValue("nn.Model.Output", "the model has no layers: make it with nn.Sequential")
	}
	return m.outputs[len(m.outputs)-1]
}

// Parameters returns the parameters of all layers in their order, each once.
func (m *Model) Parameters() []*Parameter {
	return collect(m).parameters()
}

// Parameter returns the parameter of a name such as "conv2d.weight", or nil when there is none. Summary shows the
// names of the layers.
func (m *Model) Parameter(name string) *Parameter {
	for _, n := range collect(m).found {
		if n.Name == name {
			return n.Parameter
		}
	}
	return nil
}

// Layer returns the layer of a name such as "conv2d", or nil when there is none.
func (m *Model) Layer(name string) Forwarder {
	for i, layer := range m.Layers {
		if m.name(i) == name {
			return layer
		}
	}
	return nil
}

// SetTraining switches all layers: see [SetTraining].
func (m *Model) SetTraining(on bool) {
	for _, layer := range m.Layers {
		switchTraining(layer, on)
	}
	weightsOf(m).SetTraining(on)
}

// SetRand gives all layers a random source: see [SetRand].
func (m *Model) SetRand(r *dl.Rand) {
	for _, layer := range m.Layers {
		switchRand(layer, r)
	}
}

// Build makes the model a layer of another one, which computes with its parameters.
func (m *Model) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if !equal(in, m.Input) {
		return nil, nil, fmt.Errorf("the model was built for %v", m.Input)
	}
	return m, m.Output(), nil
}
