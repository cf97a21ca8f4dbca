package nn

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func twins(t *testing.T) *Graph {
	dl.Seed(3)
	g := NewGraph()
	a, b := g.Input("left", 4), g.Input("right", 4)
	side := g.Layer(Dense{Units: 3, Activation: Tanh})
	left, right := side(a), side(b)
	both := g.Concat(left, right, g.Func(func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Sub(xs[1]).Abs() }, left, right))
	m, err := g.Build(g.Add(Dense{Units: 2, Activation: Softmax}, g.Add(Dropout{Rate: 0.5}, both)), g.Sum(left, right))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAGraphOfSeveralInputsAndOutputs(t *testing.T) {
	g := twins(t)
	if got := names(g); !slices.Equal(got, []string{"dense.weight", "dense.bias", "dense_1.weight", "dense_1.bias"}) {
		t.Errorf("%q", got)
	}
	r := dl.NewRand(1)
	x, y := r.Normals(0, 1, 5, 4), r.Normals(0, 1, 5, 4)
	SetTraining(g, true)
	out, swapped := g.Predict(x, y), g.Predict(y, x)
	if !slices.Equal(out[0].Shape(), dl.Shape{5, 2}) || !slices.Equal(out[1].Shape(), dl.Shape{5, 3}) {
		t.Fatalf("shapes %v and %v", out[0].Shape(), out[1].Shape())
	}
	if !slices.Equal(out[1].Float32s(), swapped[1].Float32s()) {
		t.Error("the two sides are not of the same layer")
	}
	if again := g.Predict(x, y); !slices.Equal(out[0].Float32s(), again[0].Float32s()) {
		t.Error("Predict drops")
	}
	if a, b := g.Call(x, y), g.Call(x, y); slices.Equal(a[0].Float32s(), b[0].Float32s()) {
		t.Error("training does not drop")
	}
	// The gradients of both sides go to the one layer.
	g.Call(x, y)[1].Sum().Backward()
	if g.Parameters()[0].Value.Grad() == nil {
		t.Error("no gradient")
	}
	path := filepath.Join(t.TempDir(), "graph")
	if err := SaveParameters(path, g); err != nil {
		t.Fatal(err)
	}
	other := twins(t)
	other.Parameters()[0].Value.Set(9, 0, 0)
	if err := LoadParameters(path, other); err != nil || !slices.Equal(other.Predict(x, y)[0].Float32s(), out[0].Float32s()) {
		t.Errorf("loaded: %v", err)
	}
	for says, f := range map[string]func(){
		"the graph takes 2 (left, right)": func() { g.Call(x) },
		"2 inputs and 2 outputs":          func() { g.Forward(x) },
		`input "right" is a batch`:        func() { g.Call(x, dl.Zeros(5)) },
	} {
		if err := dl.Try(f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
}

func TestAGraphOfOneChainIsThatModel(t *testing.T) {
	dl.Seed(1)
	m := must(Sequential(dl.Shape{4}, Dense{Units: 3, Activation: ReLU}, Dense{Units: 2, Activation: Softmax}))
	dl.Seed(1)
	g := NewGraph()
	model := must(g.Build(g.Add(Dense{Units: 2, Activation: Softmax}, g.Add(Dense{Units: 3, Activation: ReLU}, g.Input("x", 4)))))
	x := dl.NewRand(2).Normals(0, 1, 3, 4)
	if model.Head() != Softmax || !slices.Equal(model.Forward(x).Float32s(), m.Forward(x).Float32s()) || !slices.Equal(model.Logits(x).Float32s(), m.Logits(x).Float32s()) {
		t.Error("the graph computes something else")
	}
}

func TestWhatDoesNotFitIntoAGraph(t *testing.T) {
	for says, f := range map[string]func(g *Graph) *Node{
		"Dense on input [2 2 2]": func(g *Graph) *Node { return g.Add(Dense{}, g.Input("x", 2, 2, 2)) },
		"below 1":                func(g *Graph) *Node { return g.Input("x", 0) },
		"of another graph":       func(g *Graph) *Node { return g.Add(ReLU, NewGraph().Input("x", 1)) },
		"Concat":                 func(g *Graph) *Node { return g.Concat(g.Input("a", 2, 3), g.Input("b", 3, 3)) },
		"built with a weight": func(g *Graph) *Node {
			l := g.Layer(Dense{Units: 1})
			l(g.Input("a", 2))
			return l(g.Input("b", 3))
		},
		"first axis": func(g *Graph) *Node {
			return g.Func(func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Sum() }, g.Input("a", 2))
		},
	} {
		g := NewGraph()
		if _, err := g.Build(f(g)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want it to say %q", err, says)
		}
	}
}
