package onnx

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// write is where the files go that testdata/onnxruntime.py runs.
var write = flag.String("write", "", "folder for the exported files and their inputs, for testdata/onnxruntime.py")

// exported are models whose files onnxruntime has run: its outputs are in testdata/onnxruntime.json.
type exported struct {
	name   string
	module nn.Module
	inputs []*dl.Tensor
	o      Options
}

// numbers fills a tensor with numbers that are the same on every machine: multiples of 1/256 below half of scale.
func numbers(seed int, scale float64, shape ...int) *dl.Tensor {
	t := dl.Zeros(shape...)
	fill(t, seed, scale, 0)
	return t
}

func fill(t *dl.Tensor, seed int, scale, from float64) {
	h := uint32(seed)*2654435761 + 12345
	for i, values := 0, t.Float32s(); i < len(values); i++ {
		h = h*1664525 + 1013904223
		values[i] = float32(from + scale*(float64(h>>24)-128)/256)
	}
}

// known gives the parameters of a module known values; variances are positive.
func known[M nn.Module](m M, err error) M {
	if err != nil {
		panic(err)
	}
	for i, n := range nn.NamedParameters(m) {
		switch {
		case strings.HasSuffix(n.Name, "variance"), strings.HasSuffix(n.Name, "gamma"):
			fill(n.Value, i+1, 0.5, 1)
		default:
			fill(n.Value, i+1, 1, 0)
		}
	}
	return m
}

func sequential(input dl.Shape, layers ...nn.Layer) *nn.Model {
	return known(nn.Sequential(input, layers...))
}

var three = [2]int{3, 3}

func exports() []exported {
	var all []exported
	add := func(name string, m nn.Module, o Options, inputs ...*dl.Tensor) {
		all = append(all, exported{name, m, inputs, o})
	}
	add("mlp", sequential(dl.Shape{5}, nn.Dense{Units: 7, Activation: nn.ReLU}, nn.Dropout{Rate: 0.5}, nn.BatchNorm{},
		nn.Dense{Units: 4, Activation: nn.Tanh, NoBias: true}, nn.Dense{Units: 3, Activation: nn.Softmax}), Options{}, numbers(1, 2, 3, 5))
	cnn := sequential(dl.Shape{9, 8, 2}, nn.Conv2D{Filters: 4, Kernel: three, Padding: nn.Same, Stride: [2]int{2, 1}, Activation: nn.ReLU},
		nn.BatchNorm{}, nn.MaxPool2D{Padding: nn.Same}, nn.Conv2D{Filters: 3, Kernel: [2]int{2, 3}, Padding: nn.Pad2D(1, 0), Activation: nn.LeakyReLU},
		nn.AvgPool2D{Size: three, Stride: [2]int{1, 1}, Padding: nn.Pad2D(1, 1), CountIncludePad: true}, nn.Sigmoid,
		nn.AvgPool2D{Padding: nn.Same}, nn.Flatten{}, nn.Dense{Units: 3})
	add("cnn", cnn, Options{}, numbers(2, 2, 2, 9, 8, 2))
	add("cnn, channels first", cnn, Options{ChannelsFirst: true}, numbers(2, 2, 2, 9, 8, 2))
	add("images to images", sequential(dl.Shape{4, 4, 2}, nn.Conv2D{Filters: 3, Kernel: three, Padding: nn.Same}, nn.Softmax), Options{ChannelsFirst: true}, numbers(3, 2, 1, 4, 4, 2))
	add("gpt", sequential(dl.Shape{6}, nn.Embedding{Vocabulary: 11, Units: 8}, nn.PositionalEmbedding{}, nn.TransformerBlock{Heads: 2, Causal: true, Hidden: 12},
		nn.LayerNorm{Epsilon: 1e-5}, nn.Dense{Units: 11, NoBias: true}), Options{}, dl.Of([]int64{1, 2, 3, 10, 0, 5, 7, 7, 7, 8, 9, 4}, 2, 6))
	add("attention", sequential(dl.Shape{5, 6}, nn.MultiHeadAttention{Heads: 3, NoBias: true}, nn.BatchNorm{}, nn.GELU), Options{}, numbers(4, 2, 2, 5, 6))
	g := nn.NewGraph()
	image, word, other := g.Input("image", 4, 4, 3), g.Input("word", 2), g.Input("other", 4)
	x := g.Add(nn.Conv2D{Filters: 3, Kernel: three, Padding: nn.Same}, image)
	x = g.Add(nn.ReLU, g.Sum(g.Add(nn.BatchNorm{}, x), image))
	x = g.Concat(x, image)
	side := g.Layer(nn.Dense{Units: 4})
	y := g.Add(nn.Dense{Units: 2}, g.Concat(g.Add(nn.Flatten{}, x), g.Add(nn.Flatten{}, g.Add(nn.Embedding{Vocabulary: 5, Units: 2}, word)), side(side(other))))
	add("graph", known(g.Build(y, x)), Options{}, numbers(5, 2, 2, 4, 4, 3), dl.Of([]int64{0, 1, 4, 3}, 2, 2), numbers(6, 2, 2, 4))
	inner := nn.NewGraph()
	z := inner.Input("z", 4)
	block, err := inner.Build(inner.Sum(inner.Add(nn.Dense{Units: 4}, z), z))
	if err != nil {
		panic(err)
	}
	add("nested", sequential(dl.Shape{4}, block.AsLayer(), nn.Residual{Layers: []nn.Layer{nn.Dense{Units: 4, Activation: nn.ReLU}}}, nn.Dense{Units: 1}), Options{}, numbers(7, 2, 2, 4))
	return slices.Concat(all, moreExports(), spatialExports(), sequenceExports(), joinExports())
}

// recorded is what onnxruntime makes of a file.
type recorded struct {
	SHA256  string
	Outputs []struct {
		Shape  []int
		Values []float64
	}
}

func records(t *testing.T) map[string]recorded {
	b, err := os.ReadFile("testdata/onnxruntime.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]recorded{}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// predict is what a module makes of inputs in use.
func predict(m nn.Module, inputs ...*dl.Tensor) (outputs []*dl.Tensor) {
	use, done := nn.InUse(m)
	defer done()
	dl.NoGrad(func() {
		if g, ok := use.(*nn.Graph); ok {
			outputs = g.Call(inputs...)
		} else {
			outputs = []*dl.Tensor{use.(nn.Forwarder).Forward(inputs[0])}
		}
	})
	return outputs
}

// firstAxes is a batch with its channels first, as Options.ChannelsFirst has it.
func firstAxes(x *dl.Tensor, o Options) *dl.Tensor {
	if o.ChannelsFirst && x.Rank() > 3 {
		return x.MoveAxis(-1, 1)
	}
	return x
}

// onnxruntime computes from our files what we compute: within 1e-5 of the size of the outputs.
func TestExportsRunInOnnxruntime(t *testing.T) {
	all := records(t)
	if *write != "" {
		writeExports(t)
		return
	}
	for _, e := range exports() {
		var b bytes.Buffer
		if err := Export(&b, e.module, e.o); err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		want, ok := all[e.name]
		if sum := sha256.Sum256(b.Bytes()); !ok || hex.EncodeToString(sum[:]) != want.SHA256 {
			t.Errorf("%s: the file is another one than onnxruntime has run: see testdata/onnxruntime.py", e.name)
			continue
		}
		outputs := predict(e.module, e.inputs...)
		if len(outputs) != len(want.Outputs) {
			t.Fatalf("%s: %d outputs, onnxruntime has %d", e.name, len(outputs), len(want.Outputs))
		}
		for i, y := range outputs {
			near(t, fmt.Sprintf("%s, output %d", e.name, i), firstAxes(y, e.o), want.Outputs[i].Shape, want.Outputs[i].Values)
		}
	}
}

func near(t *testing.T, name string, y *dl.Tensor, shape []int, want []float64) {
	t.Helper()
	if !y.Shape().Equal(shape) {
		t.Errorf("%s: %v, want %v", name, y.Shape(), shape)
		return
	}
	scale := 1.0
	for _, v := range want {
		scale = max(scale, math.Abs(v))
	}
	for i, v := range dl.Values[float64](y.To(dl.Float64)) {
		if !(math.Abs(v-want[i]) <= 1e-5*scale) {
			t.Errorf("%s: element %d is %v, want %v", name, i, v, want[i])
			return
		}
	}
}

// writeExports writes the files and their inputs for onnxruntime.py.
func writeExports(t *testing.T) {
	type input struct {
		DType  string    `json:"dtype"`
		Shape  []int     `json:"shape"`
		Values []float64 `json:"values"`
	}
	type entry struct {
		Name   string  `json:"name"`
		File   string  `json:"file"`
		Inputs []input `json:"inputs"`
	}
	var list []entry
	for i, e := range exports() {
		file := fmt.Sprintf("%d.onnx", i)
		if err := Save(filepath.Join(*write, file), e.module, e.o); err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		entry := entry{Name: e.name, File: file}
		for _, x := range e.inputs {
			x = firstAxes(x, e.o)
			entry.Inputs = append(entry.Inputs, input{x.DType().String(), x.Shape(), dl.Values[float64](x.To(dl.Float64))})
		}
		list = append(list, entry)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*write, "inputs.json"), b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// Where a model stays with channels first, it is not turned back and forth.
func TestTranspositionsAreFew(t *testing.T) {
	for name, want := range map[string]int{"cnn": 2, "cnn, channels first": 1, "images to images": 2, "mlp": 0, "graph": 2} {
		i := slices.IndexFunc(exports(), func(e exported) bool { return e.name == name })
		e := exports()[i]
		b, err := encode(e.module, e.o)
		if err != nil {
			t.Fatal(err)
		}
		var p modelProto
		if err := p.decode(b); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, node := range p.graph.nodes {
			if node.op == "Transpose" {
				n++
			}
		}
		if n != want {
			t.Errorf("%s: %d transpositions, want %d", name, n, want)
		}
	}
}

// strange is a layer that ONNX knows nothing of.
type strange struct{}

func (s strange) Build(in dl.Shape, _ *nn.Builder) (nn.Module, dl.Shape, error) { return &s, in, nil }
func (s *strange) Forward(x *dl.Tensor) *dl.Tensor                              { return x }
func (s *strange) Parameters() []*nn.Parameter                                  { return nil }

func TestWhatCannotBeExported(t *testing.T) {
	g := nn.NewGraph()
	x := g.Input("x", 2)
	function := known(g.Build(g.Func(func(xs ...*dl.Tensor) *dl.Tensor { return xs[0].Abs() }, x)))
	padded := nn.NewGraph()
	tokens := padded.Add(nn.Named("tokens", nn.Embedding{Vocabulary: 5, Units: 2, MaskZero: true}), padded.Input("x", 4))
	double := sequential(dl.Shape{2}, nn.Dense{Units: 3})
	double.Parameters()[1].Value = double.Parameters()[1].Value.Detach().To(dl.Float64)
	for want, m := range map[string]nn.Module{
		"layer 2 (strange): a *onnx.strange has no form in ONNX": sequential(dl.Shape{2}, nn.ReLU, strange{}),
		"node 2 is a function": function,
		"Options.Input":        nn.Build(nn.Dense{Units: 2}, 3),
		"call its Build":       nn.NewGraph(),
		"layer 2 (lstm): it leaves out steps that embedding marks": sequential(dl.Shape{4}, nn.Embedding{Vocabulary: 5, Units: 2, MaskZero: true}, nn.LSTM{Units: 3}),
		"lstm: it leaves out steps that tokens marks":              known(padded.Build(padded.Add(nn.LSTM{Units: 3}, tokens))),
		"dense.bias is float64, and files have float32":            double,
		"a Masking of another value than 0":                        sequential(dl.Shape{4, 2}, nn.Masking{Value: 1}),
		"a Stateful layer":                                         sequential(dl.Shape{4, 2}, nn.GRU{Units: 2, Stateful: true}),
		"an LSTM with ProjectionSize":                              sequential(dl.Shape{4, 2}, nn.LSTM{Units: 3, ProjectionSize: 2}),
		"attends to sequences of 3 channels":                       sequential(dl.Shape{4, 2}, nn.MultiHeadAttention{Heads: 1, Context: 3}),
	} {
		path := filepath.Join(t.TempDir(), "x.onnx")
		if err := Save(path, m, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("a file is written nevertheless")
		}
	}
}

// moreExports are of layers with more than one operator, and of all activations.
func moreExports() []exported {
	var all []exported
	add := func(name string, m nn.Module, inputs ...*dl.Tensor) {
		all = append(all, exported{name: name, module: m, inputs: inputs})
	}
	var each [][]nn.Layer
	for a := nn.Identity; a <= nn.Exponential; a++ {
		each = append(each, []nn.Layer{a})
	}
	for _, a := range []nn.Activation{nn.LeakyReLU, nn.ELU, nn.CELU, nn.HardTanh, nn.SoftShrink, nn.HardShrink} {
		each = append(each, []nn.Layer{nn.ActivationLayer{Activation: a, Alpha: 0.3}})
	}
	add("activations", sequential(dl.Shape{7}, nn.Parallel{Branches: each}), numbers(8, 8, 2, 7))
	add("lstm", sequential(dl.Shape{5, 3}, nn.LSTM{Units: 4, Layers: 2, Bidirectional: true, ReturnSequences: true}, nn.LSTM{Units: 3}, nn.Dense{Units: 2}), numbers(9, 2, 2, 5, 3))
	add("gru", sequential(dl.Shape{5, 3}, nn.GRU{Units: 4, Layers: 2, ReturnSequences: true}, nn.GRU{Units: 3, GoBackwards: true, NoBias: true}), numbers(10, 2, 2, 5, 3))
	add("transposed", sequential(dl.Shape{3, 4, 4}, nn.ConvTranspose2D{Filters: 3, Kernel: three, Stride: [2]int{2, 2}, Padding: nn.Same, Activation: nn.SiLU},
		nn.ConvTranspose2D{Filters: 4, Kernel: [2]int{3, 2}, Stride: [2]int{2, 1}, Padding: nn.Pad2D(1, 0), OutputPadding: [2]int{1, 0}, NoBias: true},
		nn.Conv2D{Filters: 4, Kernel: three, Groups: 4, Dilation: [2]int{2, 1}, Padding: nn.Same}, nn.ReLU6), numbers(11, 2, 1, 3, 4, 4))
	add("ceil", sequential(dl.Shape{6, 7, 2}, nn.MaxPool2D{Size: three, Stride: [2]int{2, 2}, Ceil: true}, nn.AvgPool2D{Padding: nn.Pad2D(1, 0), Ceil: true}, nn.GlobalMaxPool2D{KeepDims: true},
		nn.GlobalAvgPool2D{}), numbers(13, 2, 2, 6, 7, 2))
	add("vision transformer", sequential(dl.Shape{4, 4, 1}, nn.Conv2D{Filters: 6, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}, nn.Reshape{Shape: []int{-1, 6}},
		nn.ClassToken{}, nn.PositionalEmbedding{}, nn.TransformerEncoderLayer{Heads: 2, Hidden: 8}, nn.TransformerEncoderLayer{Heads: 3, Hidden: 8, NormFirst: true, NoBias: true},
		nn.Step{At: 0}, nn.Dense{Units: 2}), numbers(12, 2, 2, 4, 4, 1))
	return all
}

// Tokens are tokens inside of other layers, too.
func TestTokensWithinLayers(t *testing.T) {
	e := nn.Embedding{Vocabulary: 5, Units: 2}
	g := nn.NewGraph()
	inner := known(g.Build(g.Add(e, g.Input("x", 3))))
	for name, first := range map[string]nn.Layer{
		"parallel": nn.Parallel{Branches: [][]nn.Layer{{e}, {e, nn.Dense{Units: 2}}}, Merge: nn.MergeSum}, "model": sequential(dl.Shape{3}, e), "graph": inner.AsLayer(),
		"constrained": nn.Constrained{Layer: e, Weight: nn.UnitNorm{}},
	} {
		m := sequential(dl.Shape{3}, first, nn.Flatten{})
		tokens := dl.Of([]int32{1, 0, 4, 3, 2, 2}, 2, 3)
		var b bytes.Buffer
		if err := Export(&b, m, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read, err := Parse(b.Bytes())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if d := read.Inputs[0].DType; d != dl.Int64 {
			t.Errorf("%s: the input is %v", name, d)
		}
		if y := read.Forward(tokens.To(dl.Int64)); !y.AllClose(m.Predict(tokens), 1e-6, 1e-7) {
			t.Errorf("%s: %v", name, y)
		}
	}
}
