package nn

import (
	"bytes"
	"encoding/gob"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func flagship(t testing.TB) *Model {
	m, err := Sequential(dl.Shape{28, 28, 1},
		Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: ReLU},
		Flatten{},
		Dense{Units: 128, Activation: ReLU},
		Dense{Units: 10, Activation: Softmax},
	)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSummaryCountsParameters(t *testing.T) {
	s := flagship(t).Summary()
	if s.Total != 2770634 || s.Frozen != 0 {
		t.Errorf("%d parameters, %d frozen", s.Total, s.Frozen)
	}
	for _, want := range []string{"conv2d", "[N, 26, 26, 32]", "[N, 21632]", "2,769,024", "2,770,634 parameters (10.6 MiB)", "Dense, softmax"} {
		if !strings.Contains(s.String(), want) || !strings.Contains(s.HTML(), want) {
			t.Errorf("the summary lacks %q:\n%v", want, s)
		}
	}
	m, err := Sequential(dl.Shape{4}, Dense{Units: 3}, BatchNorm{}, ReLU, Dropout{Rate: 0.5}, Dense{Units: 2, NoBias: true})
	if err != nil {
		t.Fatal(err)
	}
	if s := m.Summary(); s.Total != 15+12+6 || s.Frozen != 6 || !strings.Contains(s.String(), "27 of them trainable") {
		t.Errorf("%v", s)
	}
	if m.Parameter("dense_1.weight") == nil || m.Parameter("dense_1.bias") != nil {
		t.Error("names of the second Dense")
	}
}

func TestBuildErrorsNameTheLayer(t *testing.T) {
	picture, row := dl.Shape{28, 28, 1}, dl.Shape{10}
	kernel := [2]int{3, 3}
	for _, c := range []struct {
		input  dl.Shape
		layers []Layer
		says   string
	}{
		{picture, nil, "no layers"},
		{dl.Shape{28, 0}, []Layer{Flatten{}}, "below 1"},
		{dl.Shape{1 << 20, 1 << 20}, []Layer{Flatten{}}, "too many values"},
		{row, []Layer{Dense{Units: 10}, Conv2D{Filters: 8, Kernel: kernel}}, "layer 2 (Conv2D) on input [10]: the input [10] is not an image"},
		{row, []Layer{Dense{}}, "Units is 0"},
		{row, []Layer{Conv2D{Filters: 8, Kernel: kernel}}, "not an image"},
		{picture, []Layer{Conv2D{Kernel: kernel}}, "Filters is 0"},
		{picture, []Layer{Conv2D{Filters: 8}}, "Kernel [0 0]"},
		{picture, []Layer{Conv2D{Filters: 8, Kernel: [2]int{29, 3}}}, "larger than the input"},
		{picture, []Layer{Conv2D{Filters: 8, Kernel: kernel, Stride: [2]int{1, -1}}}, "must be positive"},
		{picture, []Layer{MaxPool2D{}, MaxPool2D{}, MaxPool2D{}, MaxPool2D{}, MaxPool2D{}}, "layer 5 (MaxPool2D) on input [1 1 1]"},
		{row, []Layer{AvgPool2D{}}, "not an image"},
		{row, []Layer{Dropout{Rate: 1}}, "Rate is 1"},
		{row, []Layer{BatchNorm{Momentum: 2}}, "Momentum 2"},
		{row, []Layer{Activation(99)}, "no activation 99"},
	} {
		m, err := Sequential(c.input, c.layers...)
		if err == nil || !strings.Contains(err.Error(), c.says) || m != nil {
			t.Errorf("%v on %v: %v, want it to say %q", c.layers, c.input, err, c.says)
		}
	}
}

func TestAWrongInputNamesBothShapes(t *testing.T) {
	m := flagship(t)
	err := dl.Try(func() { m.Forward(dl.Zeros(2, 28, 28)) })
	if err == nil || !strings.Contains(err.Error(), "28") || !strings.Contains(err.Error(), "batch of samples of shape") {
		t.Errorf("got %v", err)
	}
}

func TestInitialisersHaveTheirMoments(t *testing.T) {
	values := make([]float32, 100000)
	for _, c := range []struct {
		name            string
		init            Initializer
		mean, deviation float64
		limit           float64 // 0: none
	}{
		{"GlorotUniform", GlorotUniform, 0, math.Sqrt(2.0 / 400), math.Sqrt(6.0 / 400)},
		{"GlorotNormal", GlorotNormal, 0, math.Sqrt(2.0 / 400), 0},
		{"HeUniform", HeUniform, 0, math.Sqrt(2.0 / 300), math.Sqrt(6.0 / 300)},
		{"HeNormal", HeNormal, 0, math.Sqrt(2.0 / 300), 0},
		{"LeCunUniform", LeCunUniform, 0, math.Sqrt(1.0 / 300), math.Sqrt(3.0 / 300)},
		{"LeCunNormal", LeCunNormal, 0, math.Sqrt(1.0 / 300), 2 * math.Sqrt(1.0/300) / 0.87962566},
		{"VarianceScaling", VarianceScaling{Scale: 3, Mode: FanOut, Uniform: true}, 0, math.Sqrt(3.0 / 100), 0.3},
		{"TruncatedNormal", TruncatedNormal{}, 0, 0.05 * 0.87962566, 0.1},
		{"Zeros", Zeros, 0, 0, 0},
		{"Ones", Ones, 1, 0, 0},
		{"Normal", Normal{}, 0, 0.05, 0},
		{"Normal 3 2", Normal{3, 2}, 3, 2, 0},
		{"Uniform", Uniform{}, 0, 0.05 / math.Sqrt(3), 0.05},
		{"Uniform 1 3", Uniform{1, 3}, 2, 1 / math.Sqrt(3), 3},
	} {
		c.init.Fill(values, 300, 100, dl.NewRand(5))
		sum, squares, largest := 0.0, 0.0, 0.0
		for _, v := range values {
			sum += float64(v)
			largest = max(largest, math.Abs(float64(v)))
		}
		mean := sum / float64(len(values))
		for _, v := range values {
			squares += (float64(v) - mean) * (float64(v) - mean)
		}
		deviation := math.Sqrt(squares / float64(len(values)))
		// The standard error of 100,000 draws is 0.3 % of the deviation.
		if math.Abs(mean-c.mean) > 0.015*c.deviation || math.Abs(deviation-c.deviation) > 0.015*c.deviation {
			t.Errorf("%s: mean %v, deviation %v", c.name, mean, deviation)
		}
		if c.limit > 0 && (largest > c.limit || largest < 0.99*c.limit) {
			t.Errorf("%s: values up to %v, the limit is %v", c.name, largest, c.limit)
		}
	}
}

func TestDropoutDropsOnlyWhileTraining(t *testing.T) {
	m, err := Sequential(dl.Shape{1000}, Dropout{Rate: 0.25})
	if err != nil {
		t.Fatal(err)
	}
	x := dl.Ones(4, 1000)
	if y := m.Forward(x).Float32s(); slices.Min(y) != 1 || slices.Max(y) != 1 {
		t.Error("in use it changes values")
	}
	mask := func(seed uint64) []float32 {
		m.SetRand(dl.NewRand(seed))
		return slices.Clone(m.Forward(x).Float32s())
	}
	m.SetTraining(true)
	a := mask(1)
	zeros := 0
	for _, v := range a {
		if v == 0 {
			zeros++
		} else if math.Abs(float64(v)-4.0/3) > 1e-6 {
			t.Fatalf("a kept 1 became %v", v)
		}
	}
	if zeros < 900 || zeros > 1100 {
		t.Errorf("%d of 4000 dropped", zeros)
	}
	if !slices.Equal(a, mask(1)) || slices.Equal(a, mask(2)) {
		t.Error("the mask is not decided by the seed")
	}
	if y := m.Predict(x).Float32s(); slices.Min(y) != 1 {
		t.Error("Predict drops")
	}
	if slices.Min(m.Forward(x).Float32s()) != 0 {
		t.Error("Predict ended the training")
	}
}

// block is a module of one's own, with modules in fields, in a slice, and a parameter of its own.
type block struct {
	First *Model
	Rest  []*Model
	Scale *Parameter
	Empty *Parameter
	note  string
}

func (b *block) Forward(x *dl.Tensor) *dl.Tensor {
	x = b.First.Forward(x)
	for _, m := range b.Rest {
		x = m.Forward(x)
	}
	return x.Mul(b.Scale.Value)
}

func (b *block) Parameters() []*Parameter { return ParametersOf(b) }

type outer struct{ Body *block }

func (o *outer) Forward(x *dl.Tensor) *dl.Tensor { return o.Body.Forward(x).Add(x) }
func (o *outer) Parameters() []*Parameter        { return ParametersOf(o) }

func newOuter(t *testing.T) *outer {
	dense := func() *Model {
		m, err := Sequential(dl.Shape{3}, Dense{Units: 3}, Dropout{Rate: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	return &outer{&block{First: dense(), Rest: []*Model{dense()}, Scale: NewParameter("scale", dl.Ones(3))}}
}

func TestAModuleOfOnesOwn(t *testing.T) {
	o := newOuter(t)
	want := []string{"Body.First.dense.weight", "Body.First.dense.bias", "Body.Rest.0.dense.weight", "Body.Rest.0.dense.bias", "Body.Scale"}
	for range 2 { // names stay the same however often they are asked for
		var names []string
		for _, p := range NamedParameters(o) {
			names = append(names, p.Name)
		}
		if !slices.Equal(names, want) {
			t.Fatalf("parameters %q", names)
		}
	}
	SetTraining(o, true)
	if !o.Body.First.Layers[1].(*Dropout).training || !o.Body.Rest[0].Layers[1].(*Dropout).training {
		t.Error("training does not reach the modules inside")
	}
	path := filepath.Join(t.TempDir(), "outer.safetensors")
	if err := SaveParameters(path, o); err != nil {
		t.Fatal(err)
	}
	other := newOuter(t)
	if err := LoadParameters(path, other); err != nil {
		t.Fatal(err)
	}
	for i, p := range o.Parameters() {
		if !slices.Equal(p.Value.Float32s(), other.Parameters()[i].Value.Float32s()) {
			t.Errorf("%s is not what was saved", p.Name)
		}
	}
	if err := LoadParameters(path, flagship(t)); err == nil || !strings.Contains(err.Error(), `no tensor "conv2d.weight"`) {
		t.Errorf("another module's parameters: %v", err)
	}
}

func TestSaveAndLoadGiveTheSameModel(t *testing.T) {
	m, err := Sequential(dl.Shape{8, 9, 2},
		Conv2D{Filters: 3, Kernel: [2]int{3, 2}, Stride: [2]int{1, 2}, Padding: Same, NoBias: true},
		BatchNorm{Epsilon: 0.01}, ReLU, MaxPool2D{Padding: Same}, Conv2D{Filters: 4, Kernel: [2]int{2, 2}, Activation: Tanh},
		AvgPool2D{Size: [2]int{2, 1}}, Flatten{}, Dropout{Rate: 0.5}, Dense{Units: 4, Activation: Sigmoid}, Dense{Units: 3}, Softmax)
	if err != nil {
		t.Fatal(err)
	}
	m.Parameter("batchnorm.mean").Value.Set(0.5, 1)
	path := filepath.Join(t.TempDir(), "model.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if loaded.String() != m.String() {
		t.Errorf("saved\n%v\nloaded\n%v", m, loaded)
	}
	x := dl.Ones(2, 8, 9, 2)
	if a, b := m.Predict(x).Float32s(), loaded.Predict(x).Float32s(); !slices.Equal(a, b) {
		t.Errorf("%v and %v", a, b)
	}
	if loaded.Head() != Softmax || !loaded.Parameters()[0].Value.RequiresGrad() {
		t.Error("the loaded model cannot be trained as the saved one")
	}
	whole, _ := os.ReadFile(path)
	for _, n := range []int{0, 7, 100, len(whole) - 1} {
		os.WriteFile(path, whole[:n], 0o644)
		if _, err := Load(path); err == nil {
			t.Errorf("a file cut to %d bytes is loaded", n)
		}
	}
}

func FuzzFromStructure(f *testing.F) {
	text, err := flagship(f).Structure()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(`{"input":[2147483648,2],"layers":[{"type":"Flatten","config":{}}]}`)
	f.Add(`{"input":[9,9,1],"layers":[{"type":"Conv2D","config":{"Filters":1000000000,"Kernel":[9,9],"Stride":[1,1]}}]}`)
	f.Add(`{"input":[4],"layers":[{"type":"Dense","config":{"Units":1000000000}}]}`)
	f.Add(`{"input":[4],"layers":[{"type":"Activation","config":{"Activation":"relu"}},{"type":"Dropout","config":{"Rate":0.1}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		if m, err := FromStructure(text, nil); err == nil {
			m.Summary()
		}
	})
}

func TestAModelGoesThroughGob(t *testing.T) {
	m, err := Sequential(dl.Shape{2}, Dense{Units: 3, Activation: ReLU}, Dense{Units: 1})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(m); err != nil {
		t.Fatal(err)
	}
	var again Model
	if err := gob.NewDecoder(&b).Decode(&again); err != nil {
		t.Fatal(err)
	}
	x := dl.Of([]float32{1, -2, 3, 4}, 2, 2)
	if got, want := again.Predict(x).String(), m.Predict(x).String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A model's table tells what each layer does to a picture: the size of its windows, and steps and padding that are not
// the usual ones.
func TestSummaryTellsWindows(t *testing.T) {
	m := must(Sequential(dl.Shape{28, 28, 3},
		Conv2D{Filters: 4, Kernel: [2]int{3, 5}, Stride: [2]int{2, 1}, Padding: Same, Activation: ReLU}, Conv2D{Filters: 4, Kernel: [2]int{1, 1}},
		Conv2D{Filters: 2, Kernel: [2]int{3, 3}, Padding: Pad2D(1, 0), Activation: Tanh},
		MaxPool2D{}, MaxPool2D{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: Same}, AvgPool2D{Size: [2]int{2, 1}}, Dropout{Rate: 0.25},
		Flatten{}, Dense{Units: 3, Activation: Softmax}))
	want := []string{"Conv2D, 3×5, stride 2×1, padding same, relu", "Conv2D, 1×1", "Conv2D, 3×3, padding 1×0, tanh", "MaxPool2D, 2×2",
		"MaxPool2D, 3×3, stride 2×2, padding same", "AvgPool2D, 2×1", "Dropout, 0.25", "Flatten", "Dense, softmax"}
	var got []string
	for _, l := range m.Summary().Layers {
		got = append(got, l.Type)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	lines := strings.Split(m.String(), "\n")
	column := func(line, word string) int { return len([]rune(line[:strings.Index(line, word)])) }
	for _, line := range lines[2 : len(lines)-2] {
		if got, want := column(line, "[N"), column(lines[0], "output"); got != want {
			t.Errorf("the output stands in column %d, the heading in %d: %q", got, want, line)
		}
	}
}

// A batch of another shape is told how it becomes one, where that can be seen.
func TestBatchesOfOtherShapes(t *testing.T) {
	for _, c := range []struct {
		sample dl.Shape
		x      []int
		says   string
	}{
		{dl.Shape{4}, []int{4}, "Unsqueeze(0) makes a batch of one sample"},
		{dl.Shape{8, 8, 1}, []int{8, 8, 1}, "Unsqueeze(0)"},
		{dl.Shape{32, 4}, []int{32, 4}, "Unsqueeze(0)"},
		{dl.Shape{32, 4}, []int{8, 4}, "is that of one sample, without the batch"},
		{dl.Shape{8, 6, 3}, []int{2, 3, 8, 6}, "MoveAxis(1, -1) puts channels last"},
		{dl.Shape{8, 8, 1}, []int{2, 8, 8}, "Unsqueeze(-1) adds the axis"},
		{dl.Shape{8, 8, 1}, []int{2, 64}, "Reshape(-1, 8, 8, 1) makes them"},
		{dl.Shape{64}, []int{2, 8, 8, 1}, "Reshape(-1, 64) makes them"},
		{dl.Shape{4}, []int{2, 5}, "samples of shape [4] ("},
		{dl.Shape{4}, nil, "samples of shape [4] ("},
	} {
		m, err := Sequential(c.sample, Flatten{}, Dense{Units: 2})
		if err != nil {
			t.Fatal(err)
		}
		if err := dl.Try(func() { m.Forward(dl.Ones(c.x...)) }); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v of %v: %v, want %q", c.x, c.sample, err, c.says)
		}
	}
	for _, c := range []struct {
		sample dl.Shape
		says   string
	}{
		{dl.Shape{3, 16, 16}, "MoveAxis(1, -1)"}, {dl.Shape{16, 16}, "Unsqueeze(-1)"}, {dl.Shape{4, 4, 3}, "fewer reductions before"},
	} {
		if _, err := Sequential(c.sample, Conv2D{Filters: 2, Kernel: [2]int{5, 5}}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, want %q", c.sample, err, c.says)
		}
	}
}
