package onnx

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"modelbook/dl"
)

// operatorRecord is a model of one operator that testdata/operators.py made, and what onnxruntime computes by it.
type operatorRecord struct {
	Model string
	X, Y  struct {
		Shape  []int
		Values []float64
	}
}

func operatorRecords(t testing.TB) map[string]operatorRecord {
	b, err := os.ReadFile("testdata/operators.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]operatorRecord{}
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (r *operatorRecord) model(t testing.TB) []byte {
	b, err := base64.StdEncoding.DecodeString(r.Model)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Operators compute what onnxruntime computes by them.
func TestOperatorsOfOnnxruntime(t *testing.T) {
	for name, r := range operatorRecords(t) {
		m, err := Parse(r.model(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x := dl.Of(r.X.Values, r.X.Shape...).To(dl.Float32)
		y, err := m.Run(x)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		near(t, name, y[0], r.Y.Shape, r.Y.Values)
	}
}

// What Resize and pools cannot do is an error that says so.
func TestOperatorsThatCannotRun(t *testing.T) {
	four := valueInfo{name: "x", dtype: typeFloat, known: true, shape: []dimension{{value: 1}, {value: 2}, {value: 4}, {value: 4}}}
	run := func(inputs []*dl.Tensor, op string, attrs ...attribute) error {
		p := modelProto{irVersion: ir, opsets: []opset{{"", Opset}}}
		n := nodeProto{op: op, in: []string{"x"}, out: []string{"y"}, attrs: attrs}
		for i, c := range inputs {
			name := string(rune('a' + i))
			if c == nil {
				name = ""
			} else {
				p.graph.initializers = append(p.graph.initializers, tensorOf(name, c))
			}
			n.in = append(n.in, name)
		}
		p.graph.inputs, p.graph.outputs, p.graph.nodes = []valueInfo{four}, []valueInfo{{name: "y", dtype: typeFloat}}, []nodeProto{n}
		m, err := Parse(p.encode())
		if err == nil {
			_, err = m.Run(dl.Ones(1, 2, 4, 4))
		}
		return err
	}
	sizes := []*dl.Tensor{nil, nil, dl.Of([]int64{1, 2, 7, 5})}
	for want, err := range map[string]error{
		`the mode "spline"`:                                      run(sizes, "Resize", textAttr("mode", "spline")),
		`the nearest_mode "up"`:                                  run(sizes, "Resize", textAttr("nearest_mode", "up")),
		`"tf_crop_and_resize" is not supported`:                  run(sizes, "Resize", textAttr("coordinate_transformation_mode", "tf_crop_and_resize")),
		`"asymmetric" is not supported with`:                     run(sizes, "Resize", textAttr("coordinate_transformation_mode", "asymmetric"), textAttr("mode", "linear")),
		"cubic_coeff_a of -0.5":                                  run(sizes, "Resize", floatAttr("cubic_coeff_a", -0.5), textAttr("mode", "cubic")),
		"antialias and exclude_outside":                          run(sizes, "Resize", intAttr("antialias", 1)),
		"axes and keep_aspect_ratio_policy":                      run(sizes, "Resize", intsAttr("axes", 2, 3)),
		"a scale for each axis":                                  run([]*dl.Tensor{nil, dl.Of([]float32{1, 2})}, "Resize"),
		"a scale of -1 is impossible":                            run([]*dl.Tensor{nil, dl.Of([]float32{1, 1, -1, 1})}, "Resize"),
		"a size for each axis":                                   run([]*dl.Tensor{nil, nil, dl.Of([]int64{1, 2})}, "Resize"),
		"[1 2 4 4] does not become [1 2 0 4]":                    run([]*dl.Tensor{nil, nil, dl.Of([]int64{1, 2, 0, 4})}, "Resize"),
		"larger than 268435456 elements":                         run([]*dl.Tensor{nil, nil, dl.Of([]int64{1, 2, 1 << 20, 1 << 20})}, "Resize"),
		"a scale of 1.29":                                        run([]*dl.Tensor{nil, dl.Of([]float32{1, 1, 1.3, 1})}, "Resize", textAttr("mode", "linear")),
		"[1 2 4 4] in 3 groups":                                  run([]*dl.Tensor{dl.Ones(2), dl.Ones(2)}, "GroupNormalization", intAttr("num_groups", 3)),
		"[1 2 4 4] has no neighbourhoods of 0 channels":          run(nil, "LRN", intAttr("size", 0)),
		`"abcd,de->ae" is not one of 1 inputs`:                   run(nil, "Einsum", textAttr("equation", "abcd,de->ae")),
		`"ab->a" is not one of an input [1 2 4 4]`:               run(nil, "Einsum", textAttr("equation", "ab->a")),
		"the result [1 2 4 4 16777216] is impossible, or larger": run([]*dl.Tensor{dl.New(dl.Uint8, 1<<24)}, "Einsum", textAttr("equation", "abcd,e")),
		`the reduction "mean" is not supported`:                  run([]*dl.Tensor{dl.New(dl.Int64, 1, 1, 1, 1), dl.Ones(1, 1, 1, 1)}, "ScatterElements", textAttr("reduction", "mean")),
		"the index 4 is not one of 4":                            run([]*dl.Tensor{dl.Full(4, 1, 1, 1, 1).To(dl.Int64), dl.Ones(1, 1, 1, 1)}, "ScatterElements", intAttr("axis", 3)),
		"[1 2 4 4] has no blocks of 3":                           run(nil, "SpaceToDepth", intAttr("blocksize", 3)),
		"ceil_mode is not supported":                             run(nil, "LpPool", intAttr("ceil_mode", 1), intsAttr("kernel_shape", 2, 2)),
		"a p of -1":                                              run(nil, "LpPool", intAttr("p", -1), intsAttr("kernel_shape", 2, 2)),
		"the result [1 2 32770 16388] is impossible, or larger":  run(nil, "AveragePool", intsAttr("kernel_shape", 3, 3), intsAttr("pads", 16383, 8192, 16383, 8192)),
		"[1 2 4 4] by [3 2 2] is not supported":                  run([]*dl.Tensor{dl.Ones(2, 2, 3)}, "Conv"),
		"[1 2 4 4] by [2 3] is not supported":                    run([]*dl.Tensor{dl.Ones(2, 3)}, "ConvTranspose"),
		"an output_padding of [1] is not supported":              run([]*dl.Tensor{dl.Ones(2, 2, 3, 3)}, "ConvTranspose", intsAttr("output_padding", 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "runtime error") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
