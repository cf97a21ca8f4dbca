package nn

import (
	"testing"

	"modelbook/dl"
)

// What padding is changes nothing, wherever in a model the layers are that mark it and that use it.
func TestMasksGoThroughModels(t *testing.T) {
	dl.Seed(4)
	in := dl.Shape{5}
	embed := Embedding{Vocabulary: 9, Units: 4, MaskZero: true}
	lstm := LSTM{Units: 4, ReturnSequences: true}
	model := func(in dl.Shape, layers ...Layer) *Model {
		m, err := Sequential(in, layers...)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	graph := func(end func(g *Graph, x *Node) *Node) *Graph {
		g := NewGraph()
		m, err := g.Build(end(g, g.Add(embed, g.Input("tokens", 5))))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for name, m := range map[string]Forwarder{
		"mean":        model(in, embed, GlobalAvgPool1D{}),
		"mean kept":   model(in, embed, GlobalAvgPool1D{KeepDims: true}, Flatten{}),
		"inside":      model(in, model(in, embed, lstm), GRU{Units: 3}, Dense{Units: 2, Activation: Softmax}),
		"at the end":  model(in, embed, model(dl.Shape{5, 4}, GRU{Units: 3}, Dense{Units: 2, Activation: Softmax})),
		"parallel":    model(in, embed, Parallel{Branches: [][]Layer{{GRU{Units: 3}}, {GlobalAvgPool1D{}, Dense{Units: 2}}}}),
		"branches":    model(in, embed, Parallel{Branches: [][]Layer{{lstm}, {}}}, GRU{Units: 3}),
		"residual":    model(in, embed, Residual{Layers: []Layer{lstm}}, GlobalAvgPool1D{}),
		"regularised": model(in, embed, Regularized{Layer: LSTM{Units: 3}, Weight: L2(1), Activity: L1(1)}),
		"constrained": model(in, Constrained{Layer: embed, Weight: UnitNorm{}}, Constrained{Layer: GRU{Units: 3}, Weight: UnitNorm{}}),
		"normalised":  model(in, embed, WeightNorm{Layer: Dense{Units: 3}}, SpectralNorm{Layer: Dense{Units: 3}}, GRU{Units: 3}),
		"graph": graph(func(g *Graph, x *Node) *Node {
			return g.Add(Dense{Units: 2, Activation: Softmax}, g.Add(GRU{Units: 3}, x))
		}),
		"sum": graph(func(g *Graph, x *Node) *Node { return g.Add(GlobalAvgPool1D{}, g.Sum(x, g.Add(lstm, x))) }),
		"concat": graph(func(g *Graph, x *Node) *Node {
			return g.Add(GlobalAvgPool1D{}, g.Concat(x, g.Add(Dropout{Rate: 0.5}, x)))
		}),
		"layer": model(in, graph(func(g *Graph, x *Node) *Node { return g.Add(lstm, x) }).AsLayer(), GlobalAvgPool1D{}),
	} {
		SetTraining(m, false)
		of := func(forward func(x *dl.Tensor) *dl.Tensor, tokens ...int32) (y *dl.Tensor) {
			dl.NoGrad(func() { y = forward(dl.Of(tokens, 1, len(tokens))) })
			return y
		}
		before := of(m.Forward, 3, 8, 2, 0, 0)
		table := m.(Module).Parameters()[0].Value
		dl.NoGrad(func() { table.Index(0).Fill(7) })
		short := of(m.Forward, 3, 8, 2, 0, 0)
		if !short.AllClose(before, 1e-5, 1e-6) {
			t.Errorf("%s: %v, and %v where padding is something else", name, before, short)
		}
		if all := of(m.Forward, 3, 8, 2, 4, 4); all.AllClose(short, 1e-6, 1e-6) {
			t.Errorf("%s: the steps behind do not matter", name)
		}
		if h, ok := m.(Headed); ok && h.Head() != Identity {
			if y := of(h.Logits, 3, 8, 2, 0, 0).Softmax(-1); !y.AllClose(short, 1e-5, 1e-6) {
				t.Errorf("%s: the softmax of the logits is %v, the output %v", name, y, short)
			}
		}
	}
}

// The steps that count of sequences that are joined.
func TestJoinedMasks(t *testing.T) {
	y := dl.Ones(1, 3, 2)
	a, b := dl.Of([]bool{true, true, false}, 1, 3), dl.Of([]bool{true, false, false}, 1, 3)
	for i, c := range []struct{ got, want *dl.Tensor }{
		{joinedMask(y, true, a, b), b},
		{joinedMask(y, false, a, b), a},
		{joinedMask(y, true, nil, b), b},
		{joinedMask(y, false, nil, b), nil},
		{joinedMask(y, true, nil, nil), nil},
		{joinedMask(dl.Ones(1, 3), true, a, b), nil},
		{joinedMask(y, true, a, dl.Of([]bool{true}, 1, 1)), nil},
	} {
		if (c.got == nil) != (c.want == nil) || c.got != nil && !c.got.Equal(c.want) {
			t.Errorf("%d: %v, want %v", i, c.got, c.want)
		}
	}
}
