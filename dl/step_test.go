package dl

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// small is a network with every fused operation of the flagship.
type small struct{ w, b, v, c, images, labels *Tensor }

func newSmall() *small {
	r := NewRand(3)
	s := &small{w: r.Normals(0, 0.3, 3, 3, 1, 8), b: Zeros(8), v: r.Normals(0, 0.1, 6*6*8, 5), c: Zeros(5),
		images: r.Uniforms(0, 1, 16, 8, 8, 1), labels: New(Int32, 16)}
	for i := range s.labels.i32() {
		s.labels.i32()[i] = int32(r.IntN(5))
	}
	for _, p := range s.parameters() {
		p.RequireGrad()
	}
	return s
}

func (s *small) parameters() []*Tensor { return []*Tensor{s.w, s.b, s.v, s.c} }

// step trains on the batch once and returns the loss.
func (s *small) step() float64 {
	for _, p := range s.parameters() {
		p.ZeroGrad()
	}
	x := Conv2D(s.images, s.w, s.b, ConvOptions{Fuse: FuseReLU}).Flatten(1)
	loss := SparseCrossEntropy(Affine(x, s.v, s.c, NoFusion), s.labels)
	loss.Backward()
	for _, p := range s.parameters() {
		for i, g := range p.Grad().f32() {
			p.f32()[i] -= 0.1 * g
		}
	}
	return loss.Item()
}

// Training inside an arena gives the same numbers, bit for bit, as outside,
// and again as the run before.
func TestArenaChangesNoNumber(t *testing.T) {
	plain, inside := newSmall(), newSmall()
	arena := NewArena()
	for i := range 20 {
		want := plain.step()
		var got float64
		arena.Run(func() { got = inside.step() })
		if got != want {
			t.Fatalf("step %d: loss %v in an arena, %v outside", i, got, want)
		}
		if i == 19 && want > 1.2 {
			t.Errorf("the loss is still %v", want)
		}
	}
}

// A steady training step in an arena allocates almost nothing.
func TestArenaStepsAllocateLittle(t *testing.T) {
	s, arena := newSmall(), NewArena()
	step := func() { s.step() }
	for range 3 {
		arena.Run(step)
	}
	if n := testing.AllocsPerRun(20, func() { arena.Run(step) }); n > 20 && countable() {
		t.Errorf("%v allocations a step", n)
	}
}

// Gradients add up over several Backwards until ZeroGrad.
func TestGradientsAccumulate(t *testing.T) {
	x := Of([]float64{3}).RequireGrad()
	for i := range 3 {
		x.Square().Sum().Backward()
		if got, want := x.Grad().at(0), 6*float64(i+1); got != want {
			t.Errorf("after %d: %v, want %v", i+1, got, want)
		}
	}
	x.ZeroGrad()
	if x.Grad() != nil {
		t.Error("a gradient after ZeroGrad")
	}
	x.MulScalar(2).Sum().Backward()
	if got := x.Grad().at(0); got != 2 {
		t.Errorf("after ZeroGrad: %v, want 2", got)
	}
}

// Mistakes panic with an error that names the operation, the shapes, what
// would be right, and the line of the caller.
func TestErrorNamesCallerAndShapes(t *testing.T) {
	y := Zeros(2, 3).RequireGrad().Sum()
	y.Backward()
	for _, c := range []struct {
		name string
		f    func()
		want []string
	}{
		{"MatMul", func() { Zeros(2, 3).MatMul(Zeros(4, 5)) }, []string{"MatMul: shapes [2 3] and [4 5]", "step_test.go:"}},
		{"Add", func() { Zeros(2, 3).Add(Zeros(2, 4)) }, []string{"Add: shapes [2 3] and [2 4]", "equal or 1", "step_test.go:"}},
		{"dtypes", func() { Zeros(2, 2).MatMul(New(Int32, 2, 2)) }, []string{"MatMul: float32 and int32", "use To", "step_test.go:"}},
		{"Reshape", func() { Zeros(2, 3).Reshape(4, 2) }, []string{"Reshape: shape [2 3]", "6 elements do not fit"}},
		{"Conv2D", func() { Conv2D(Zeros(1, 2, 2, 1), Zeros(3, 3, 1, 4), nil, ConvOptions{}) }, []string{"Conv2D", "3x3 does not fit into 2x2"}},
		{"label", func() { SparseCrossEntropy(Zeros(2, 3), Of([]int32{0, 3})) }, []string{"label 3 of row 1 is not in 0..2"}},
		{"Backward twice", func() { y.Backward() }, []string{"earlier Backward"}},
		{"bias of another type", func() { Affine(Zeros(1, 2), Zeros(2, 3), New(Float64, 3), NoFusion) }, []string{"Affine: float32 and float64"}},
		{"filter bias of another type", func() { Conv2D(Zeros(1, 2, 2, 1), Zeros(2, 2, 1, 3), New(Float64, 3), ConvOptions{}) }, []string{"Conv2D: float32 and float64"}},
		{"negative sizes", func() { Zeros(6).Reshape(-2, -3) }, []string{"must not be negative"}},
		{"wrapped negative sizes", func() { Wrap(make([]float32, 6), -2, -3) }, []string{"must not be negative"}},
		{"-1 beside nothing", func() { Zeros(0, 3).Reshape(0, -1) }, []string{"can be anything"}},
		{"more than fits", func() { Zeros(1<<33, 1<<33) }, []string{"no memory"}},
		{"Item", func() { Zeros(2).Item() }, []string{"exactly one element"}},
		{"axis", func() { Zeros(2).Sum(1) }, []string{"there is no axis 1"}},
		{"Std of integers", func() { New(Int64, 2).Std() }, []string{"Std: int64", "use To"}},
		{"StdUnbiased of an axis", func() { Zeros(2).StdUnbiased(1) }, []string{"StdUnbiased: shape [2]", "no axis 1"}},
		{"Trace of a vector", func() { Zeros(2).Trace() }, []string{"Trace: shape [2]"}},
		{"Select", func() { Zeros(2, 3).Select(1, 3) }, []string{"Select: shape [2 3]", "no position 3", "has 3"}},
		{"Slice", func() { Zeros(2, 3).Slice(1, -4, 2) }, []string{"Slice: shape [2 3]", "-4:2", "has 3 places"}},
		{"Narrow", func() { Zeros(2, 3).Narrow(1, -2, 3) }, []string{"no 3 elements from -2 on", "which has 3"}},
		{"Every", func() { Zeros(3).Every(0, -1) }, []string{"steps of -1", "Flip"}},
		{"Of", func() { Of([]float32{1, 2, 3}, 2, 2) }, []string{"4 elements, there are 3 values"}},
	} {
		err := Try(c.f)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", c.name, err, want)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Try swallowed another panic")
		}
	}()
	Try(func() { panic(errors.New("other")) })
}

// Grad gives the gradients of leaves and of results on the way, and changes
// no tensor's own Grad: the parameters that are not asked for least of all.
func TestGradTouchesNothing(t *testing.T) {
	x, w := Of([]float64{3, -1}, 1, 2).RequireGrad(), Of([]float64{2, 0, 0, 5}, 2, 2).RequireGrad()
	w.Sum().Backward()
	h := Affine(x, w, nil, FuseReLU) // 6, 0
	y := h.Square().Add(h).Sum()
	want := [][]float64{{13, 1}, {26, 0}, {26, 0}, {0}, {1}}
	for i, g := range Grad(y, h, x, x, Scalar(1), y) {
		if v := Values[float64](g); !slices.Equal(v, want[i]) {
			t.Errorf("gradient %d: %v, want %v", i, v, want[i])
		}
	}
	if x.Grad() != nil || y.Grad() != nil || h.Grad() != nil {
		t.Error("Grad left gradients behind")
	}
	if got := Values[float64](w.Grad()); !slices.Equal(got, []float64{1, 1, 1, 1}) || !w.RequiresGrad() {
		t.Errorf("the parameter's gradient became %v", got)
	}
}

// Integers keep all of their bits, also those that a float64 has no room for.
func TestIntegersStayWhole(t *testing.T) {
	const big = 1<<53 + 1
	x := Of([]int64{big, 2})
	for name, y := range map[string]*Tensor{"Rows": x.Rows([]int{0}), "Slice": x.Slice(0, 0, 1), "Concat": Concat(0, x, x).Slice(0, 2, 3), "Index": x.Index(0)} {
		if got := y.Int64s()[0]; got != big {
			t.Errorf("%s: %d", name, got)
		}
	}
	if got := x.String(); !strings.Contains(got, "9007199254740993") {
		t.Error(got)
	}
}

// A power of integers is one of integers, as PyTorch's, where the exponent is one.
func TestPowersOfIntegers(t *testing.T) {
	x := Of([]int64{3037000499, -3, 0, 1<<53 + 1})
	for p, want := range map[float64][]int64{0: {1, 1, 1, 1}, 1: x.Int64s(), 2: {9223372030926249001, 9, 0, 1<<54 + 1}} {
		if y := x.Pow(p); y.DType() != Int64 || !slices.Equal(y.Int64s(), want) {
			t.Errorf("to %v: %v, want %v", p, y, want)
		}
	}
	if y := Of([]uint8{100, 3}).Pow(2); y.DType() != Uint8 || !slices.Equal(y.Uint8s(), []uint8{16, 9}) { // wraps around
		t.Errorf("bytes: %v", y)
	}
	for p, want := range map[float64][]float64{0.5: {2, 1}, -1: {0.25, 1}} {
		if y := Of([]int32{4, 1}).Pow(p); y.DType() != Float32 || y.At(0) != want[0] || y.At(1) != want[1] {
			t.Errorf("to %v: %v", p, y)
		}
	}
}

// What is computed of float16 and bfloat16 is of that type, too.
func TestHalvesStayHalves(t *testing.T) {
	index := Of([]int64{0, 1}, 1, 2)
	for name, f := range map[string]func(x *Tensor) *Tensor{
		"CumSum": func(x *Tensor) *Tensor { return x.CumSum(1) }, "CumProd": func(x *Tensor) *Tensor { return x.CumProd(0) },
		"CumMax": func(x *Tensor) *Tensor { v, _ := x.CumMax(0); return v }, "Sort": func(x *Tensor) *Tensor { return x.Sort(0) },
		"TopK": func(x *Tensor) *Tensor { v, _ := x.TopK(1, 0); return v }, "Median": func(x *Tensor) *Tensor { return x.Median(0) },
		"Quantile": func(x *Tensor) *Tensor { return x.Quantile(0.5, 0) }, "Std": func(x *Tensor) *Tensor { return x.Std() },
		"StdUnbiased": func(x *Tensor) *Tensor { return x.StdUnbiased(0) }, "Norm": func(x *Tensor) *Tensor { return x.Norm(3) }, "LogSumExp": func(x *Tensor) *Tensor { return x.LogSumExp() },
		"Prod": func(x *Tensor) *Tensor { return x.Prod() }, "MatMul": func(x *Tensor) *Tensor { return x.MatMul(x.Index(0)) }, "Lerp": func(x *Tensor) *Tensor { return x.Lerp(x, 0.7) },
		"Pow": func(x *Tensor) *Tensor { return x.Pow(2) }, "FloorDiv": func(x *Tensor) *Tensor { return x.FloorDiv(x) }, "Every": func(x *Tensor) *Tensor { return x.Every(0, 2) },
		"Gather": func(x *Tensor) *Tensor { return x.Gather(0, index) }, "Scatter": func(x *Tensor) *Tensor { return x.Scatter(0, index, x.Slice(0, 0, 1)) },
		"ScatterAdd": func(x *Tensor) *Tensor { return x.ScatterAdd(0, index, x.Slice(0, 0, 1)) }, "Unique": func(x *Tensor) *Tensor { return x.Unique() },
		"LogSoftmax": func(x *Tensor) *Tensor { return x.LogSoftmax(0) }, "NaNMean": func(x *Tensor) *Tensor { return x.NaNMean() }, "Einsum": func(x *Tensor) *Tensor { return Einsum("ij,kj->ik", x, x) },
		"Diff": func(x *Tensor) *Tensor { return x.Diff(0) }, "Kron": func(x *Tensor) *Tensor { return x.Kron(x) }, "Roll": func(x *Tensor) *Tensor { return x.Roll(1, 0) },
	} {
		for _, d := range []DType{Float16, BFloat16} {
			if y := f(Of([]float64{1, 2, 3, 4}, 2, 2).To(d)); y.DType() != d {
				t.Errorf("%s of %v is %v", name, d, y.DType())
			}
		}
	}
}

// NaN wins over everything, Inf among it, as in PyTorch.
func TestNaNWins(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	a, b := Of([]float64{nan, inf, nan, -inf}), Of([]float64{inf, nan, -inf, nan})
	for name, y := range map[string]*Tensor{"Maximum": a.Maximum(b), "Minimum": a.Minimum(b)} {
		for i, v := range y.Float64s() {
			if !math.IsNaN(v) {
				t.Errorf("%s: element %d is %v", name, i, v)
			}
		}
	}
	for n := 1; n < 40; n++ { // every length: the kernels and what they leave over
		x := Full(nan, n)
		for i, v := range x.ReLU().Float32s() {
			if !math.IsNaN(float64(v)) {
				t.Fatalf("ReLU of %d elements: element %d is %v", n, i, v)
			}
		}
		if v := Affine(Full(nan, 1, 2), Ones(2, n), nil, FuseReLU).At(0, n-1); !math.IsNaN(v) {
			t.Fatalf("Affine with ReLU, %d columns: %v", n, v)
		}
	}
}

// A quantile that is an element does not see the next one.
func TestQuantilesBesideInfinity(t *testing.T) {
	inf := math.Inf(1)
	x := Of([]float64{inf, 2, -1, -inf, 0})
	for q, want := range map[float64]float64{0: -inf, 0.25: -1, 0.5: 0, 0.75: 2, 1: inf} {
		if got := x.Quantile(q, 0).Item(); got != want {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
}

// Tensors print as PyTorch prints them.
func TestPrintsAsPyTorch(t *testing.T) {
	for _, c := range []struct {
		t    *Tensor
		want string
	}{
		{Scalar(2), "tensor(2., shape=[], dtype=float32)"},
		{Of([]float32{1, 2.5, -3}), "tensor([ 1.0000,  2.5000, -3.0000], shape=[3], dtype=float32)"},
		{Of([]int64{1, -20, 3, 4}, 2, 2), "tensor([[  1, -20],\n        [  3,   4]], shape=[2 2], dtype=int64)"},
		{Of([]bool{true, false}), "tensor([ true, false], shape=[2], dtype=bool)"},
		{Arange(2000), "tensor([   0.,    1.,    2., ..., 1997., 1998., 1999.], shape=[2000], dtype=float32)"},
		{Zeros(0), "tensor([], shape=[0], dtype=float32)"},
	} {
		if got := c.t.String(); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

// The state of a source continues it exactly.
func TestRandContinues(t *testing.T) {
	r := NewRand(5)
	r.Normal()
	state := r.State()
	want := []float64{r.Float64(), r.Normal(), float64(r.Perm(100)[0])}
	s := NewRand(0)
	if err := s.SetState(state); err != nil {
		t.Fatal(err)
	}
	for i, got := range []float64{s.Float64(), s.Normal(), float64(s.Perm(100)[0])} {
		if got != want[i] {
			t.Errorf("number %d: %v, want %v", i, got, want[i])
		}
	}
	if s.SetState([]byte("short")) == nil {
		t.Error("a state of five bytes was accepted")
	}
}

// The first of equals is the argmax.
func TestArgMaxTies(t *testing.T) {
	if got := Of([]float32{1, 2, 2, 5, 1, 0}, 2, 3).ArgMax(1).Int64s(); got[0] != 1 || got[1] != 0 {
		t.Errorf("argmax %v", got)
	}
}
