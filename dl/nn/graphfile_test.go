package nn

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// saved is a graph with all that a file can hold of one: several inputs and outputs, a layer in two places, a built
// layer under two names, joins, dropout, statistics, a frozen layer.
func saved(t testing.TB) *Graph {
	dl.Seed(4)
	g := NewGraph()
	tokens, image, wide := g.Input("tokens", 5), g.Input("image", 6, 6, 2), g.Input("wide", 3)
	words := g.Add(Flatten{}, g.Add(Embedding{Vocabulary: 9, Units: 2}, tokens))
	pixels := g.Add(Flatten{}, g.Add(MaxPool2D{Padding: Pad2D(1, 0)}, g.Add(Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Padding: Same, Activation: ReLU}, image)))
	side := g.Layer(Dense{Units: 3, Activation: Tanh})
	left, right := side(wide), side(side(wide))
	built := Build(Dense{Units: 3, NoBias: true}, 3)
	again := g.Sum(g.Add(built, left), g.Add(built, right), g.Add(GELU, right))
	all := g.Add(Dropout{Rate: 0.5}, g.Add(BatchNorm{}, g.Concat(words, pixels, again)))
	m, err := g.Build(g.Add(Dense{Units: 2, Activation: Softmax}, all), again)
	if err != nil {
		t.Fatal(err)
	}
	Freeze(m.layers[0].module)
	return m
}

func TestGraphsAreSaved(t *testing.T) {
	g := saved(t)
	path := filepath.Join(t.TempDir(), "graph.safetensors")
	if err := g.Save(path); err != nil {
		t.Fatal(err)
	}
	r := dl.NewRand(1)
	inputs := []*dl.Tensor{dl.Of([]int32{1, 2, 3, 4, 5, 8, 7, 6, 5, 0}, 2, 5), r.Normals(0, 1, 2, 6, 6, 2), r.Normals(0, 1, 2, 3)}
	want := g.Predict(inputs...)
	dl.Seed(99)
	loaded, err := LoadGraph(path)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(g); err != nil {
		t.Fatal(err)
	}
	var decoded Graph
	if err := gob.NewDecoder(&b).Decode(&decoded); err != nil {
		t.Fatal(err)
	}
	for name, m := range map[string]*Graph{"file": loaded, "gob": &decoded} {
		got := m.Predict(inputs...)
		for i := range want {
			if !slices.Equal(got[i].Float32s(), want[i].Float32s()) {
				t.Errorf("%s: output %d differs", name, i)
			}
		}
		if !slices.Equal(names(m), names(g)) {
			t.Errorf("%s: parameters %q, were %q", name, names(m), names(g))
		}
		if !m.Parameters()[0].Frozen || m.Parameters()[1].Frozen {
			t.Errorf("%s: other parameters are frozen", name)
		}
		// What was one parameter is one: a change of it shows in both places.
		m.Parameters()[len(g.Parameters())-1].Value.Fill(0)
		SetTraining(m, true)
		m.Call(inputs...)[1].Sum().Backward()
		if s, err := m.Structure(); err != nil || s != asText(t, g) {
			t.Errorf("%s: saved again: %v\n%s", name, err, s)
		}
	}
	if _, err := loaded.Build(loaded.outputs...); err != nil {
		t.Errorf("nodes of a loaded graph: %v", err)
	}
	if _, err := decoded.Build(decoded.outputs...); err != nil {
		t.Errorf("nodes of a decoded graph: %v", err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "LoadGraph") {
		t.Errorf("Load of a graph: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 100, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadGraph(path); err == nil {
			t.Errorf("a file cut to %d bytes is loaded", n)
		}
	}
	model := must(Sequential(dl.Shape{2}, Dense{Units: 1}))
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadGraph(path); err == nil || !strings.Contains(err.Error(), "nn.Load reads models") {
		t.Errorf("LoadGraph of a model: %v", err)
	}
}

func asText(t testing.TB, g *Graph) string {
	text, err := g.Structure()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// halver is a layer that nobody has registered.
type halver struct{}

func (h halver) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) { return &h, in, nil }
func (h *halver) Forward(x *dl.Tensor) *dl.Tensor                        { return x.MulScalar(0.5) }
func (h *halver) Parameters() []*Parameter                               { return nil }

func TestGraphsThatNoFileCanHold(t *testing.T) {
	end := func(g *Graph, n *Node) *Graph { return must(g.Build(n)) }
	for says, make := range map[string]func(g *Graph, x *Node) *Graph{
		"node 2 is a function": func(g *Graph, x *Node) *Graph {
			return end(g, g.Func(func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Abs() }, x))
		},
		"call nn.Register": func(g *Graph, x *Node) *Graph { return end(g, g.Add(halver{}, x)) },
		"call Build":       func(g *Graph, x *Node) *Graph { return g },
	} {
		g := NewGraph()
		m := make(g, g.Input("x", 2))
		path := filepath.Join(t.TempDir(), "graph")
		if err := m.Save(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("Save says %v, want %q", err, says)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a file is written nevertheless")
		}
		if _, err := m.MarshalBinary(); err == nil {
			t.Error("it is marshalled nevertheless")
		}
	}
	tensors := map[string]*dl.Tensor{"dense.weight": dl.Zeros(2, 1), "dense.bias": dl.Zeros(1)}
	layers := `"layers":[{"type":"Dense","config":{"Units":1}}]`
	for text, says := range map[string]string{
		`{"nodes":[{"input":"x","shape":[2]},{"layer":0,"from":[0]}],` + layers + `,"outputs":[1]}`:                 "",
		`{"nodes":[{"input":"x","shape":[2]}],"layers":[{"type":"Halver","config":{}}],"outputs":[0]}`:              "nn.Register",
		`{"nodes":[{"input":"x","shape":[3]},{"layer":0,"from":[0]}],` + layers + `,"outputs":[1]}`:                 "the model needs [3 1]",
		`{"nodes":[{"input":"x","shape":[2]},{"layer":0,"from":[1]}],` + layers + `,"outputs":[1]}`:                 "another graph",
		`{"nodes":[{"input":"x","shape":[2]},{"layer":0,"from":[-1]}],` + layers + `,"outputs":[1]}`:                "another graph",
		`{"nodes":[{"input":"x","shape":[2]},{"layer":1,"from":[0]}],` + layers + `,"outputs":[1]}`:                 "node 2",
		`{"nodes":[{"input":"x","shape":[2]},{"layer":0,"from":[0,0]}],` + layers + `,"outputs":[1]}`:               "node 2",
		`{"nodes":[{"input":"x","shape":[2]},{"join":"power","from":[0,0]}],"layers":[],"outputs":[1]}`:             "node 2",
		`{"nodes":[{"input":"x","shape":[2]},{"join":"sum"}],"layers":[],"outputs":[1]}`:                            "there are none",
		`{"nodes":[{"input":"x","shape":[2]},{"input":"y","shape":[3]},{"join":"sum","from":[0,1]}],"outputs":[2]}`: "same shape, these are [2] and [3]",
		`{"nodes":[{"input":"x","shape":[2147483648]},{"join":"concat","from":[0,0]}],"outputs":[1]}`:               "too many values",
		`{"nodes":[{"input":"x","shape":[2]},{"join":"concat","layer":0,"from":[0]}],` + layers + `,"outputs":[1]}`: "node 2",
		`{"nodes":[{"input":"x","shape":[2]}],"outputs":[]}`:                                                        "outputs are needed",
		`{"nodes":[{"input":"x","shape":[2]}],"outputs":[7]}`:                                                       "another graph",
		`{"nodes":[{"input":"x","shape":[0]}],"outputs":[0]}`:                                                       "below 1",
		`{"nodes":[{"input":"x","shape":[2],"code":"1"}],"outputs":[0]}`:                                            "unknown field",
		`{"nodes":[{}],"outputs":[0]}`: "node 1",
	} {
		_, err := GraphFromStructure(text, tensors)
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

func FuzzGraphFromStructure(f *testing.F) {
	f.Add(asText(f, saved(f)))
	f.Add(`{"nodes":[{"input":"x","shape":[2147483648]},{"join":"concat","from":[0,0]}],"outputs":[1]}`)
	f.Add(`{"nodes":[{"input":"x","shape":[4]},{"layer":0,"from":[0]},{"join":"sum","from":[1,1]}],"layers":[{"type":"Activation","config":{"Activation":"relu"}}],"outputs":[2,1]}`)
	f.Fuzz(func(t *testing.T, text string) {
		g, err := GraphFromStructure(text, nil)
		if err != nil {
			return
		}
		again, err := g.Structure()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := GraphFromStructure(again, nil); err != nil {
			t.Fatalf("%s is built, its own structure %s is not: %v", text, again, err)
		}
	})
}

func ExampleGraph_Save() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	g := NewGraph()
	a, b := g.Input("left", 4), g.Input("right", 4)
	side := g.Layer(Dense{Units: 3, Activation: ReLU}) // one layer, used twice
	model, err := g.Build(g.Add(Dense{Units: 1}, g.Concat(side(a), side(b))))
	if err != nil {
		panic(err)
	}
	if err := model.Save(filepath.Join(dir, "twins.safetensors")); err != nil {
		panic(err)
	}
	again, err := LoadGraph(filepath.Join(dir, "twins.safetensors"))
	if err != nil {
		panic(err)
	}
	x, y := dl.Ones(1, 4), dl.Zeros(1, 4)
	fmt.Println(again.Predict(x, y)[0].Item() == model.Predict(x, y)[0].Item())
	// Output: true
}
