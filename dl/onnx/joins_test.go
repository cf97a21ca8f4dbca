package onnx

import (
	"bytes"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// joinExports are graphs that join two inputs, in each way that there is.
func joinExports() (exports []exported) {
	all := func(join func(g *nn.Graph, xs ...*nn.Node) *nn.Node) func(g *nn.Graph, x, y *nn.Node) *nn.Node {
		return func(g *nn.Graph, x, y *nn.Node) *nn.Node { return join(g, x, y, x) }
	}
	product := func(join func(g *nn.Graph, x, y *nn.Node, axes ...int) *nn.Node, axes ...int) func(g *nn.Graph, x, y *nn.Node) *nn.Node {
		return func(g *nn.Graph, x, y *nn.Node) *nn.Node { return join(g, x, y, axes...) }
	}
	for _, c := range []struct {
		name string
		join func(g *nn.Graph, x, y *nn.Node) *nn.Node
		x, y []int
	}{
		{"Concat", all((*nn.Graph).Concat), []int{3, 4}, []int{3, 4}},
		{"Sum", all((*nn.Graph).Sum), []int{3, 4}, []int{3, 4}},
		{"Multiply", all((*nn.Graph).Multiply), []int{3, 4}, []int{3, 4}},
		{"Average", all((*nn.Graph).Average), []int{3, 4}, []int{3, 4}},
		{"Maximum", all((*nn.Graph).Maximum), []int{3, 4}, []int{3, 4}},
		{"Minimum", all((*nn.Graph).Minimum), []int{3, 4}, []int{3, 4}},
		{"Subtract", (*nn.Graph).Subtract, []int{3, 4}, []int{3, 4}},
		{"Dot of vectors", product((*nn.Graph).Dot), []int{4}, []int{4}},
		{"Dot", product((*nn.Graph).Dot), []int{3, 4}, []int{5, 4}},
		{"Dot of columns", product((*nn.Graph).Dot, 0), []int{4, 3}, []int{4, 5}},
		{"Dot, two axes", product((*nn.Graph).Dot, -2, 0), []int{2, 4, 3}, []int{4, 5}},
		{"Cosine", product((*nn.Graph).Cosine, 1, 0), []int{3, 4}, []int{4, 5}},
		{"Cosine of two", product((*nn.Graph).Cosine), []int{4}, []int{4}},
	} {
		g := nn.NewGraph()
		model, err := g.Build(c.join(g, g.Input("x", c.x...), g.Input("y", c.y...)))
		if err != nil {
			panic(err)
		}
		x, y := numbers(1, 2, append([]int{2}, c.x...)...), numbers(2, 2, append([]int{2}, c.y...)...)
		exports = append(exports, exported{name: c.name, module: model, inputs: []*dl.Tensor{x, y}})
	}
	return exports
}

// What joins the nodes of a graph is written as operators, which compute the same.
func TestJoinsAreExported(t *testing.T) {
	for _, e := range joinExports() {
		var b bytes.Buffer
		if err := Export(&b, e.module, e.o); err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		m, err := Parse(b.Bytes())
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		outputs, err := m.Run(e.inputs...)
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		want := e.module.(*nn.Graph).Call(e.inputs...)[0]
		near(t, e.name, outputs[0], want.Shape(), dl.Values[float64](want.To(dl.Float64)))
	}
}
