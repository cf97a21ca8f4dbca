package nn

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/golden"
)

// madeOf returns what was made, which had to fit.
func madeOf[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func lenet() *Model {
	return madeOf(Sequential(dl.Shape{28, 28, 1}, Conv2D{Filters: 6, Kernel: [2]int{5, 5}, Activation: ReLU}, MaxPool2D{}, BatchNorm{},
		Conv2D{Filters: 16, Kernel: [2]int{5, 5}, Activation: ReLU}, MaxPool2D{}, Flatten{}, Dense{Units: 120, Activation: ReLU}, Dropout{Rate: 0.5},
		Dense{Units: 10, Activation: Softmax}))
}

func residualNetwork() *Model {
	body := []Layer{Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Padding: Same, Activation: ReLU}, Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Padding: Same}}
	return madeOf(Sequential(dl.Shape{16, 16, 8}, Residual{Layers: body, Activation: ReLU}, Residual{Layers: body, Activation: ReLU}, GlobalAvgPool2D{}, Dense{Units: 4}))
}

func reader() *Model {
	return madeOf(Sequential(dl.Shape{32}, Embedding{Vocabulary: 100, Units: 16}, PositionalEmbedding{}, TransformerBlock{Heads: 2}, LSTM{Units: 8}, Dense{Units: 2}))
}

func twoTowers() *Graph {
	g := NewGraph()
	a, b := g.Input("left", 8), g.Input("right", 8)
	side := g.Layer(Dense{Units: 16, Activation: ReLU})
	x, y := side(a), side(b)
	both := g.Concat(x, y, g.Multiply(x, y))
	hidden := g.Add(Dense{Units: 16, Activation: ReLU}, both)
	return madeOf(g.Build(g.Add(Dense{Units: 1, Activation: Sigmoid}, g.Sum(hidden, x)), g.Add(Dense{Units: 3}, hidden)))
}

// Models look as they did when a person looked at them.
func TestModelsAreShown(t *testing.T) {
	for name, m := range map[string]interface{ MimeBundle() map[string]any }{
		"lenet": lenet(), "residual": residualNetwork(), "reader": reader(), "graph": twoTowers(),
	} {
		t.Run(name, func(t *testing.T) {
			shown := m.MimeBundle()
			golden.Check(t, "model-"+name+".html", shown["text/html"].(string))
			golden.Check(t, "model-"+name+".txt", shown["text/plain"].(string))
		})
	}
}

// Files of diagrams are well-formed.
func TestDiagramFiles(t *testing.T) {
	for _, svg := range []string{lenet().SVG(), reader().SVG(), twoTowers().SVG()} {
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if !strings.HasPrefix(svg, `<svg color="`) {
			t.Errorf("%.80s", svg)
		}
	}
}

// The costs that are shown are those of Profile, layer by layer.
func TestShownCostsAreThoseOfProfile(t *testing.T) {
	m := residualNetwork()
	p := madeOf(m.Profile())
	lines, shown := m.lines()
	if shown == nil || shown.Total.MACs != p.Total.MACs {
		t.Fatalf("%v, want %v", shown, p)
	}
	sum := int64(0)
	for _, l := range lines {
		sum += max(l.macs, 0)
	}
	if sum != p.Total.MACs || lines[0].macs != 2*16*16*9*8*8 {
		t.Errorf("%d of %d multiply-adds are the layers', the first has %d", sum, p.Total.MACs, lines[0].macs)
	}
	g := twoTowers()
	all, total := g.lines(true)
	sum = 0
	for _, l := range all {
		sum += max(l.macs, 0)
	}
	if sum != total.Total.MACs || sum == 0 {
		t.Errorf("%d of %d multiply-adds are the nodes'", sum, total.Total.MACs)
	}
}

// To look at a model changes no state, and does not take long.
func TestShowingAModelHasNoEffect(t *testing.T) {
	state := madeOf(Sequential(dl.Shape{5, 4}, LSTM{Units: 3, Stateful: true}))
	if _, p := state.lines(); p != nil {
		t.Error("a layer with a state computed")
	}
	large := madeOf(Sequential(dl.Shape{256, 256, 8}, Conv2D{Filters: 64, Kernel: [2]int{3, 3}, Padding: Same}))
	if _, p := large.lines(); p != nil {
		t.Error("a large model computed")
	}
	if s := large.HTML(); !strings.Contains(s, "FLOPs: see Profile") {
		t.Error(s)
	}
}

// A model that was not built, or put together by hand, is shown as far as it goes; names are text.
func TestHostileModels(t *testing.T) {
	const evil = "<script>alert(1)</script>"
	for name, m := range map[string]interface{ MimeBundle() map[string]any }{
		"zero": &Model{}, "zero graph": &Graph{}, "by hand": &Model{Input: dl.Shape{3}, Layers: []Forwarder{lenet().Layers[6]}},
		"names": func() *Graph {
			g := NewGraph()
			return madeOf(g.Build(g.Add(Dense{Units: 1}, g.Input(evil, 2))))
		}(),
		"unbuilt": func() *Graph { g := NewGraph(); g.Input(evil, 2); return g }(),
	} {
		shown := m.MimeBundle()
		if html := shown["text/html"].(string); strings.Contains(html, "<script") {
			t.Errorf("%s: %s", name, html)
		}
	}
	many := make([]Layer, 400)
	for i := range many {
		many[i] = Dense{Units: 2}
	}
	if html := madeOf(Sequential(dl.Shape{2}, many...)).HTML(); len(html) > 128<<10 {
		t.Errorf("%d bytes of 400 layers", len(html))
	}
}
