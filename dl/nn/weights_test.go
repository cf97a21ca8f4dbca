package nn

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// torchNet is the model of testdata/pytorch_weights.py, its layers named as there.
func torchNet(t testing.TB) (first, second *Model) {
	first = must(Sequential(dl.Shape{4, 6, 3},
		Named("features.0", Conv2D{Filters: 4, Kernel: [2]int{3, 3}, Padding: Same}), Named("features.1", BatchNorm{Epsilon: 1e-5}), ReLU,
		MaxPool2D{}, Flatten{}, Dropout{Rate: 0.5}, Named("features.6", Dense{Units: 8}), Named("norm", LayerNorm{Epsilon: 1e-5})))
	second = must(Sequential(dl.Shape{2, 8}, Named("attention", MultiHeadAttention{Heads: 2}), Named("head", Dense{Units: 5, NoBias: true})))
	return first, second
}

// both are two models as one module.
type both struct{ First, Second *Model }

func (b *both) Parameters() []*Parameter { return ParametersOf(b) }

func bothNet(t testing.TB) *both {
	first, second := torchNet(t)
	return &both{first, second}
}

// toBoth gives the names of the file the names of the fields.
func toBoth(name string) string {
	switch {
	case name == "input" || name == "output":
		return ""
	case strings.HasPrefix(name, "features") || strings.HasPrefix(name, "norm"):
		return "First." + name
	}
	return "Second." + name
}

func differs(t *testing.T, net *both, tensors []dl.Named) float64 {
	t.Helper()
	byName := byName(tensors)
	y := net.First.Predict(byName["input"].Permute(0, 2, 3, 1))
	y = net.Second.Predict(y.Reshape(2, 2, 8))
	worst := 0.0
	for i, v := range y.Float32s() {
		worst = max(worst, math.Abs(float64(v-byName["output"].Float32s()[i])))
	}
	return worst
}

// What PyTorch saves computes here what it computes there: kernels, the order behind Flatten, statistics and all.
func TestWeightsOfPyTorch(t *testing.T) {
	const path = "testdata/pytorch_weights.safetensors"
	tensors, _, err := dl.LoadSafetensors(path)
	if err != nil {
		t.Fatal(err)
	}
	net := bothNet(t)
	mismatch, err := LoadWeights(path, net, WeightOptions{PyTorch: true, Rename: toBoth})
	if err != nil || len(mismatch.Missing)+len(mismatch.Unexpected) > 0 {
		t.Fatalf("%v, %v", mismatch, err)
	}
	if d := differs(t, net, tensors); !(d < 1e-5) {
		t.Errorf("outputs differ by %g", d)
	}
	// And back: the tensors that are written are those that were read, bit for bit.
	saved, err := Weights(net, WeightOptions{PyTorch: true, Rename: strings.NewReplacer("First.", "", "Second.", "").Replace})
	if err != nil {
		t.Fatal(err)
	}
	read := byName(tensors)
	for _, n := range saved {
		want := read[n.Name]
		if want == nil || !want.Shape().Equal(n.Tensor.Shape()) || !slices.Equal(want.To(dl.Float32).Float32s(), n.Tensor.Contiguous().Float32s()) {
			t.Errorf("%s is written as %v, was %v", n.Name, n.Tensor, want)
		}
	}
	if len(saved) != len(tensors)-3 { // input, output, num_batches_tracked
		t.Errorf("%d tensors are written", len(saved))
	}
	out := filepath.Join(t.TempDir(), "net.safetensors")
	if err := SaveWeights(out, net, WeightOptions{}); err != nil {
		t.Fatal(err)
	}
	again := bothNet(t)
	if _, err := LoadWeights(out, again, WeightOptions{}); err != nil {
		t.Fatal(err)
	}
	if d := differs(t, again, tensors); !(d < 1e-5) {
		t.Errorf("saved and loaded again, outputs differ by %g", d)
	}
}

func TestWeightsThatDoNotMatch(t *testing.T) {
	model := must(Sequential(dl.Shape{3}, Dense{Units: 2}, Named("out", Dense{Units: 1})))
	before := slices.Clone(model.Parameters()[0].Value.Float32s())
	full := []dl.Named{{Name: "dense.weight", Tensor: dl.Ones(3, 2)}, {Name: "dense.bias", Tensor: dl.Ones(2)},
		{Name: "out.weight", Tensor: dl.Ones(2, 1)}, {Name: "out.bias", Tensor: dl.Ones(1)}}
	for want, c := range map[string]struct {
		tensors []dl.Named
		o       WeightOptions
	}{
		"1 missing: out.bias": {full[:3], WeightOptions{}},
		"1 unexpected: more":  {append(slices.Clone(full), dl.Named{Name: "more", Tensor: dl.Ones(1)}), WeightOptions{}},
		`"dense.weight" is [2 3] of float32; the model needs [3 2]`:     {append([]dl.Named{{Name: "dense.weight", Tensor: dl.Ones(2, 3)}}, full[1:]...), WeightOptions{Partial: true}},
		`"dense.weight" is [3 2] of int64`:                              {append([]dl.Named{{Name: "dense.weight", Tensor: dl.New(dl.Int64, 3, 2)}}, full[1:]...), WeightOptions{}},
		`"dense.weight" and "dense.bias" are both named "dense.weight"`: {full, WeightOptions{Rename: func(string) string { return "dense.weight" }}},
	} {
		_, err := SetWeights(model, c.tensors, c.o)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if !slices.Equal(before, model.Parameters()[0].Value.Float32s()) {
			t.Fatalf("%s: parameters are changed", want)
		}
	}
	mismatch, err := SetWeights(model, append([]dl.Named{{Name: "x", Tensor: dl.Ones(1)}}, full[1:]...), WeightOptions{Partial: true})
	if err != nil || fmt.Sprint(mismatch) != "1 missing: dense.weight; 1 unexpected: x" {
		t.Errorf("%v, %v", mismatch, err)
	}
	if model.Parameter("dense.bias").Value.At(0) != 1 || !slices.Equal(before, model.Parameters()[0].Value.Float32s()) {
		t.Error("a partial load takes what is there, and nothing else")
	}
	if _, err := Weights(model, WeightOptions{Rename: func(string) string { return "same" }}); err == nil {
		t.Error("two tensors have the same name")
	}
	if _, err := LoadWeights(filepath.Join(t.TempDir(), "none"), model, WeightOptions{}); err == nil {
		t.Error("a file that is not there is read")
	}
}

// A tensor of a type that nobody knows keeps nobody from the others.
func TestModelsBesideUnknownTypes(t *testing.T) {
	model := must(Sequential(dl.Shape{2}, Dense{Units: 1}))
	var b bytes.Buffer
	tensors, meta := Tensors(model)
	if err := dl.WriteSafetensors(&b, append(tensors, dl.Named{Name: "odd", Tensor: dl.New(dl.Uint8, 4)}), meta); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	odd := bytes.Replace(b.Bytes(), []byte(`"U8"`), []byte(`"F4"`), 1)
	if err := os.WriteFile(path, odd, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
	if err := LoadParameters(path, model); err != nil {
		t.Error(err)
	}
	if _, err := LoadWeights(path, model, WeightOptions{Partial: true}); err != nil {
		t.Error(err)
	}
	if _, err := LoadWeights(path, model, WeightOptions{Rename: func(name string) string {
		return map[string]string{"dense.bias": "dense.bias", "odd": "dense.weight"}[name]
	}}); err == nil || !strings.Contains(err.Error(), `dtype "F4" is not known`) {
		t.Errorf("a parameter of that type: %v", err)
	}
	bad := bytes.Replace(b.Bytes(), []byte(`"F32"`), []byte(`"F4_"`), 1)
	if err := os.WriteFile(path, bad, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{second(Load(path)), LoadParameters(path, model)} {
		if err == nil || !strings.Contains(err.Error(), `dtype "F4_" is not known`) {
			t.Errorf("a parameter of that type: %v", err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// Names of layers are kept in files, and no two are the same.
func TestNamedLayers(t *testing.T) {
	m := must(Sequential(dl.Shape{4}, Dense{Units: 3}, Named("dense_1", Dense{Units: 3}), Dense{Units: 3}, Named("out.0", Tanh), ReLU))
	want := []string{"dense", "dense_1", "dense_2", "out.0", "relu"}
	if !slices.Equal(m.Names(), want) {
		t.Errorf("%q", m.Names())
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	if again := must(Load(path)); !slices.Equal(again.Names(), want) {
		t.Errorf("loaded: %q", again.Names())
	}
	g := NewGraph()
	x := g.Input("x", 4)
	end := g.Add(Named("b", Dense{Units: 2}), g.Add(Dense{Units: 4}, g.Add(Named("dense", ReLU), x)))
	graph := must(g.Build(end))
	text := must(graph.Structure())
	tensors, _ := Tensors(graph)
	again := must(GraphFromStructure(text, byName(tensors)))
	if !slices.Equal(names(again), []string{"dense_1.weight", "dense_1.bias", "b.weight", "b.bias"}) || asText(t, again) != text {
		t.Errorf("%q, %s", names(again), text)
	}
	var nodes []string
	for _, n := range again.Nodes() {
		nodes = append(nodes, fmt.Sprintf("%s %T %d", n.Name(), n.Layer(), len(n.From())))
	}
	if got := strings.Join(nodes, ", "); got != "x <nil> 0, dense *nn.ActivationLayer 1, dense_1 *nn.Dense 1, b *nn.Dense 1" {
		t.Error(got)
	}
	for _, wrong := range [][]Layer{
		{Named("a", Tanh), Named("a", Tanh)}, {Named("", Tanh)}, {Named("a.", Tanh)}, {Named("a", Named("b", Tanh))}, {Named("a", nil)}, {Tanh, Named("tanh", Tanh)},
	} {
		if m, err := Sequential(dl.Shape{4}, wrong...); err == nil {
			t.Errorf("%v is built", m.Names())
		}
	}
}
