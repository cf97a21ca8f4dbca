package nn

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

// A model that is described and built again has the same description, names and shapes, and takes the weights.
func TestStructureAsJSON(t *testing.T) {
	chain := must(Sequential(dl.Shape{8, 8, 1}, Named("first", Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Padding: Same}), BatchNorm{Momentum: 0.9}, ReLU, Flatten{}, Dense{Units: 2}))
	g := NewGraph()
	x := g.Input("x", 4)
	side := g.Layer(Named("side", Dense{Units: 4, Activation: ReLU}))
	graph := must(g.Build(g.Add(Dense{Units: 2}, g.Concat(side(x), side(side(x)))), g.Sum(x, side(x))))
	for name, m := range map[string]Module{"chain": chain, "graph": graph} {
		text, err := ToJSON(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := FromJSON(text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		if second := must(ToJSON(again)); !bytes.Equal(text, second) {
			t.Errorf("%s: described again it is %s, was %s", name, second, text)
		}
		if !slices.Equal(names(again), names(m)) {
			t.Errorf("%s: parameters %q, were %q", name, names(again), names(m))
		}
		if mismatch, err := SetWeights(again, must(Weights(m, WeightOptions{})), WeightOptions{}); err != nil {
			t.Errorf("%s: %v, %v", name, mismatch, err)
		}
	}
	for text, want := range map[string]string{
		`{`:                     "nn.FromJSON",
		`{"class_name":"Tree"}`: `class_name is "Tree"`,
		`{"class_name":"Sequential","input_shape":[2],"layers":[{"class_name":"Halver","name":"a","config":{}}]}`:        "nn.Register",
		`{"class_name":"Sequential","input_shape":[2],"layers":[{"class_name":"Dense","name":"a","config":{"Unit":3}}]}`: "unknown field",
		`{"class_name":"Sequential","input_shape":[2],"layers":[{"class_name":"Dense","name":"a","config":{}}]}`:         "Units is 0",
		`{"class_name":"Sequential","input_shape":[2],"layers":[]}`:                                                      "no layers",
		`{"class_name":"Functional","graph":{"nodes":[{}]}}`:                                                             "node 1",
		`{"class_name":"Sequential","layers":` + strings.Repeat("[", 100):                                                "nested too deeply",
	} {
		if _, err := FromJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := ToJSON(chain.Layers[0]); err == nil || !strings.Contains(err.Error(), "neither") {
		t.Error(err)
	}
}

func ExampleToJSON() {
	m, err := Sequential(dl.Shape{3}, Named("out", Dense{Units: 2, Activation: Tanh}))
	if err != nil {
		panic(err)
	}
	text, err := ToJSON(m)
	fmt.Println(string(text), err)
	again, err := FromJSON(text)
	fmt.Println(again.Forward(dl.Ones(1, 3)).Shape(), err)
	// Output:
	// {
	//   "class_name": "Sequential",
	//   "input_shape": [
	//     3
	//   ],
	//   "layers": [
	//     {
	//       "class_name": "Dense",
	//       "name": "out",
	//       "config": {
	//         "Units": 2,
	//         "Activation": "tanh",
	//         "NoBias": false
	//       }
	//     }
	//   ]
	// } <nil>
	// [1 2] <nil>
}
