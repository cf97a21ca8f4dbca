package nn

import (
	"fmt"

	"modelbook/dl"
)

// Layer describes a module. A value is a description, and each use of it makes a module of its own; a pointer to a
// built layer is that layer, with its parameters, wherever it is used. Build makes the module for inputs of a shape
// (without the batch axis) and says the shape of its outputs; an error says what about the description or the shape is
// wrong. Parameters are made with b.
type Layer interface {
	Build(in dl.Shape, b *Builder) (Module, dl.Shape, error)
}

// Headed is a module that can leave out its last activation, so that a loss can be computed from the logits.
type Headed interface {
	Forwarder
	Head() Activation
	Logits(x *dl.Tensor) *dl.Tensor // Forward is Head().Apply(Logits(x))
}

// Builder makes the parameters of layers: drawn by their initialisers, taken from a file, or those that a built layer
// has already.
type Builder struct {
	Rand *dl.Rand // of the initialisers, and of layers such as Dropout; nil: dl.DefaultRand

	prefix string                // "dense_1.", before the names of the current layer's parameters
	stored map[string]*dl.Tensor // from a file; nil when parameters are made anew
	kept   []*Parameter          // of a built layer that is used again, in the order in which it asked for them
	reuse  bool
	err    error // the first fault found
}

// check refuses a builder that is nil.
func (b *Builder) check() {
	if b == nil {
		dl.PanicValue("nn.Builder", "the Builder is nil: make layers with nn.Sequential or nn.Build, or give Build an &nn.Builder{}")
	}
}

// source is where random numbers come from.
func (b *Builder) source() *dl.Rand {
	if b == nil || b.Rand == nil {
		return dl.DefaultRand()
	}
	return b.Rand
}

// below puts a name before those of the parameters that are made until leave is called.
func (b *Builder) below(name string) (leave func()) {
	b.check()
	outer := b.prefix
	b.prefix = outer + name + "."
	return func() { b.prefix = outer }
}

// Parameter makes a parameter that training changes. A nil init means the given default.
func (b *Builder) Parameter(name string, init, byDefault Initializer, fanIn, fanOut int, shape ...int) *Parameter {
	if b.check(); b.reuse {
		return b.keep(name, shape)
	}
	p := &Parameter{Name: b.prefix + name, own: name}
	if b.stored != nil {
		p.Value = b.take(p.Name, shape)
	} else {
		if init == nil {
			init = byDefault
		}
		if init == nil {
			dl.PanicValue("nn.Builder.Parameter", "the parameter %s has no initialiser: give one by default, such as nn.Zeros", name)
		}
		p.Value = dl.Zeros(shape...)
		if shaped, ok := init.(ShapedInitializer); !ok {
			init.Fill(p.Value.Float32s(), fanIn, fanOut, b.source())
		} else if err := shaped.FillShape(p.Value.Float32s(), shape, b.source()); err != nil {
			b.fail(fmt.Errorf("%s: %w", name, err))
		}
	}
	if p.Value != nil {
		p.Value.RequireGrad().SetName(p.Name)
	}
	return p
}

// Statistic makes a frozen parameter, which the layer itself changes.
func (b *Builder) Statistic(name string, value float64, shape ...int) *Parameter {
	if b.check(); b.reuse {
		return b.keep(name, shape)
	}
	p := &Parameter{Name: b.prefix + name, Frozen: true, own: name, statistic: true}
	if b.stored != nil {
		p.Value = b.take(p.Name, shape)
	} else {
		p.Value = dl.Full(value, shape...)
	}
	return p
}

// keep returns the parameter that a built layer has under a name.
func (b *Builder) keep(name string, shape dl.Shape) *Parameter {
	for i, p := range b.kept {
		if p.own == name {
			b.kept = append(b.kept[:i:i], b.kept[i+1:]...) // the next one of that name is another layer's
			if !p.Value.Shape().Equal(shape) {
				b.fail(fmt.Errorf("the layer was built with a %s of %v; here it needs %v", name, p.Value.Shape(), shape))
			}
			return p
		}
	}
	b.fail(fmt.Errorf("the layer was built without %s", name))
	return &Parameter{Name: b.prefix + name, own: name, Value: dl.Zeros(shape...)}
}

// take returns a stored tensor. Nothing is allocated by what a file merely claims.
func (b *Builder) take(name string, shape dl.Shape) *dl.Tensor {
	t, ok := b.stored[name]
	switch {
	case !ok:
		b.fail(fmt.Errorf("the file has no tensor %q", name))
	case !equal(t.Shape(), shape) || !t.DType().IsFloat():
		b.fail(fmt.Errorf("the file's tensor %q is %v of %v; the model needs %v of float32", name, t.Shape(), t.DType(), shape))
	case t.DType() == dl.Float16 || t.DType() == dl.BFloat16:
		return t.To(dl.Float32) // layers compute in float32
	default:
		return t
	}
	return nil
}

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func equal(a, b dl.Shape) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// maxVolume bounds the values of one sample, so that sizes never overflow.
const maxVolume = 1 << 31

// checkShape says whether a shape is possible.
func checkShape(s dl.Shape) error {
	n := 1
	for _, d := range s {
		if d < 1 {
			return fmt.Errorf("shape %v has a size below 1", s)
		}
		if d > maxVolume || n > maxVolume/d {
			return fmt.Errorf("shape %v has too many values", s)
		}
		n *= d
	}
	return nil
}

func volume(s dl.Shape) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}
