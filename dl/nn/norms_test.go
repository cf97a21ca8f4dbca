package nn

import (
	"math"
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	branches := func(m Merge) Layer {
		return Parallel{Branches: [][]Layer{{Dense{Units: 4}}, nil, {Dense{Units: 4, Activation: Tanh}}}, Merge: m}
	}
	of := func(f func(w *dl.Tensor) *dl.Tensor) any {
		return func(x []*dl.Tensor) []*dl.Tensor { return []*dl.Tensor{f(x[0])} }
	}
	cases := map[string]any{
		"GroupNorm": GroupNorm{Groups: 2}, "GroupNorm of rows": GroupNorm{Groups: 3},
		"InstanceNorm": InstanceNorm{}, "InstanceNorm affine": InstanceNorm{Affine: true, Epsilon: 1e-3},
		"RMSNorm":           RMSNorm{},
		"LocalResponseNorm": LocalResponseNorm{Size: 3, Alpha: 0.9, Beta: 1.25, K: 2}, "LocalResponseNorm of even size": LocalResponseNorm{Size: 4, Alpha: 2},
		"LocalResponseNorm of all channels": LocalResponseNorm{Size: 9},

		"Reshape": Reshape{Shape: []int{3, -1}}, "Permute": Permute{Axes: []int{2, 0, 1}}, "RepeatVector": RepeatVector{Times: 3},
		"Residual":                 Residual{Layers: []Layer{Dense{Units: 4, Activation: Tanh}}},
		"Residual with a shortcut": Residual{Layers: []Layer{Dense{Units: 2, Activation: Tanh}}, Shortcut: []Layer{Dense{Units: 2}}, Activation: ReLU},
		"Parallel":                 branches(MergeConcat), "Parallel sum": branches(MergeSum), "Parallel mean": branches(MergeMean),
		"Parallel product": branches(MergeMul), "Parallel max": branches(MergeMax),
		"TimeDistributed": TimeDistributed{Layers: []Layer{Flatten{}, Dense{Units: 3}}},
		"Lambda":          unsaved{Lambda{Func: func(x *dl.Tensor) *dl.Tensor { return x.Flip(-1).MulScalar(2) }}, "a function"},

		"Regularized": Regularized{Layer: Dense{Units: 2, Activation: ReLU}, Weight: L2(0.1), Bias: L1(0.1), Activity: L1L2{L1: 0.1}},
		"Constrained": Constrained{Layer: Dense{Units: 2, Activation: ReLU}, Weight: MinMaxNorm{Min: 0.5}, Bias: NonNeg{}},
		"L1":          of(L1(0.1).Penalty), "L2": of(L2(0.1).Penalty), "L1L2": of(L1L2{0.1, 0.2}.Penalty),
		"OrthogonalRegularizer": of(OrthogonalRegularizer{Factor: 0.1}.Penalty), "OrthogonalRegularizer of columns": of(OrthogonalRegularizer{Factor: 0.1, Columns: true}.Penalty),
		"WeightNorm":                  WeightNorm{Layer: Dense{Units: 2, Activation: Tanh}},
		"WeightNorm of a convolution": WeightNorm{Layer: Conv2D{Filters: 3, Kernel: [2]int{2, 2}}},
		"SpectralNorm":                SpectralNorm{Layer: Dense{Units: 3}},
		"SpectralNorm in training":    kinked{SpectralNorm{Layer: Dense{Units: 3}}, "each computation moves the vectors"},
	}
	for name, c := range map[string]Constraint{"MaxNorm": MaxNorm{Max: 0.9}, "NonNeg": NonNeg{}, "UnitNorm": UnitNorm{}, "MinMaxNorm": MinMaxNorm{Min: 0.8, Max: 1.1, Rate: 0.5}} {
		cases[name], cases[name+" of a kernel"] = of(c.Constrain), of(c.Constrain)
	}
	area("norms", cases)
	noCase("Penalty", "the sum of what the regularisers give: see ExampleRegularized, and TestFitRegularisesAndConstrains of package train")
}

// It drives columns apart, is read back from files, and refuses what is no matrix.
func TestOrthogonalRegularizer(t *testing.T) {
	rule := OrthogonalRegularizer{Factor: 0.5, Columns: true}
	m := must(Sequential(dl.Shape{3}, Regularized{Layer: Dense{Units: 3}, Weight: rule, Bias: OrthogonalRegularizer{}}))
	same := must(FromJSON(must(ToJSON(m))))
	for i, want := range []Regularizer{rule, OrthogonalRegularizer{}} {
		if got := same.Parameters()[i].Regularizer; got != want {
			t.Errorf("%#v was saved, %#v is read", want, got)
		}
	}
	w := dl.NewRand(1).Normals(1, 0.1, 3, 3).RequireGrad()
	if p := rule.Penalty(w).Item(); p < 0.45 || p > 0.5 {
		t.Errorf("the penalty of columns that are nearly alike is %v", p)
	}
	for range 2000 {
		w.ZeroGrad()
		rule.Penalty(w).Backward()
		dl.NoGrad(func() { w.CopyFrom(w.Sub(w.Grad().MulScalar(0.1))) })
	}
	if p := rule.Penalty(w).Item(); p > 0.02 {
		t.Errorf("the penalty is %v at last", p)
	}
	for _, shape := range []dl.Shape{{1, 4}, {0, 4}, {2, 0}} {
		if p := (OrthogonalRegularizer{}).Penalty(dl.Ones(shape...)).Item(); p != 0 {
			t.Errorf("of %v: %v", shape, p)
		}
	}
	if p := (OrthogonalRegularizer{}).Penalty(dl.Zeros(2, 2)).Item(); p != 0 {
		t.Errorf("of zeros: %v", p)
	}
	for says, f := range map[string]func(){
		"if it is a matrix":         func() { rule.Penalty(dl.Ones(2, 3, 4)) },
		"a finite number from 0 on": func() { OrthogonalRegularizer{Factor: -1}.Penalty(dl.Ones(2, 3)) },
	} {
		if err := dl.Try(f); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want it to say %q", err, says)
		}
	}
}

func TestMistakesOfNormsAndContainers(t *testing.T) {
	for _, c := range []struct {
		layer Layer
		in    dl.Shape
		says  string
	}{
		{GroupNorm{}, dl.Shape{4, 4, 16}, "Groups is 32; it must divide the 16 channels"},
		{GroupNorm{Groups: -1}, dl.Shape{4}, "Groups is -1"},
		{GroupNorm{Groups: 2, Epsilon: -1}, dl.Shape{4}, "Epsilon -1"},
		{InstanceNorm{}, dl.Shape{4}, "its own mean"},
		{RMSNorm{}, dl.Shape{}, "no axis to normalise"},
		{LocalResponseNorm{}, dl.Shape{4}, "Size is 0; give the number of neighbouring channels"},
		{LocalResponseNorm{Size: 5, K: -1}, dl.Shape{4}, "K -1 must lie above 0"},
		{LocalResponseNorm{Size: 5, Beta: math.Inf(1)}, dl.Shape{4}, "Beta +Inf be finite"},
		{LocalResponseNorm{Size: 5}, dl.Shape{}, "no axis of channels"},
		{SpatialDropout{Rate: 0.5}, dl.Shape{4}, "use Dropout"},
		{SpatialDropout{Rate: 1}, dl.Shape{4, 4}, "Rate is 1"},
		{AlphaDropout{Rate: -1}, dl.Shape{4}, "Rate is -1"},
		{GaussianDropout{Rate: 2}, dl.Shape{4}, "Rate is 2"},
		{DropPath{Rate: 2}, dl.Shape{4}, "Rate is 2"},
		{GaussianNoise{StdDev: -1}, dl.Shape{4}, "StdDev is -1"},
		{Reshape{Shape: []int{3, -1}}, dl.Shape{4}, "does not hold the 4 values"},
		{Reshape{Shape: []int{-1, -1}}, dl.Shape{4}, "one may be -1"},
		{Reshape{Shape: []int{1 << 40, 1 << 40}}, dl.Shape{4}, "not possible"},
		{Permute{Axes: []int{1, 2}}, dl.Shape{4, 4}, "each of the 2 axes"},
		{Permute{}, dl.Shape{4, 4}, "Axes is empty"},
		{RepeatVector{}, dl.Shape{4}, "Times is 0"},
		{Residual{Layers: []Layer{Dense{Units: 3}}}, dl.Shape{4}, "or a Shortcut must make the same"},
		{Residual{Layers: []Layer{Dense{Units: 3}}, Shortcut: []Layer{Dense{Units: 2}}}, dl.Shape{4}, "the shortcut [2]"},
		{Residual{Layers: []Layer{Dense{Units: 3}}, Shortcut: []Layer{Dense{}}}, dl.Shape{4}, "the shortcut: layer 1 (Dense)"},
		{Parallel{}, dl.Shape{4}, "no Branches"},
		{Parallel{Branches: [][]Layer{nil}, Merge: 9}, dl.Shape{4}, "no Merge 9"},
		{Parallel{Branches: [][]Layer{nil, {Dense{Units: 3}}}, Merge: MergeSum}, dl.Shape{4}, "branch 2 makes [3], the first [4]"},
		{Parallel{Branches: [][]Layer{nil, {Flatten{}}}}, dl.Shape{4, 2}, "they may differ in their last axis only"},
		{Parallel{Branches: [][]Layer{{Dense{}}}}, dl.Shape{4}, "branch 1: layer 1 (Dense)"},
		{TimeDistributed{Layers: []Layer{Flatten{}}}, dl.Shape{4}, "not a sequence of steps"},
		{Lambda{}, dl.Shape{4}, "Func is nil"},
		{Lambda{Func: func(x *dl.Tensor) *dl.Tensor { return x.Sum() }}, dl.Shape{4}, "of a batch of one sample"},
		{Lambda{Func: func(x *dl.Tensor) *dl.Tensor { return x.MatMul(dl.Ones(3, 3)) }}, dl.Shape{4}, "MatMul"},
		{Regularized{}, dl.Shape{4}, "Layer is nil"},
		{Regularized{Layer: Dense{}}, dl.Shape{4}, "Dense: Units is 0"},
		{Constrained{Layer: Dense{Units: 1}, Weight: MaxNorm{Max: -1}}, dl.Shape{4}, "must not be negative"},
		{Constrained{Layer: Dense{Units: 1}, Bias: MinMaxNorm{Min: 2, Max: 1}}, dl.Shape{4}, "0 <= Min <= Max"},
		{WeightNorm{Layer: Flatten{}}, dl.Shape{4}, "Flatten has no Weight"},
		{WeightNorm{Layer: Dense{Units: 2, WeightInit: Zeros}}, dl.Shape{4}, "the weights of output 0 are all 0 and have no direction"},
		{SpectralNorm{Layer: LayerNorm{}}, dl.Shape{4}, "LayerNorm has no Weight"},
		{SpectralNorm{Layer: Dense{Units: 1}, Epsilon: -1}, dl.Shape{4}, "Epsilon -1"},
	} {
		if _, _, err := one(c.layer, c.in, &Builder{Rand: dl.NewRand(1)}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%T on %v: %v, want it to say %q", c.layer, c.in, err, c.says)
		}
	}
}

// Weights of zeros stay zeros, and are no NaN; when they have become others they are divided by their largest value.
func TestSpectralNormOfZeros(t *testing.T) {
	s := Build(SpectralNorm{Layer: Dense{Units: 2, WeightInit: Zeros}}, 3)
	s.SetTraining(true)
	x := dl.Ones(1, 3)
	y := s.Forward(x)
	if !y.Equal(dl.Zeros(1, 2)) {
		t.Fatalf("of zeros: %v", y)
	}
	y.Sum().Backward()
	if g := s.raw.Value.Grad(); !g.Equal(dl.Ones(3, 2)) {
		t.Errorf("gradient %v", g)
	}
	s.raw.Value.CopyFrom(dl.Full(3, 3, 2))
	s.Forward(x)
	if y := s.Forward(x); !y.AllClose(dl.Full(3/math.Sqrt(6), 1, 2), 1e-5, 0) {
		t.Errorf("of a matrix of one value: %v", y)
	}
}

// A vector of zeros has no direction: similarities with it are 0, and their gradients not so large that they spoil a model.
func TestSimilaritiesOfZeros(t *testing.T) {
	a := dl.Of([]float32{1, 2, 2, 0, 3, 4}, 2, 3)
	for name, f := range map[string]func(x *dl.Tensor) *dl.Tensor{
		"CosineSimilarity": func(x *dl.Tensor) *dl.Tensor { return CosineSimilarity.Compute(x, a, false, nil) },
		"CosineEmbedding":  func(x *dl.Tensor) *dl.Tensor { return CosineEmbedding{}.Of(x, a, dl.Ones(2)) },
		"InfoNCE":          func(x *dl.Tensor) *dl.Tensor { return InfoNCE{}.Of(x, a) },
	} {
		x := dl.Zeros(2, 3).RequireGrad()
		y := f(x)
		g := dl.Grad(y, x)[0].Abs().Max().Item()
		if v := y.Item(); math.IsNaN(v) || !(g > 0 && g < 2e7) {
			t.Errorf("%s: %v, the largest gradient %v", name, v, g)
		}
	}
}
