package nn

import (
	"reflect"
	"testing"

	"modelbook/dl"
)

// A Built is a layer of the recorded cases, for tests outside of this package: its description, the inputs of the case,
// and how to build it.
type Built struct {
	Layer  Layer
	Inputs []*dl.Tensor
	Module func() Module
}

// BuiltLayers are those of the recorded cases, one of each type.
func BuiltLayers(t testing.TB) (all []Built) {
	seen := map[reflect.Type]bool{}
	for _, area := range sortedNames(areas) {
		for _, c := range recordedCases(t, area) {
			subject := areas[area][c.Name]
			switch x := subject.(type) {
			case kinked:
				subject = x.subject
			case unsaved:
				subject = x.subject
			}
			if x, ok := subject.(called); ok {
				subject = x.layer
			}
			layer, ok := subject.(Layer)
			if !ok || seen[reflect.TypeOf(layer)] {
				continue
			}
			seen[reflect.TypeOf(layer)] = true
			built := Built{Layer: layer, Module: func() Module {
				m, _, err := one(layer, dl.Shape(c.In[0].Shape[1:]), &Builder{Rand: dl.NewRand(1)})
				if err != nil {
					t.Fatal(err)
				}
				return m
			}}
			for _, in := range c.In {
				built.Inputs = append(built.Inputs, in.tensor(t, dl.Float32))
			}
			all = append(all, built)
		}
	}
	return all
}

// Losses are those that have a name.
func Losses() []Loss { return losses() }

// Finish builds the graph of a node, or says what did not fit.
func Finish(x *Node) error {
	if x.graph == nil {
		return nil
	}
	_, err := x.graph.Build(x)
	return err
}
