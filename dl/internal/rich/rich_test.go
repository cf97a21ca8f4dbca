package rich

import (
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"

	"modelbook/dl/internal/golden"
)

// wellFormed says what is wrong with a picture.
func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// lenet are the layers of a small network of convolutions.
func lenet() []Layer {
	return []Layer{
		{"input", "one sample", Grey, []int{28, 28, 1}}, {"conv2d", "Conv2D, 5×5, relu", Blue, []int{24, 24, 6}},
		{"maxpool2d", "MaxPool2D, 2×2", Teal, []int{12, 12, 6}}, {"conv2d_1", "Conv2D, 5×5, relu", Blue, []int{8, 8, 16}},
		{"maxpool2d_1", "MaxPool2D, 2×2", Teal, []int{4, 4, 16}}, {"flatten", "Flatten", Grey, []int{256}},
		{"dense", "Dense, relu", Orange, []int{120}}, {"dense_1", "Dense, relu", Orange, []int{84}}, {"dense_2", "Dense, softmax", Orange, []int{10}},
	}
}

// Pictures look as they did when a person looked at them, and are well-formed.
func TestPictures(t *testing.T) {
	steps := make([]float64, 60)
	for i := range steps {
		steps[i] = 2/float64(i+1) + 0.05
	}
	held := append([]float64{2, math.NaN(), 1.2, 0.9, math.Inf(1), 0.7}, steps[:20]...)
	many := make([]Layer, 0, 100)
	for range 10 {
		many = append(many, lenet()...)
	}
	sequences := []Layer{{"input", "", Grey, []int{128}}, {"embedding", "", Purple, []int{128, 64}}, {"transformer", "", Purple, []int{128, 64}},
		{"step", "", Grey, []int{64}}, {"dense", "", Orange, []int{1}}, {"scalar", "", Grey, nil}, {"volume", "", Blue, []int{8, 16, 16, 4}}}
	values := make([]float64, 500)
	for i := range values {
		values[i] = float64((i*37)%50+(i*91)%50)/10 - 4
	}
	for name, svg := range map[string]string{
		"histogram.svg": HistogramOf(values, 28).SVG(), "histogram-one.svg": HistogramOf([]float64{3}, 28).SVG(),
		"histogram-whole.svg": HistogramOf([]float64{1, 2, 2, 3, 3, 3, 7}, 28).SVG(),
		"curves.svg":          Curves(Curve{"loss", steps, -1}, Curve{"val_loss", held, 20}),
		"layers.svg":          Layers(lenet()), "layers-sequences.svg": Layers(sequences), "layers-many.svg": Layers(many),
		"graph.svg": Graph(residual()), "shapes.svg": Shapes([]Sizes{{"first", []int{64, 784}, []int{1}}, {"second", []int{128, 10}, []int{0}}}, false),
		"shapes-end.svg": Shapes([]Sizes{{"first", []int{32, 10}, []int{1}}, {"second", []int{7, 32, 12}, []int{2}}}, true),
	} {
		t.Run(name, func(t *testing.T) {
			if err := wellFormed(svg); err != nil || svg == "" {
				t.Errorf("%v in %q", err, svg)
			}
			for _, bad := range []string{"NaN", "Inf", "black", "white", "#000"} {
				if strings.Contains(svg, bad) {
					t.Errorf("%q stands in it", bad)
				}
			}
			golden.Check(t, name, svg)
		})
	}
}

// residual is a graph with edges over several rows, two inputs and two outputs.
func residual() []Node {
	return []Node{
		{"image", "input 32×32×3", Teal, nil}, {"text", "input 20", Teal, nil}, {"conv2d", "Conv2D 32×32×16", Blue, []int{0}},
		{"conv2d_1", "Conv2D 32×32×16", Blue, []int{2}}, {"conv2d_2", "Conv2D 32×32×16", Blue, []int{3}}, {"sum", "32×32×16", Grey, []int{2, 4}},
		{"pool", "GlobalAvgPool2D 16", Teal, []int{5}}, {"embedding", "Embedding 20×16", Purple, []int{1}}, {"lstm", "LSTM 16", Purple, []int{7}},
		{"concat", "32", Grey, []int{6, 8}}, {"dense", "Dense 10 → output 1", Orange, []int{9}}, {"dense_1", "Dense 1 → output 2", Orange, []int{9}},
	}
}

// No text of strangers becomes a tag, an attribute, or something that hides.
func TestHostileTexts(t *testing.T) {
	const evil = "\"><script>alert(1)</script>\x00\x1b[31m\u202eabc\ufffe\xff&'"
	for name, svg := range map[string]string{
		"layers": Layers([]Layer{{evil, evil, Blue, []int{-1, 0, 3}}}), "graph": Graph([]Node{{evil, evil, Red, nil}}),
		"curves": Curves(Curve{evil, []float64{1, 2}, 9}), "shapes": Shapes([]Sizes{{evil, []int{-5}, []int{7}}}, true),
		"table": Table([][]Cell{{{Text: evil, Title: evil}}}), "note": Note(evil), "card": Card(Escape(evil), Row(Note(evil))),
	} {
		if strings.Contains(svg, "<script") || strings.ContainsAny(svg, "\x00\x1b\ufffe") {
			t.Errorf("%s: %q", name, svg)
		}
		if err := wellFormed(svg); err != nil {
			t.Errorf("%s: %v in %q", name, err, svg)
		}
	}
	if got := Clean("a\n\tb\u202e\x00c", 80); got != "a  b\uFFFD\uFFFDc" {
		t.Errorf("%q", got)
	}
	if got := Clean("abcdef", 4); got != "abc…" {
		t.Errorf("%q", got)
	}
}

// Nothing is drawn of nothing, and of too much a part.
func TestBounds(t *testing.T) {
	for name, svg := range map[string]string{"histogram": HistogramOf(nil, 5).SVG(), "NaN": HistogramOf([]float64{math.NaN()}, 5).SVG(),
		"curves": Curves(Curve{"x", []float64{math.NaN()}, -1}), "graph": Graph(nil), "cycle": Graph([]Node{{From: []int{0}}}), "large graph": Graph(make([]Node, 1000))} {
		if svg != "" {
			t.Errorf("%s: %q", name, svg)
		}
	}
	if n := len(Layers(make([]Layer, 100_000))); n > 64<<10 {
		t.Errorf("%d bytes of layers", n)
	}
	long := make([]float64, 1_000_000)
	for i := range long {
		long[i] = float64(i % 17)
	}
	if n := len(Curves(Curve{"x", long, 5})); n > 16<<10 {
		t.Errorf("%d bytes of a curve", n)
	}
	deep := make([]Node, mostNodes) // the last is made of all others
	for i := 1; i < mostNodes; i++ {
		deep[i].From = []int{i - 1}
		deep[mostNodes-1].From = append(deep[mostNodes-1].From, i-1)
	}
	if svg := Graph(deep); svg != "" && len(svg) > 2<<20 {
		t.Errorf("%d bytes of a graph", len(svg))
	}
	extremes := HistogramOf([]float64{-math.MaxFloat64, math.MaxFloat64, 0, 5e-324}, 10)
	if sum := extremes.Counts; len(sum) != 10 || sum[0] != 1 || sum[9] != 1 || sum[5] != 2 {
		t.Errorf("%v", extremes)
	}
	if err := wellFormed(extremes.SVG()); err != nil || strings.Contains(extremes.SVG(), "NaN") {
		t.Error(extremes.SVG())
	}
}

// Values as blocks, for terminals.
func TestText(t *testing.T) {
	if got := Spark([]float64{8, 4, 2, 1, math.NaN(), 1}, 40); got != "█▄▂▁ ▁" {
		t.Errorf("%q", got)
	}
	if got := Spark([]float64{1000, 100, 10, 1}, 40); got != "█▆▃▁" {
		t.Errorf("by logarithms: %q", got)
	}
	if Spark([]float64{1, 1}, 9) != "" || Spark(nil, 9) != "" {
		t.Error("a line of what is all alike")
	}
	if h := HistogramOf([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 4); len(h.Counts) != 4 || h.Counts[0] != 3 || h.Counts[3] != 1 {
		t.Errorf("ten whole numbers in %v", h.Counts)
	}
	if got := HistogramOf([]float64{0, 0, 0, 0, 1, 3}, 4).Text(); got != "█▂ ▂" {
		t.Errorf("%q", got)
	}
	want := "  first   [  3 ][ 4 ]\n                  ^\n  second  [ 12 ][ 5 ]\n                  ^"
	if got := ShapesText([]Sizes{{"first", []int{3, 4}, []int{1}}, {"second", []int{12, 5}, []int{1}}}, false); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
