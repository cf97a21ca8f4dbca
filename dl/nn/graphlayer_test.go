package nn

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// gate is a graph of one input and one output: x*sigmoid(w*x) would be a chain, with a sum of two branches it is not.
func gate(t *testing.T, units int) *Graph {
	t.Helper()
	g := NewGraph()
	x := g.Input("x", units)
	m, err := g.Build(g.Add(Dense{Units: 2, Activation: Softmax}, g.Sum(g.Add(Dense{Units: units, Activation: Tanh}, x), x)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A graph is a layer of a model: it trains, predicts and is saved with it, under names below its own, also twice.
func TestAGraphAsALayer(t *testing.T) {
	dl.Seed(3)
	g := gate(t, 3)
	other := NewGraph()
	x := other.Input("x", 2)
	outer, err := other.Build(other.Add(gate(t, 2).AsLayer(), x))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Sequential(dl.Shape{4}, Dense{Units: 3}, g.AsLayer(), outer.AsLayer())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"dense.weight", "dense.bias", "graph.dense.weight", "graph.dense.bias", "graph.dense_1.weight", "graph.dense_1.bias",
		"graph_1.graph.dense.weight", "graph_1.graph.dense.bias", "graph_1.graph.dense_1.weight", "graph_1.graph.dense_1.bias"}
	if got := names(m); !slices.Equal(got, want) {
		t.Errorf("parameters %q", got)
	}
	if m.Head() != Softmax {
		t.Errorf("the model ends in %v", m.Head())
	}
	in := dl.NewRand(1).Normals(0, 1, 5, 4)
	y := m.Forward(in)
	chained := outer.Forward(g.Forward(m.Layers[0].Forward(in)))
	if !slices.Equal(y.Float32s(), chained.Float32s()) || !m.Output().Equal(dl.Shape{2}) {
		t.Errorf("%v, the graphs by themselves make %v", y, chained)
	}
	y.Slice(1, 0, 1).Sum().Backward()
	for _, p := range g.Parameters() {
		if p.Value.Grad() == nil {
			t.Errorf("%s of the graph gets no gradient", p.Name)
		}
	}
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := loaded.Predict(in); !slices.Equal(got.Float32s(), y.Float32s()) || !slices.Equal(names(loaded), want) {
		t.Errorf("loaded it makes %v, made %v; parameters %q", got, y, names(loaded))
	}
	for says, layer := range map[string]*GraphLayer{
		"the graph was built for [7]":    gate(t, 7).AsLayer(),
		"the graph has no outputs":       NewGraph().AsLayer(),
		"2 inputs and 1 outputs":         twoInputs(t).AsLayer(),
		"has no outputs: call its Build": {},
	} {
		if _, err := Sequential(dl.Shape{3}, layer); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func twoInputs(t *testing.T) *Graph {
	g := NewGraph()
	m, err := g.Build(g.Sum(g.Input("a", 3), g.Input("b", 3)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
