package onnx

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/nn"
)

type torchRecord struct {
	DType string
	X, Y  struct {
		Shape  []int
		Values []float64
	}
}

func (r *torchRecord) input() *dl.Tensor {
	x := dl.Of(r.X.Values, r.X.Shape...)
	if r.DType == "int64" {
		return x.To(dl.Int64)
	}
	return x.To(dl.Float32)
}

func torchRecords(t testing.TB) map[string]*torchRecord {
	b, err := os.ReadFile("testdata/torch_models.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]*torchRecord
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// What torch.onnx.export writes computes here what PyTorch computes.
func TestModelsOfPyTorch(t *testing.T) {
	for name, r := range torchRecords(t) {
		m, err := Load("testdata/" + name + ".onnx")
		if err != nil {
			t.Error(err)
			continue
		}
		y, err := m.Run(r.input())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name, y[0], r.Y.Shape, r.Y.Values)
	}
}

// What Export writes, Load reads, and it computes the same.
func TestExportsAreRead(t *testing.T) {
	for _, e := range exports() {
		path := filepath.Join(t.TempDir(), "m.onnx")
		if err := Save(path, e.module, e.o); err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		m, err := Load(path)
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		var inputs []*dl.Tensor
		for _, x := range e.inputs {
			inputs = append(inputs, firstAxes(x, e.o))
		}
		outputs, err := m.Run(inputs...)
		if err != nil {
			t.Errorf("%s: %v", e.name, err)
			continue
		}
		for i, want := range predict(e.module, e.inputs...) {
			want = firstAxes(want, e.o)
			near(t, fmt.Sprintf("%s, output %d", e.name, i), outputs[i], want.Shape(), dl.Values[float64](want.To(dl.Float64)))
		}
	}
}

// A model that was read learns: all its weights have gradients, and the loss falls.
func TestImportedModelsLearn(t *testing.T) {
	r := torchRecords(t)["cnn"]
	m, err := Load("testdata/cnn.onnx")
	if err != nil {
		t.Fatal(err)
	}
	labels := dl.Of([]int32{1, 3})
	parameters := nn.Trainable(m)
	first, last := 0.0, 0.0
	for step := range 40 {
		loss := dl.SparseCrossEntropy(m.Forward(r.input()), labels)
		loss.Backward()
		for _, p := range parameters {
			if p.Grad() == nil {
				t.Fatalf("%s has no gradient", p.Name())
			}
			g := p.Grad()
			dl.NoGrad(func() { p.CopyFrom(p.Sub(g.MulScalar(0.2))) })
			p.ZeroGrad()
		}
		if last = loss.Item(); step == 0 {
			first = last
		}
	}
	if !(last < first/2) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	if n := len(parameters); n != 20 {
		t.Errorf("%d trainable parameters", n)
	}
	var b bytes.Buffer
	if err := dl.WriteSafetensors(&b, first2(nn.Tensors(m)), nil); err != nil {
		t.Error(err)
	}
}

func first2[T, U any](v T, _ U) T { return v }

// wrong are files that must be errors.
func wrong(t testing.TB) map[string][]byte {
	model := func(change func(p *modelProto)) []byte {
		p := modelProto{irVersion: ir, opsets: []opset{{"", Opset}}}
		p.graph = graphProto{name: "g", inputs: []valueInfo{{name: "x", dtype: typeFloat, known: true, shape: []dimension{{param: "N"}, {value: 2}}}},
			nodes:        []nodeProto{{op: "MatMul", in: []string{"x", "w"}, out: []string{"y"}}},
			initializers: []tensorProto{tensorOf("w", dl.Ones(2, 3))},
			outputs:      []valueInfo{{name: "y", dtype: typeFloat}}}
		change(&p)
		return p.encode()
	}
	whole := model(func(*modelProto) {})
	if _, err := Parse(whole); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"no graph":                       {},
		"no ONNX file":                   []byte("hello, this is text"),
		"cut, no ONNX file":              whole[:len(whole)-3],
		"operators are of version 12":    model(func(p *modelProto) { p.opsets[0].version = 12 }),
		"operators are of version 0":     model(func(p *modelProto) { p.opsets[0].domain = "com.microsoft" }),
		"operators Strange are not":      model(func(p *modelProto) { p.graph.nodes[0].op = "Strange" }),
		"has 1 inputs":                   model(func(p *modelProto) { p.graph.nodes[0].in = []string{"x"} }),
		"lacks an input":                 model(func(p *modelProto) { p.graph.nodes[0].in[1] = "" }),
		`takes "v", which nothing`:       model(func(p *modelProto) { p.graph.nodes[0].in[1] = "v" }),
		`two values are called "x"`:      model(func(p *modelProto) { p.graph.nodes[0].out[0] = "x" }),
		`nothing makes the output "z"`:   model(func(p *modelProto) { p.graph.outputs[0].name = "z" }),
		"the type 8, which":              model(func(p *modelProto) { p.graph.inputs[0].dtype = 8 }),
		"has 6 elements, the file other": model(func(p *modelProto) { p.graph.initializers[0].raw = make([]byte, 4) }),
		"the shape [9223372036854775807 9223372036854775807] is impossible": model(func(p *modelProto) {
			p.graph.initializers[0].dims = []int64{1<<63 - 1, 1<<63 - 1}
		}),
		"the shape [-1] is impossible": model(func(p *modelProto) { p.graph.initializers[0].dims = []int64{-1} }),
		"elements 77 is not supported": model(func(p *modelProto) { p.graph.initializers[0].dtype = 77 }),
		"17 axes are too many":         model(func(p *modelProto) { p.graph.initializers[0].dims = make([]int64, 17) }),
		"elements 0 is not supported": model(func(p *modelProto) {
			p.graph.nodes[0] = nodeProto{op: "Cast", in: []string{"x"}, out: []string{"y"}}
		}),
		"a constant of a kind": model(func(p *modelProto) { p.graph.nodes[0] = nodeProto{op: "Constant", out: []string{"y"}} }),
	}
}

func TestHostileFilesAreErrors(t *testing.T) {
	for want, b := range wrong(t) {
		_, want, _ = strings.Cut(", "+want, ", ")
		if m, err := Parse(b); err == nil {
			t.Errorf("%s: read as %v", want, m.Outputs)
		} else if !strings.HasPrefix(err.Error(), "onnx: ") || !strings.Contains(err.Error(), strings.TrimPrefix(want, "cut, ")) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.onnx")); err == nil {
		t.Error("a file that is not there is read")
	}
}

// The wrong inputs are errors that say what the model takes, and a node that cannot compute is named.
func TestRunSaysWhatIsWrong(t *testing.T) {
	m, err := Load("testdata/mlp.onnx")
	if err != nil {
		t.Fatal(err)
	}
	for want, inputs := range map[string][]*dl.Tensor{
		"0 inputs, the model takes 1: [x float32 [-1 5]]": nil,
		"input 1 is [2 4]": {dl.Ones(2, 4)},
		"input 1 is nil":   {nil},
	} {
		if _, err := m.Run(inputs...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if err := dl.Try(func() { m.Forward(dl.Ones(2, 4)) }); err == nil || !strings.Contains(err.Error(), "input 1 is [2 4]") {
		t.Error(err)
	}
	p := modelProto{irVersion: ir, opsets: []opset{{"", Opset}}}
	p.graph = graphProto{inputs: []valueInfo{{name: "x", dtype: typeInt64, shape: []dimension{{param: "K"}}}}, outputs: []valueInfo{{name: "y", dtype: typeFloat}},
		nodes: []nodeProto{{op: "ConstantOfShape", name: "big", in: []string{"x"}, out: []string{"y"}}}}
	big, err := Parse(p.encode())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := big.Run(dl.Of([]int64{1 << 20, 1 << 20})); err == nil || !strings.Contains(err.Error(), "node 1 (ConstantOfShape big)") || !strings.Contains(err.Error(), "larger than") {
		t.Error(err)
	}
}

// No bytes make the reader crash, and what it accepts runs or says why not.
func FuzzParse(f *testing.F) {
	for _, b := range wrong(f) {
		f.Add(b)
	}
	for name := range torchRecords(f) {
		b, err := os.ReadFile("testdata/" + name + ".onnx")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, r := range operatorRecords(f) {
		f.Add(r.model(f))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		var inputs []*dl.Tensor
		for _, v := range m.Inputs {
			shape, n := []int{}, 1
			for _, d := range v.Shape {
				if d < 0 {
					d = 2
				}
				if shape, n = append(shape, d), n*d; n > 1<<12 {
					return
				}
			}
			inputs = append(inputs, dl.New(v.DType, shape...))
		}
		m.Run(inputs...)
	})
}
