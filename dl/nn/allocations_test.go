//go:build !race && !checked

package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"modelbook/dl"
)

// counted are layers without recorded cases, or with more that is optional than those have, and samples for them.
var counted = []struct {
	layer Layer
	in    dl.Shape
}{
	{AlphaDropout{Rate: 0.5}, dl.Shape{5, 6}},
	{Dropout{Rate: 0.5}, dl.Shape{5, 6}},
	{DropPath{Rate: 0.5}, dl.Shape{5, 6}},
	{GaussianDropout{Rate: 0.5}, dl.Shape{5, 6}},
	{GaussianNoise{StdDev: 1}, dl.Shape{5, 6}},
	{RReLU{}, dl.Shape{5, 6}},
	{Conv3D{Filters: 16, Kernel: [3]int{3, 3, 3}, Groups: 16, Padding: dl.Same, Activation: ReLU}, dl.Shape{4, 5, 6, 16}},
	{Conv3D{Filters: 16, Kernel: [3]int{3, 3, 3}, Stride: [3]int{2, 2, 2}}, dl.Shape{5, 5, 7, 1}},
	{SpatialDropout{Rate: 0.5}, dl.Shape{3, 4, 5, 6}},
	{LSTM{Units: 3, RecurrentDropout: 0.5}, dl.Shape{5, 4}},
	{TransformerEncoderLayer{Heads: 2}, dl.Shape{5, 16}},
	{TransformerEncoderLayer{Heads: 4, KVHeads: 2, Causal: true, Window: 3, Rotary: &Rotary{}, Gated: true, Activation: GELU, NormFirst: true,
		NoBias: true, Dropout: 0.1, AttentionDropout: 0.1, HiddenDropout: 0.1}, dl.Shape{5, 16}},
}

// countedElsewhere are layers that TestLayersAllocateNothing does not build by themselves, and why.
var countedElsewhere = map[string]string{
	"Bilinear":                "TestLayersOfSeveralInputsAllocateNothing",
	"TransformerDecoder":      "TestLayersOfSeveralInputsAllocateNothing",
	"TransformerDecoderLayer": "TestLayersOfSeveralInputsAllocateNothing",
	"Transformer":             "an encoder and a decoder",
	"Model":                   "those of the table are Models",
	"GraphLayer":              "TestLayersOfSeveralInputsAllocateNothing",
}

// allocations are those of a training step, forward and back, in an arena.
func allocations(m Module, inputs []*dl.Tensor, forward func() *dl.Tensor) float64 {
	parameters, arena := Trainable(m), dl.NewArena()
	step := func() {
		for _, x := range inputs {
			if x.RequiresGrad() {
				x.ZeroGrad()
			}
		}
		for _, p := range parameters {
			p.ZeroGrad()
		}
		if y := forward(); y.RequiresGrad() {
			y.Sum().Backward()
		}
	}
	for range 3 {
		arena.Run(step)
	}
	return testing.AllocsPerRun(20, func() { arena.Run(step) })
}

// A training step of any layer allocates nothing: that of its recorded cases, and of those above.
func TestLayersAllocateNothing(t *testing.T) {
	seen := map[string]bool{}
	for _, area := range sortedNames(areas) {
		for _, c := range recordedCases(t, area) {
			subject := areas[area][c.Name]
			for wrapped := true; wrapped; {
				switch s := subject.(type) {
				case kinked:
					subject = s.subject
				case unsaved:
					subject = s.subject
				default:
					wrapped = false
				}
			}
			if _, ok := subject.(Layer); !ok {
				continue
			}
			seen[reflect.TypeOf(subject).Name()] = true
			f := c.make(t, subject, dl.Float32).module.(Forwarder)
			xs, _ := c.inputs(t, dl.Float32)
			if n := allocations(f, xs, func() *dl.Tensor { return f.Forward(xs[0]) }); n > 0 {
				t.Errorf("%s: %v allocations a step", c.Name, n)
			}
		}
	}
	for _, l := range counted {
		seen[reflect.TypeOf(l.layer).Name()] = true
		m := must(Sequential(l.in, l.layer))
		SetTraining(m, true)
		x := dl.Randn(append([]int{4}, l.in...)...).RequireGrad()
		if n := allocations(m, []*dl.Tensor{x}, func() *dl.Tensor { return m.Forward(x) }); n > 0 {
			t.Errorf("%#v: %v allocations a step", l.layer, n)
		}
	}
	for _, name := range layerTypes(t) {
		if !seen[name] && countedElsewhere[name] == "" {
			t.Errorf("no step of %s is counted: add a recorded case, or a line to the table above", name)
		}
	}
}

// So does one of a layer that has several inputs.
func TestLayersOfSeveralInputsAllocateNothing(t *testing.T) {
	x, y := dl.Randn(2, 5, 8).RequireGrad(), dl.Randn(2, 3, 8).RequireGrad()
	a, b := dl.Randn(4, 3).RequireGrad(), dl.Randn(4, 2).RequireGrad()
	bilinear := Build(Bilinear{Second: 2, Units: 5}, 3)
	layer := Build(TransformerDecoderLayer{Heads: 2, Dropout: 0.1}, 5, 8)
	decoder := Build(TransformerDecoder{Layer: TransformerDecoderLayer{Heads: 2}, Layers: 2, FinalNorm: true}, 5, 8)
	g := NewGraph()
	in := g.Input("x", 3)
	graph := must(g.Build(g.Sum(g.Add(Dense{Units: 4, Activation: ReLU}, in), g.Add(Dense{Units: 4}, in))))
	for name, c := range map[string]struct {
		m       Module
		inputs  []*dl.Tensor
		forward func() *dl.Tensor
	}{
		"Bilinear":                {bilinear, []*dl.Tensor{a, b}, func() *dl.Tensor { return bilinear.Forward(a, b) }},
		"TransformerDecoderLayer": {layer, []*dl.Tensor{x, y}, func() *dl.Tensor { return layer.Call(x, y, DecodeOptions{}) }},
		"TransformerDecoder":      {decoder, []*dl.Tensor{x, y}, func() *dl.Tensor { return decoder.Call(x, y, DecoderOptions{}) }},
		"Graph":                   {graph, []*dl.Tensor{a}, func() *dl.Tensor { return graph.Forward(a) }},
	} {
		SetTraining(c.m, true)
		if n := allocations(c.m, c.inputs, c.forward); n > 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}

// layerTypes are the exported types with a method Build.
func layerTypes(t *testing.T) (names []string) {
	for _, name := range sourceFiles(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Build" {
				if name := strings.TrimPrefix(typeText(f.Recv.List[0].Type), "*"); ast.IsExported(name) && name != "Graph" {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
