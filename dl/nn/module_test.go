package nn

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func names(m Module) (all []string) {
	for _, n := range NamedParameters(m) {
		all = append(all, n.Name)
	}
	return all
}

type autoencoder struct{ Enc, Dec *Model }

func (a *autoencoder) Forward(x *dl.Tensor) *dl.Tensor { return a.Dec.Forward(a.Enc.Forward(x)) }
func (a *autoencoder) Parameters() []*Parameter        { return ParametersOf(a) }

// A module that holds a model does not change what the model's parameters are called.
func TestAWrapperRenamesNothing(t *testing.T) {
	enc, dec := must(Sequential(dl.Shape{4}, Dense{Units: 2})), must(Sequential(dl.Shape{2}, Dense{Units: 4}))
	a := &autoencoder{enc, dec}
	if got := names(a); !slices.Equal(got, []string{"Enc.dense.weight", "Enc.dense.bias", "Dec.dense.weight", "Dec.dense.bias"}) {
		t.Errorf("the wrapper's %q", got)
	}
	path := filepath.Join(t.TempDir(), "enc")
	if err := enc.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil || enc.Parameter("dense.weight") == nil || !slices.Equal(names(enc), names(loaded)) {
		t.Errorf("the part is %q, %v", names(enc), err)
	}
	if b, err := enc.MarshalBinary(); err != nil || new(Model).UnmarshalBinary(b) != nil {
		t.Errorf("through a session: %v", err)
	}
}

// cross is a module of two inputs, without a method but Forward.
type cross struct {
	W    *Parameter
	Drop *Dropout
}

func (c *cross) Forward(x, y *dl.Tensor) *dl.Tensor { return c.Drop.Forward(x.Mul(c.W.Value).Add(y)) }

type everywhere struct {
	Cross  *cross
	Plain  struct{ P *Parameter }
	Map    map[string]Module
	Slice  []any
	Nested map[int][]*cross
	Any    any
	Loop   *everywhere
	count  int
	notes  map[string][]string
}

func (e *everywhere) Parameters() []*Parameter { return ParametersOf(e) }

func TestParametersAreFoundEverywhere(t *testing.T) {
	p := func() *Parameter { return NewParameter("p", dl.Ones(1)) }
	e := &everywhere{Cross: &cross{p(), &Dropout{Rate: 0.5}}, Map: map[string]Module{"b": must(Sequential(dl.Shape{1}, Dense{Units: 1})), "a": Build(Dense{Units: 1, NoBias: true}, 1)},
		Slice: []any{p(), 3, &cross{p(), &Dropout{}}}, Nested: map[int][]*cross{7: {{p(), &Dropout{Rate: 0.5}}}}, Any: cross{W: p()}}
	e.Plain.P, e.Loop = p(), e
	want := []string{"Cross.W", "Plain.P", "Map.a.weight", "Map.b.dense.weight", "Map.b.dense.bias", "Slice.0", "Slice.2.W", "Nested.7.0.W", "Any.W"}
	if got := names(e); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	SetTraining(e, true)
	SetRand(e, dl.NewRand(1))
	if !e.Cross.Drop.training || !e.Nested[7][0].Drop.training || e.Cross.Drop.rand == nil {
		t.Error("training does not reach everything")
	}
}

func TestWhatCannotBeReachedIsSaid(t *testing.T) {
	model := must(Sequential(dl.Shape{1}, Dense{Units: 1}))
	type inner struct{ deep []*Parameter }
	for name, structure := range map[string]any{
		"a parameter": &struct{ hidden *Parameter }{NewParameter("p", dl.Ones(1))},
		"a model":     &struct{ hidden *Model }{model},
		"a slice":     &struct{ hidden []Module }{[]Module{model}},
		"a struct":    &struct{ hidden inner }{inner{[]*Parameter{NewParameter("p", dl.Ones(1))}}},
	} {
		err := dl.Try(func() { ParametersOf(structure) })
		if err == nil || !strings.Contains(err.Error(), "the field hidden") {
			t.Errorf("%s: %v", name, err)
		}
	}
	known := &struct {
		hidden *Model
		Known  *Model
	}{model, model}
	if got := ParametersOf(known); len(got) != 2 {
		t.Errorf("what an exported field holds, too: %v", got)
	}
	if err := dl.Try(func() { SetTraining(&concealing{drop: &Dropout{}}, true) }); err == nil || !strings.Contains(err.Error(), "cannot be switched") {
		t.Errorf("switching: %v", err)
	}
}

type concealing struct{ drop *Dropout }

func (c *concealing) Parameters() []*Parameter { return nil }

// A tensor in two parameters, a parameter or a layer in two places: one parameter.
func TestTiedParametersAreOne(t *testing.T) {
	w := NewParameter("w", dl.Ones(1))
	two := &struct{ A, B *Parameter }{w, w}
	same := &struct{ A, B *Parameter }{w, &Parameter{Name: "other", Value: w.Value}}
	for _, s := range []any{two, same} {
		if got := ParametersOf(s); len(got) != 1 || got[0] != w {
			t.Errorf("parameters %v", got)
		}
	}
	d := Build(Dense{Units: 3}, 3)
	m := must(Sequential(dl.Shape{3}, d, ReLU, d, Residual{Layers: []Layer{d}}))
	if got := names(m); !slices.Equal(got, []string{"dense.weight", "dense.bias"}) || m.Summary().Total != 12 {
		t.Errorf("%q\n%v", got, m.Summary())
	}
	path := filepath.Join(t.TempDir(), "tied")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Parameters()) != 2 {
		t.Errorf("loaded: %q", names(loaded))
	}
	loaded.Parameters()[0].Value.Set(5, 0, 0)
	d.Weight.Value.Set(5, 0, 0)
	x := dl.Of([]float32{1, 2, 3}, 1, 3)
	if a, b := m.Predict(x), loaded.Predict(x); !slices.Equal(a.Float32s(), b.Float32s()) {
		t.Errorf("%v and %v", a, b)
	}
	tensors, _ := Tensors(m)
	if len(tensors) != 2 {
		t.Errorf("the file has %d tensors", len(tensors))
	}
}

func TestABuiltLayerKeepsItsWeights(t *testing.T) {
	a := must(Sequential(dl.Shape{2}, Dense{Units: 3, Activation: ReLU}, Dense{Units: 2}))
	before := slices.Clone(a.Parameters()[0].Value.Float32s())
	b := must(Sequential(dl.Shape{2}, a.Layers[0].(Layer), Dense{Units: 5}))
	if !slices.Equal(b.Parameter("dense.weight").Value.Float32s(), before) || b.Layers[0] != a.Layers[0] {
		t.Error("the layer is drawn anew")
	}
	if _, err := Sequential(dl.Shape{4}, a.Layers[0].(Layer)); err == nil || !strings.Contains(err.Error(), "built with a weight of [2 3]") {
		t.Errorf("for another input: %v", err)
	}
	// A whole model as a layer, saved and loaded.
	c := must(Sequential(dl.Shape{2}, a, ReLU, Dense{Units: 1}))
	if got := names(c); got[0] != "model.dense.weight" || c.Parameters()[0] != a.Parameters()[0] {
		t.Errorf("%q", got)
	}
	path := filepath.Join(t.TempDir(), "nested")
	if err := c.Save(path); err != nil {
		t.Fatal(err)
	}
	x := dl.Of([]float32{1, -2}, 1, 2)
	loaded, err := Load(path)
	if err != nil || !slices.Equal(loaded.Predict(x).Float32s(), c.Predict(x).Float32s()) {
		t.Errorf("loaded: %v", err)
	}
	// Values describe: each use is a layer of its own.
	d := must(Sequential(dl.Shape{2}, *a.Layers[0].(*Dense)))
	if d.Parameters()[0] == a.Parameters()[0] {
		t.Error("a value shares its parameters")
	}
}

func TestFrozenIsSaved(t *testing.T) {
	m := must(Sequential(dl.Shape{2}, Dense{Units: 3}, BatchNorm{}, Dense{Units: 2}))
	m.Parameter("dense.weight").Frozen = true
	path := filepath.Join(t.TempDir(), "frozen")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded := must(Load(path))
	var session Model
	if err := session.UnmarshalBinary(must(m.MarshalBinary())); err != nil {
		t.Fatal(err)
	}
	for _, again := range []*Model{loaded, &session} {
		if !again.Parameter("dense.weight").Frozen || again.Parameter("dense_1.weight").Frozen || len(Trainable(again)) != 5 {
			t.Errorf("%v", again.Parameters())
		}
		if again.Parameter("dense.weight").Value.RequiresGrad() {
			t.Error("its gradient is computed")
		}
	}
}

func TestAFrozenBatchNormKeepsItsStatistics(t *testing.T) {
	n := Build(BatchNorm{}, 2)
	n.SetTraining(true)
	x := dl.Of([]float32{10, 20, 30, 40}, 2, 2)
	Freeze(n)
	n.Forward(x)
	if n.Mean.Value.At(0) != 0 || n.Variance.Value.At(0) != 1 {
		t.Errorf("mean %v, variance %v", n.Mean.Value, n.Variance.Value)
	}
	Unfreeze(n)
	n.Forward(x)
	if n.Mean.Value.At(0) == 0 || !n.Mean.Frozen || len(Trainable(n)) != 2 {
		t.Errorf("mean %v, frozen %v", n.Mean.Value, n.Mean.Frozen)
	}
	for _, p := range n.Parameters() { // statistics are never trained
		p.Frozen = false
	}
	if len(Trainable(n)) != 2 {
		t.Errorf("%d are trained", len(Trainable(n)))
	}
}

// Batches of one have no variance: the running one stays (PyTorch refuses them).
func TestBatchNormAndBatchesOfOne(t *testing.T) {
	n := Build(BatchNorm{Momentum: 0.5}, 1)
	n.SetTraining(true)
	r := dl.NewRand(1)
	for range 40 {
		n.Forward(r.Normals(0, 1, 64, 1))
		n.Forward(r.Normals(0, 1, 1, 1))
		n.Forward(dl.Zeros(0, 1))
	}
	if v := n.Variance.Value.Item(); math.Abs(v-1) > 0.3 {
		t.Errorf("variance %v, want 1", v)
	}
}

func TestLayersAreBuiltOneAtATime(t *testing.T) {
	d := Build(Dense{Units: 3, Activation: ReLU}, 4)
	if y := d.Forward(dl.Ones(2, 4)); !slices.Equal(y.Shape(), dl.Shape{2, 3}) {
		t.Errorf("%v", y.Shape())
	}
	if err := dl.Try(func() { Build(Dense{}, 4) }); err == nil || !strings.Contains(err.Error(), "Units is 0") || !strings.Contains(err.Error(), "module_test.go") {
		t.Errorf("got %v", err)
	}
	for name, f := range map[string]func(){
		"Dense":       func() { (&Dense{Units: 2}).Forward(dl.Ones(1, 2)) },
		"BatchNorm":   func() { (&BatchNorm{}).Forward(dl.Ones(1, 2)) },
		"Residual":    func() { (&Residual{}).Forward(dl.Ones(1, 2)) },
		"Model":       func() { (&Model{}).Forward(dl.Ones(1, 2)) },
		"Transformer": func() { (&TransformerBlock{Heads: 1}).Forward(dl.Ones(1, 2, 2)) },
	} {
		if err := dl.Try(f); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	drop := &Dropout{Rate: 0.5} // has nothing to build
	drop.SetTraining(true)
	drop.Forward(dl.Ones(2, 2))
}

// renamed returns another type than it is.
type renamed struct{ Units int }

func (r renamed) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	return Dense{Units: r.Units}.Build(in, b)
}

func TestLayersOfOnesOwnAreSaved(t *testing.T) {
	Register[renamed]()
	Register[renamed]() // the cell runs again
	if err := dl.Try(func() { Register[Dense]() }); err == nil {
		t.Error("a layer of the package is replaced")
	}
	m := must(Sequential(dl.Shape{2}, renamed{3}))
	path := filepath.Join(t.TempDir(), "own")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	x := dl.Ones(1, 2)
	if err != nil || !slices.Equal(loaded.Predict(x).Float32s(), m.Predict(x).Float32s()) {
		t.Errorf("%v", err)
	}
}

func TestIntegersGoIntoAnyModel(t *testing.T) {
	m := must(Sequential(dl.Shape{2}, Dense{Units: 1}))
	if y, z := m.Predict(dl.Of([]int32{1, 2}, 1, 2)), m.Predict(dl.Of([]float32{1, 2}, 1, 2)); y.Item() != z.Item() {
		t.Errorf("%v and %v", y, z)
	}
}

func TestSizesMayVary(t *testing.T) {
	m := must(Sequential(dl.Shape{8, 8, 1}, Conv2D{Filters: 2, Kernel: [2]int{3, 3}}, BatchNorm{}, ReLU, MaxPool2D{}))
	if y := m.Predict(dl.Ones(1, 16, 10, 1)); !slices.Equal(y.Shape(), dl.Shape{1, 7, 4, 2}) {
		t.Errorf("%v", y.Shape())
	}
	if dl.Try(func() { m.Predict(dl.Ones(1, 8, 8, 3)) }) == nil || dl.Try(func() { m.Predict(dl.Ones(1, 8, 1)) }) == nil {
		t.Error("other channels, or axes, are taken")
	}
	flat := must(Sequential(dl.Shape{4, 2}, Flatten{}, Dense{Units: 1}))
	if err := dl.Try(func() { flat.Predict(dl.Ones(1, 5, 2)) }); err == nil || !strings.Contains(err.Error(), "batch of samples of shape [4 2]") {
		t.Errorf("got %v", err)
	}
}
