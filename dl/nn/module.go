package nn

import (
	"fmt"
	"reflect"

	"modelbook/dl"
)

// Module is anything that computes an output from an input and has parameters to learn: a layer, a model, or a type
// of your own. Inputs and outputs carry the batch on their first axis. [ParametersOf] collects the parameters of a
// struct's fields.
//
// A module may also have the methods SetTraining(bool) (see [SetTraining]) and SetRand(*dl.Rand) (see [SetRand]).
type Module interface {
	Forward(x *dl.Tensor) *dl.Tensor
	Parameters() []*Parameter
}

// Parameter is a tensor that belongs to a module and is saved with it. Frozen ones are left alone by training: the
// running statistics of BatchNorm, or layers a user wants to keep as they are.
type Parameter struct {
	Name   string // unique within its model, such as "conv2d.weight"
	Value  *dl.Tensor
	Frozen bool

	own string // the name its maker gave it, before those of the modules around
}

// NewParameter returns a parameter that training changes.
func NewParameter(name string, value *dl.Tensor) *Parameter {
	return &Parameter{Name: name, Value: value.RequireGrad(), own: name}
}

func (p *Parameter) String() string {
	frozen := ""
	if p.Frozen {
		frozen = ", frozen"
	}
	return fmt.Sprintf("%s %v%s", p.Name, p.Value.Shape(), frozen)
}

// Trainable returns the values of a module's parameters that training changes.
func Trainable(m Module) []*dl.Tensor {
	var values []*dl.Tensor
	for _, p := range m.Parameters() {
		if !p.Frozen {
			values = append(values, p.Value)
		}
	}
	return values
}

// Trainer's switches, for modules whose output differs between training and use, or that draw random numbers.
type (
	trainable interface{ SetTraining(on bool) }
	random    interface{ SetRand(r *dl.Rand) }
)

// SetTraining switches a module and the modules in its exported fields to training (Dropout drops, BatchNorm uses the
// batch's statistics) or back to use, which is the state after building.
func SetTraining(m Module, on bool) {
	visit(m, func(m Module) bool {
		t, ok := m.(trainable)
		if ok {
			t.SetTraining(on)
		}
		return !ok
	})
}

// SetRand makes a module and the modules in its exported fields draw their random numbers (Dropout's masks) from r,
// so that a training run can be repeated.
func SetRand(m Module, r *dl.Rand) {
	visit(m, func(m Module) bool {
		t, ok := m.(random)
		if ok {
			t.SetRand(r)
		}
		return !ok
	})
}

// visit calls f for m and, while f says so, for the modules among its fields.
func visit(m Module, f func(Module) bool) {
	if f(m) {
		fields(m, "", func(_ string, v any) {
			if child, ok := v.(Module); ok {
				visit(child, f)
			}
		})
	}
}

// ParametersOf collects the parameters of a struct's exported fields in their order: fields of type *Parameter,
// modules, and slices and arrays of these. Names are made of the field names ("Hidden.weight"). A type of your own
// needs no more than
//
//	func (n *Net) Parameters() []*nn.Parameter { return nn.ParametersOf(n) }
func ParametersOf(structure any) []*Parameter {
	var all []*Parameter
	fields(structure, "", func(name string, v any) {
		switch v := v.(type) {
		case *Parameter:
			v.Name = name
			all = append(all, v)
		case Module:
			// Parameters may have been named here before: from their own names the module names them afresh.
			for _, p := range v.Parameters() {
				p.Name = p.own
			}
			for _, p := range v.Parameters() {
				p.Name = name + "." + p.Name
				all = append(all, p)
			}
		}
	})
	return all
}

// fields calls f for every non-nil parameter and module among the exported fields of a struct or a pointer to one.
func fields(structure any, prefix string, f func(name string, v any)) {
	v := reflect.ValueOf(structure)
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return
	}
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			collect(v.Field(i), prefix+field.Name, f)
		}
	}
}

func collect(v reflect.Value, name string, f func(name string, v any)) {
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), fmt.Sprintf("%s.%d", name, i), f)
		}
		return
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
	case reflect.Struct:
		if v.CanAddr() {
			v = v.Addr()
		}
	}
	switch x := v.Interface().(type) {
	case *Parameter:
		f(name, x)
	case Module:
		f(name, x)
	}
}
