package nn

import (
	"context"
	"fmt"
	"reflect"

	"modelbook/dl"
)

// Module is anything that has parameters to learn: a layer, a model, or a type of your own, whatever arguments its
// Forward takes. [ParametersOf] collects the parameters of a struct's fields.
//
// A module may also have the methods SetTraining(bool) (see [SetTraining]) and SetRand(*dl.Rand) (see [SetRand]).
type Module interface {
	Parameters() []*Parameter
}

// Forwarder is a module that computes one output from one input: what nn.Sequential chains, and what a Trainer without
// a step of its own trains. Inputs and outputs carry the batch on their first axis.
type Forwarder interface {
	Module
	Forward(x *dl.Tensor) *dl.Tensor
}

// NamedParameter is a parameter and the path on which a module holds it, such as "Encoder.dense.weight": its name in
// files.
type NamedParameter struct {
	Name string
	*Parameter
}

// NamedParameters returns the parameters of a module with their paths, each once, under its first. The paths are made
// of the names of fields, of keys and places in maps and slices, and of the layers in a model. They depend on the
// module that is asked alone: a model inside another module keeps the names it has by itself.
func NamedParameters(m Module) []NamedParameter {
	mustGive("nn.NamedParameters", m)
	return collect(m).found
}

// collect collects the parameters of a module.
func collect(m Module) *collector {
	c := newCollector()
	c.module("", m)
	return c
}

// ParametersOf collects the parameters of a struct's exported fields, in their order and each once: fields of type
// *Parameter, modules, and structs, slices, arrays and maps of these, to any depth. A type of your own needs no more
// than
//
//	func (n *Net) Parameters() []*nn.Parameter { return nn.ParametersOf(n) }
//
// It panics with a *dl.ValueError when a field that is not exported holds parameters: they would be left untrained; and
// when what it is given is nil or can hold none.
func ParametersOf(structure any) []*Parameter {
	mustHold("nn.ParametersOf", structure)
	c := newCollector()
	c.fields("", structure)
	return c.parameters()
}

// parameters are those that were found.
func (c *collector) parameters() (all []*Parameter) {
	for _, n := range c.found {
		all = append(all, n.Parameter)
	}
	return all
}

// collector collects parameters with their paths.
type collector struct {
	found  []NamedParameter
	first  map[*dl.Tensor]string // the path on which a tensor was found first
	shared map[string]string     // other paths to a tensor, with the first
	owners map[*Parameter]Module // the layers of this package that have a parameter; nil: not asked for
}

func newCollector() *collector {
	return &collector{first: map[*dl.Tensor]string{}, shared: map[string]string{}}
}

func (c *collector) add(path string, p *Parameter) {
	if p == nil || p.Value == nil {
		return
	}
	if first, ok := c.first[p.Value]; ok {
		if first != path {
			c.shared[path] = first
		}
		return
	}
	c.first[p.Value] = path
	c.found = append(c.found, NamedParameter{path, p})
}

// container is a module whose parts have names that are not those of its fields.
type container interface{ parts() []part }

type part struct {
	name   string
	module Module
}

// module collects the parameters that m lists, under the names of its fields where these hold them.
func (c *collector) module(path string, m Module) {
	if isNil(m) { // a part of a layer that was not built
		return
	}
	if m, ok := m.(container); ok {
		for _, part := range m.parts() {
			c.module(join(path, part.name), part.module)
		}
		return
	}
	listed := m.Parameters()
	names := map[*Parameter]string{}
	if !ofThisPackage(m) {
		inner := newCollector()
		inner.owners = c.owners
		inner.reach(m)
		for _, n := range inner.found {
			names[n.Parameter] = n.Name
		}
	}
	for _, p := range listed {
		if p == nil {
			continue
		}
		name, ok := names[p]
		if !ok {
			if name = p.own; name == "" {
				name = p.Name
			}
		}
		c.add(join(path, name), p)
		if c.owners != nil && ofThisPackage(m) {
			c.owners[p] = m
		}
	}
}

// fields collects what the fields of a structure hold; what cannot be reached is a mistake.
func (c *collector) fields(path string, structure any) {
	w := walker{visit: func(at string, x any) bool { return c.visit(join(path, at), x) }, hidden: func(at string, t reflect.Type) {
		dl.PanicValue("nn.ParametersOf", "the field %s of %T is not exported and holds a %v, whose parameters would not be trained: "+
			"give the field a name with a capital letter", at, structure, t)
	}}
	w.root(structure)
}

// reach collects what the fields of a structure hold as far as they can be reached.
func (c *collector) reach(structure any) {
	w := walker{visit: c.visit}
	w.root(structure)
}

// visit takes what a walk finds and says whether to look into it.
func (c *collector) visit(path string, x any) bool {
	switch x := x.(type) {
	case *Parameter:
		if x.own != "" { // made by a Builder, in a layer of one's own
			path = join(parent(path), x.own)
		}
		c.add(path, x)
		return false
	case Module:
		c.module(path, x)
		return false
	}
	return true
}

// The trainer's switches, for modules whose output differs between training and use, or that draw random numbers.
type (
	trainable interface{ SetTraining(on bool) }
	random    interface{ SetRand(r *dl.Rand) }
)

// SetTraining switches a module and all that its fields hold to training (Dropout drops, BatchNorm uses the batch's
// statistics) or back to inference, which is the state after building. What has a method SetTraining is switched by
// it. SetTraining panics with a *dl.ValueError when a field that is not exported holds something to switch.
func SetTraining(m Module, on bool) {
	mustGive("nn.SetTraining", m)
	weights := weightsOf(m)
	weights.Lock(context.Background()) // not while it predicts, see InUse
	defer weights.Unlock()
	switchTraining(m, on)
	weights.SetTraining(on)
}

func switchTraining(m Module, on bool) {
	switches(m, "SetTraining", func(x any) bool {
		t, ok := x.(trainable)
		if ok {
			t.SetTraining(on)
		}
		return ok
	})
}

// SetRand makes a module and all that its fields hold draw their random numbers (Dropout's masks) from r, so that a
// training run can be repeated. What has a method SetRand gets it by that.
func SetRand(m Module, r *dl.Rand) {
	mustGive("nn.SetRand", m)
	switchRand(m, r)
}

func switchRand(m Module, r *dl.Rand) {
	switches(m, "SetRand", func(x any) bool {
		t, ok := x.(random)
		if ok {
			t.SetRand(r)
		}
		return ok
	})
}

// switches calls f for a module and, where f finds nothing to do, for what it holds.
func switches(m Module, method string, f func(any) bool) {
	if isNil(m) || f(m) {
		return
	}
	if _, ok := m.(container); !ok && ofThisPackage(m) {
		return
	}
	w := walker{visit: func(_ string, x any) bool {
		if _, ok := x.(*Parameter); ok || f(x) {
			return false
		}
		if c, ok := x.(container); ok {
			for _, part := range c.parts() {
				switches(part.module, method, f)
			}
			return false
		}
		return true
	}, hidden: func(at string, t reflect.Type) {
		if _, ok := t.MethodByName(method); ok {
			dl.PanicValue("nn."+method, "the field %s of %T is not exported and holds a %v, which cannot be switched: "+
				"give the field a name with a capital letter, or the type a method %s", at, m, t, method)
		}
	}}
	if c, ok := m.(container); ok {
		for _, part := range c.parts() {
			switches(part.module, method, f)
		}
		return
	}
	w.root(m)
}

func join(path, name string) string {
	switch "" {
	case path:
		return name
	case name:
		return path
	}
	return path + "." + name
}

// parent is a path without its last name.
func parent(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			return path[:i]
		}
	}
	return ""
}

var packagePath = reflect.TypeFor[Parameter]().PkgPath()

// ofThisPackage says whether a module is one of the layers here, whose parameters have names of their own. (Tests of
// this package have modules of their own, which no file can name.)
func ofThisPackage(m Module) bool {
	t := reflect.TypeOf(m)
	if t == nil {
		return false
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() != packagePath {
		return false
	}
	_, known := builtIn[t.Name()]
	return known
}

func present(ps ...*Parameter) []*Parameter {
	var all []*Parameter
	for _, p := range ps {
		if p != nil {
			all = append(all, p)
		}
	}
	return all
}

// forwarder is a module that must be able to compute one output from one input.
func forwarder(m Module) (Forwarder, error) {
	f, ok := m.(Forwarder)
	if !ok {
		return nil, fmt.Errorf("%T has no method Forward(x *dl.Tensor) *dl.Tensor; a chain passes one tensor from layer to layer: "+
			"use nn.Graph, or a struct of your own, for more inputs", m)
	}
	return f, nil
}
