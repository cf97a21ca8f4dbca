package nn

import (
	"fmt"
	"reflect"
	"strings"

	"modelbook/dl"
)

// Model is a chain of modules, made by [Sequential]: each one's output is the next one's input.
type Model struct {
	Input  dl.Shape // of one sample
	Layers []Module

	names    []string   // of the layers, such as "conv2d", "dense", "dense_1"
	outputs  []dl.Shape // of the layers, for one sample
	training bool
}

// Sequential makes a model of layers for samples of the given shape. Its parameters are drawn from dl's default random
// source: call dl.Seed before, to get the same ones again. An error names the layer that does not fit.
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
	in, used, outer := m.Input, map[string]int{}, b.prefix
	defer func() { b.prefix = outer }()
	for i, layer := range layers {
		if layer == nil {
			return nil, fmt.Errorf("layer %d is nil", i+1)
		}
		name, kind := uniqueName(layer, used), typeName(layer)
		b.prefix = outer + name + "."
		module, out, err := layer.Build(in, b)
		if err == nil {
			err = b.err
		}
		if err == nil {
			err = checkShape(out)
		}
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s) on input %v: %w", i+1, kind, in, err)
		}
		m.Layers, m.names, m.outputs = append(m.Layers, module), append(m.names, name), append(m.outputs, out)
		in = out
	}
	return m, nil
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
	case nil:
		return "nil"
	}
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
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

// Forward computes the outputs [N, ...] of samples x [N, Input...].
func (m *Model) Forward(x *dl.Tensor) *dl.Tensor {
	m.check(x)
	for _, layer := range m.Layers {
		x = layer.Forward(x)
	}
	return x
}

// Logits computes the outputs without the last activation, [Model.Head].
func (m *Model) Logits(x *dl.Tensor) *dl.Tensor {
	m.check(x)
	last := len(m.Layers) - 1
	for _, layer := range m.Layers[:last] {
		x = layer.Forward(x)
	}
	if h, ok := m.Layers[last].(Headed); ok {
		return h.Logits(x)
	}
	return m.Layers[last].Forward(x)
}

// Head is the activation with which the model ends, Linear when it ends in something else.
func (m *Model) Head() Activation {
	if h, ok := m.Layers[len(m.Layers)-1].(Headed); ok {
		return h.Head()
	}
	return Linear
}

// Predict computes the outputs as in use, whatever the model is doing: no dropout, no gradients.
func (m *Model) Predict(x *dl.Tensor) (y *dl.Tensor) {
	defer m.SetTraining(m.training)
	m.SetTraining(false)
	dl.NoGrad(func() { y = m.Forward(x) })
	return y
}

// check panics unless x is a batch of samples for this model.
func (m *Model) check(x *dl.Tensor) {
	if s := x.Shape(); len(s) != len(m.Input)+1 || !equal(s[1:], m.Input) {
		panic(&dl.ShapeError{Op: "nn.Model.Forward", Shapes: []dl.Shape{s},
			Detail: fmt.Sprintf("the model takes %s: a batch of samples of shape %v", batchShape(m.Input), m.Input)})
	}
}

// Output is the shape of one sample's output.
func (m *Model) Output() dl.Shape { return m.outputs[len(m.outputs)-1] }

// Parameters returns the parameters of all layers in their order.
func (m *Model) Parameters() []*Parameter {
	var all []*Parameter
	for _, layer := range m.Layers {
		all = append(all, layer.Parameters()...)
	}
	return all
}

// Parameter returns the parameter of a name such as "conv2d.weight", or nil when there is none. Summary shows the
// names of the layers.
func (m *Model) Parameter(name string) *Parameter {
	for _, p := range m.Parameters() {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// SetTraining switches all layers: see [SetTraining].
func (m *Model) SetTraining(on bool) {
	m.training = on
	for _, layer := range m.Layers {
		SetTraining(layer, on)
	}
}

// SetRand gives all layers a random source: see [SetRand].
func (m *Model) SetRand(r *dl.Rand) {
	for _, layer := range m.Layers {
		SetRand(layer, r)
	}
}
