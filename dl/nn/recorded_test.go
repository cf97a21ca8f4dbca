package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"modelbook/dl"
)

// How to add a layer, activation or loss of an area, such as "recurrent", to the tests:
//
//   - testdata/recurrent.py records cases with PyTorch: see testdata/record.py beside it. It writes recurrent.json.
//   - recurrent_test.go says how the case of each name is computed here, and which names need no case and why:
//
//	func init() {
//		area("recurrent", map[string]any{
//			"GRU":            GRU{Units: 3},
//			"LSTM with state": with(LSTM{Units: 3}, func(l *LSTM, x []*dl.Tensor) []*dl.Tensor { ... }),
//			"Huber":          Huber,
//			"InfoNCE":        InfoNCE{}.Of,
//			"SomeFunction":   func(x []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{SomeFunction(x[0], x[1])} },
//			"PReLU":          kinked{PReLU{}, "differences cannot find the gradient at 0"},
//		})
//		noCase("Dropout", "random: see TestDropoutDropsOnlyWhileTraining")
//	}
//
//   - an Example function uses it as nn.GRU.
//
// A case of a Layer is then checked in float64 and in float32: results and gradients are PyTorch's, also of views and
// inside an arena, the gradients agree with differences, the layer is the same after it was saved and loaded, and wrong
// inputs are errors that are no index out of range.

// A caseOf is what PyTorch computes: see testdata/record.py.
type caseOf struct {
	Name          string
	Training      bool
	In, Out       []recordedArray
	Grad          []*recordedArray
	Params, Grads map[string]recordedArray
	After         map[string]recordedArray
}

type recordedArray struct {
	DType string
	Shape []int
	Data  []json.RawMessage
}

// tensor returns the recorded values: floats as the given type.
func (a *recordedArray) tensor(t testing.TB, float dl.DType) *dl.Tensor {
	values := make([]float64, len(a.Data))
	for i, raw := range a.Data {
		v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
		if err != nil {
			t.Fatal(err)
		}
		values[i] = v
	}
	x := dl.Of(values, a.Shape...)
	if a.DType == "float64" || a.DType == "float32" {
		return x.To(float)
	}
	d, ok := map[string]dl.DType{"int64": dl.Int64, "int32": dl.Int32, "bool": dl.Bool}[a.DType]
	if !ok {
		t.Fatalf("a recorded tensor of %s", a.DType)
	}
	return x.To(d)
}

// areas are the subjects of cases by area and name.
var (
	areas   = map[string]map[string]any{}
	noCases = map[string]string{}
)

// area says how the cases of testdata/AREA.json are computed.
func area(name string, subjects map[string]any) { areas[name] = subjects }

// noCase says why an exported name has no recorded case.
func noCase(name, reason string) { noCases[name] = reason }

// kinked is a subject whose gradients PyTorch defines, but which differences cannot find, or which has none.
type kinked struct {
	subject any
	reason  string
}

// unsaved is a subject that no file can hold.
type unsaved struct {
	subject any
	reason  string
}

// with is a layer, built for the first input, with another Forward.
func with[M Module](layer Layer, forward func(m M, x []*dl.Tensor) []*dl.Tensor) any {
	return called{layer, func(m Module, x []*dl.Tensor) []*dl.Tensor { return forward(m.(M), x) }}
}

type called struct {
	layer   Layer
	forward func(m Module, x []*dl.Tensor) []*dl.Tensor
}

// recordedCases are those of an area.
func recordedCases(t testing.TB, area string) []caseOf {
	text, err := os.ReadFile("testdata/" + area + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Cases []caseOf }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Cases
}

// Every layer, activation and loss computes what PyTorch does.
func TestRecordedCases(t *testing.T) {
	for _, area := range sortedNames(areas) {
		t.Run(area, func(t *testing.T) {
			used := map[string]bool{}
			for _, c := range recordedCases(t, area) {
				subject, ok := areas[area][c.Name]
				if !ok {
					t.Errorf("%s is recorded, but not in the table of %s_test.go", c.Name, area)
					continue
				}
				used[c.Name] = true
				t.Run(c.Name, func(t *testing.T) { c.run(t, subject) })
			}
			for name := range areas[area] {
				if !used[name] {
					t.Errorf("%s has no recorded values: add it to testdata/%s.py", name, area)
				}
			}
		})
	}
}

func (c *caseOf) run(t *testing.T, subject any) {
	smooth, saved := true, true
	for wrapped := true; wrapped; {
		switch s := subject.(type) {
		case kinked:
			subject, smooth = s.subject, false
		case unsaved:
			subject, saved = s.subject, false
		default:
			wrapped = false
		}
	}
	for _, d := range []dl.DType{dl.Float64, dl.Float32} {
		c.compare(t, subject, d)
	}
	c.views(t, subject)
	c.arena(t, subject)
	if smooth {
		c.differences(t, subject)
	}
	if layer, ok := subject.(Layer); ok {
		if saved {
			c.saved(t, layer)
		}
		c.mistakes(t, layer)
	}
	if loss, ok := subject.(Loss); ok {
		c.wrongTargets(t, loss)
	}
}

// subjectOf is a module, nil for functions, and how to compute with it.
type subjectOf struct {
	module  Module
	forward func(x []*dl.Tensor) []*dl.Tensor
	out     dl.Shape // of one sample, of layers that say so
	params  []NamedParameter
}

// make makes the subject of a case with the recorded parameters.
func (c *caseOf) make(t testing.TB, subject any, d dl.DType) (s subjectOf) {
	t.Helper()
	build := func(layer Layer) Module {
		b := &Builder{Rand: dl.NewRand(1)}
		m, out, err := one(layer, dl.Shape(c.In[0].Shape[1:]), b)
		if err != nil {
			t.Fatal(err)
		}
		s.out = out
		return m
	}
	switch x := subject.(type) {
	case Loss:
		s.forward = func(in []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{x.Compute(in[0], in[1], false, nil)} }
	case func(x []*dl.Tensor) []*dl.Tensor:
		s.forward = x
	case func(a, b *dl.Tensor) *dl.Tensor:
		s.forward = func(in []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{x(in[0], in[1])} }
	case func(a, b, c *dl.Tensor) *dl.Tensor:
		s.forward = func(in []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{x(in[0], in[1], in[2])} }
	case called:
		s.module = build(x.layer)
		s.forward = func(in []*dl.Tensor) []*dl.Tensor { return x.forward(s.module, in) }
		s.out = nil
	case Layer:
		s.module = build(x)
		f, err := forwarder(s.module)
		if err != nil {
			t.Fatal(err)
		}
		s.forward = func(in []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{f.Forward(in[0])} }
	default:
		t.Fatalf("a subject is a Layer, a Loss, a function of tensors, or with(...): this is a %T", subject)
	}
	if s.module == nil {
		return s
	}
	SetTraining(s.module, c.Training)
	s.params = NamedParameters(s.module)
	for name := range c.Params {
		if !slices.ContainsFunc(s.params, func(p NamedParameter) bool { return p.Name == name }) {
			t.Fatalf("the layer has no parameter %q; it has %v", name, s.params)
		}
	}
	for _, p := range s.params {
		p.Value = p.Value.Detach().To(d).SetName(p.Name)
		if v, ok := c.Params[p.Name]; ok {
			if got, want := p.Value.Shape(), dl.Shape(v.Shape); !got.Equal(want) {
				t.Fatalf("the parameter %s has shape %v, recorded are %v", p.Name, got, want)
			}
			p.Value.CopyFrom(v.tensor(t, d))
		} else if p.trained() {
			t.Fatalf("the parameter %s is not recorded", p.Name)
		}
		if p.trained() {
			p.Value.RequireGrad()
		}
	}
	return s
}

// inputs are the recorded ones; those with a gradient require it.
func (c *caseOf) inputs(t testing.TB, d dl.DType) (all, floats []*dl.Tensor) {
	for i := range c.In {
		x := c.In[i].tensor(t, d)
		if c.Grad != nil && c.Grad[i] != nil {
			x.RequireGrad()
			floats = append(floats, x)
		}
		all = append(all, x)
	}
	return all, floats
}

// compare compares results and gradients with the recorded ones.
func (c *caseOf) compare(t *testing.T, subject any, d dl.DType) {
	tolerance := 1e-9
	if d == dl.Float32 {
		tolerance = 3e-5
	}
	s := c.make(t, subject, d)
	xs, _ := c.inputs(t, d)
	ys := s.forward(xs)
	if len(ys) != len(c.Out) {
		t.Fatalf("%v: %d results, want %d", d, len(ys), len(c.Out))
	}
	for i, y := range ys {
		near(t, fmt.Sprintf("%v: result %d", d, i), y, c.Out[i].tensor(t, dl.Float64), tolerance)
	}
	if s.out != nil && !s.out.Equal(dl.Shape(c.Out[0].Shape[1:])) {
		t.Errorf("Build says that samples become %v; they become %v", s.out, c.Out[0].Shape[1:])
	}
	for name, want := range c.After {
		for _, p := range s.params {
			if p.Name == name {
				near(t, fmt.Sprintf("%v: %s afterwards", d, name), p.Value, want.tensor(t, dl.Float64), tolerance)
			}
		}
	}
	if c.Grad == nil {
		return
	}
	weighed(ys).Backward()
	for i, want := range c.Grad {
		if want != nil {
			near(t, fmt.Sprintf("%v: gradient of input %d", d, i), xs[i].Grad(), want.tensor(t, dl.Float64), tolerance)
		}
	}
	for _, p := range s.params {
		if want, ok := c.Grads[p.Name]; ok && p.trained() {
			near(t, fmt.Sprintf("%v: gradient of %s", d, p.Name), p.Value.Grad(), want.tensor(t, dl.Float64), tolerance)
		}
	}
	if h, ok := s.module.(Headed); ok && d == dl.Float64 && s.out != nil {
		s := c.make(t, subject, d)
		h = s.module.(Headed)
		near(t, "the head of the logits", h.Head().Apply(h.Logits(xs[0])), c.Out[0].tensor(t, d), tolerance)
	}
}

// views computes with inputs whose elements do not lie beside each other.
func (c *caseOf) views(t *testing.T, subject any) {
	s := c.make(t, subject, dl.Float64)
	xs, _ := c.inputs(t, dl.Float64)
	for i, x := range xs {
		wide := dl.Full(1, append(x.Shape().Clone(), 3)...).To(x.DType())
		wide.Select(-1, 1).CopyFrom(x.Detach())
		xs[i] = wide.Select(-1, 1)
	}
	for i, y := range s.forward(xs) {
		near(t, fmt.Sprintf("of views: result %d", i), y, c.Out[i].tensor(t, dl.Float64), 1e-9)
	}
}

// arena computes twice inside an arena.
func (c *caseOf) arena(t *testing.T, subject any) {
	arena := dl.NewArena()
	for range 2 {
		s := c.make(t, subject, dl.Float32)
		xs, _ := c.inputs(t, dl.Float32)
		arena.Run(func() {
			ys := s.forward(xs)
			for i, y := range ys {
				near(t, fmt.Sprintf("in an arena: result %d", i), y, c.Out[i].tensor(t, dl.Float64), 3e-5)
			}
			if c.Grad != nil {
				weighed(ys).Backward()
			}
		})
		for i, want := range c.Grad {
			if want != nil {
				near(t, fmt.Sprintf("in an arena: gradient of input %d", i), xs[i].Grad(), want.tensor(t, dl.Float64), 3e-5)
			}
		}
	}
}

// differences compares the gradients of inputs and parameters with differences.
func (c *caseOf) differences(t *testing.T, subject any) {
	s := c.make(t, subject, dl.Float64)
	xs, floats := c.inputs(t, dl.Float64)
	for _, p := range s.params {
		if p.trained() && c.Grads != nil {
			floats = append(floats, p.Value)
		}
	}
	if len(floats) == 0 {
		return
	}
	if err := dl.CheckGradients(func(...*dl.Tensor) *dl.Tensor { return weighed(s.forward(xs)) }, floats...); err != nil {
		t.Error(err)
	}
}

// saved compares a layer with what is loaded from the structure and parameters of one.
func (c *caseOf) saved(t *testing.T, layer Layer) {
	m, err := Sequential(dl.Shape(c.In[0].Shape[1:]), layer)
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/model.safetensors"
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	same, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := same.Summary().String(), m.Summary().String(); got != want {
		t.Errorf("loaded:\n%s\nsaved:\n%s", got, want)
	}
	xs, _ := c.inputs(t, dl.Float32)
	if got, want := same.Predict(xs[0]), m.Predict(xs[0]); !slices.Equal(dl.Values[float64](got), dl.Values[float64](want)) {
		t.Errorf("the loaded layer computes %v, the saved one %v", got, want)
	}
}

// noFault calls f, which may panic with an error that says what is wrong, but not with an index out of range.
func noFault(t *testing.T, what string, f func()) {
	if t.Failed() { // one is enough
		return
	}
	defer func() {
		e := recover()
		switch e.(type) {
		case nil, *dl.ShapeError, *dl.DTypeError, *dl.ValueError:
		default:
			t.Errorf("%s: %v", what, e)
		}
	}()
	f()
}

// wrongTargets gives a loss outputs and targets that do not fit.
func (c *caseOf) wrongTargets(t *testing.T, loss Loss) {
	shapes := []dl.Shape{{}, {0}, {2}, {2, 3}, {3, 2}, {2, 3, 4}, {0, 3}, {2, 0}}
	for _, output := range shapes {
		for _, target := range shapes {
			for _, d := range []dl.DType{dl.Float32, dl.Float64, dl.Int32, dl.Bool} {
				for _, v := range []float64{0, 1, -1, 99, math.NaN()} {
					y := dl.Full(v, target...).To(d)
					what := fmt.Sprintf("outputs %v, targets %v%v of %v", output, d, target, v)
					noFault(t, what, func() { loss.Compute(dl.Full(0.5, output...), y, false, nil) })
					if loss.FromLogits != nil {
						noFault(t, "logits: "+what, func() { loss.Compute(dl.Full(0.5, output...), y, true, nil) })
					}
				}
			}
		}
	}
}

// mistakes gives a layer wrong inputs.
func (c *caseOf) mistakes(t *testing.T, layer Layer) {
	try := func(what string, f func()) { noFault(t, what, f) }
	f := c.make(t, layer, dl.Float32).module.(Forwarder)
	for _, shape := range []dl.Shape{{}, {1}, {3}, {2, 3}, {5, 5, 2}, {2, 3, 4, 5}, {2, 2, 2, 2, 2}, {1 << 12, 1 << 10}} {
		try(fmt.Sprintf("Build for %v", shape), func() {
			b := &Builder{Rand: dl.NewRand(1), stored: map[string]*dl.Tensor{}} // allocates nothing
			one(layer, shape, b)
		})
	}
	for _, shape := range []dl.Shape{{}, {0}, {2}, {2, 3}, {1, 2, 3}, {2, 4, 4, 3}, {1, 2, 3, 4, 5}, {0, 4, 4, 3}, {2, 0, 3}} {
		for _, d := range []dl.DType{dl.Float32, dl.Float64, dl.Int32, dl.Bool} {
			try(fmt.Sprintf("Forward of %v%v", d, shape), func() { f.Forward(dl.New(d, shape...)) })
		}
	}
}

// weighed is a number in which every element of every float result counts differently.
func weighed(ys []*dl.Tensor) *dl.Tensor {
	var sum *dl.Tensor
	for _, y := range ys {
		if !y.DType().IsFloat() {
			continue
		}
		w := make([]float64, y.Size())
		for i := range w {
			w[i] = math.Sin(float64(i) + 1)
		}
		one := y.Mul(dl.Of(w, y.Shape()...).To(y.DType())).Sum()
		if sum == nil {
			sum = one
		} else {
			sum = sum.Add(one)
		}
	}
	return sum
}

// near reports the first element that is not the wanted one, within a tolerance relative to it.
func near(t testing.TB, what string, got, want *dl.Tensor, tolerance float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is nil", what)
		return
	}
	if !got.Shape().Equal(want.Shape()) {
		t.Errorf("%s has shape %v, want %v", what, got.Shape(), want.Shape())
		return
	}
	g, w := dl.Values[float64](got), dl.Values[float64](want)
	for i := range w {
		if !(math.Abs(g[i]-w[i]) <= tolerance*(1+math.Abs(w[i]))) && g[i] != w[i] && !(math.IsNaN(g[i]) && math.IsNaN(w[i])) {
			t.Errorf("%s: element %d is %v, want %v", what, i, g[i], w[i])
			return
		}
	}
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
