package dl

import (
	"errors"
	"math"
	"strings"
	"testing"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/vec"
)

// onEverySet runs f with the kernels of each instruction set of the machine.
func onEverySet(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	kernels := gemm.Kernels()
	for i, set := range vec.Sets() {
		t.Run(string(set), func(t *testing.T) {
			defer vec.Force(set)()
			defer gemm.Force(kernels[min(i, len(kernels)-1)])()
			f(t)
		})
	}
}

// near compares with values that are right, relative to their size.
func near(t *testing.T, what string, got *Tensor, tolerance float64, want ...float64) {
	t.Helper()
	values := Values[float64](got)
	if len(values) != len(want) {
		t.Errorf("%s: %d elements, want %d", what, len(values), len(want))
		return
	}
	for i, w := range want {
		g := values[i]
		if g == w || math.IsNaN(g) && math.IsNaN(w) || math.Abs(g-w) <= tolerance*max(math.Abs(w), tolerance) {
			continue
		}
		t.Errorf("%s: element %d is %v, want %v", what, i, g, w)
	}
}

// both runs f with inputs as float64 and as float32, on every instruction set.
func both(t *testing.T, f func(t *testing.T, d DType)) {
	t.Helper()
	for _, d := range []DType{Float64, Float32} {
		t.Run(d.String(), func(t *testing.T) { onEverySet(t, func(t *testing.T) { f(t, d) }) })
	}
}

// Scores of any size: the largest is subtracted before the exponentials.
func TestAttentionOfLargeScores(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		q := Full(30, 1, 2, 64).To(d).RequireGrad()
		y := Attention(q, q, q, AttentionOptions{})
		near(t, "equal keys", y.Index(0).Slice(1, 0, 1), 1e-6, 30, 30)
		k := q.Detach().MulScalar(-1)
		near(t, "scores far below 0", Attention(q, k, q, AttentionOptions{}).Index(0).Slice(1, 0, 1), 1e-6, 30, 30)
		// softmax(q k^T) with scores 1000 and 1001, values 0 and 1.
		one := Of([]float64{1000}, 1, 1, 1).To(d).RequireGrad()
		keys, values := Of([]float64{1, 1.001}, 1, 2, 1).To(d).RequireGrad(), Of([]float64{0, 1}, 1, 2, 1).To(d).RequireGrad()
		p := sigmoid(1)
		y = Attention(one, keys, values, AttentionOptions{})
		near(t, "two keys", y, 1e-4, p)
		grads := Grad(y.Sum(), one, keys, values)
		near(t, "gradient of the query", grads[0], 1e-3, p*(1-p)*0.001)
		near(t, "gradient of the keys", grads[1], 1e-3, -1000*p*(1-p), 1000*p*(1-p))
		near(t, "gradient of the values", grads[2], 1e-3, 1-p, p)
	})
}

// The cross-entropy of sure logits keeps its digits, whatever their number.
func TestBinaryCrossEntropyOfSureLogits(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for n := 1; n < 40; n++ {
			for _, c := range []struct{ logit, target, want, gradient float64 }{
				{100, 1, 3.720075976020836e-44, -3.720075976020836e-44}, {20, 1, 2.061153620314381e-09, -2.061153620314381e-09},
				{-20, 0, 2.061153620314381e-09, 2.061153618190204e-09}, {20, 0, 20.000000002061153, 0.9999999979388464},
				{-20, 1, 20.000000002061153, -0.9999999979388464}, {0, 0.5, math.Ln2, 0}, {3, 0.25, 2.298587351573742, 0.7025741268224334},
				{-1e30, 0, 0, 0}, {1e30, 1, 0, 0}, {-1e30, 1, 1e30, -1},
			} {
				x, target := Full(c.logit, n).To(d).RequireGrad(), Full(c.target, n).To(d)
				loss := BinaryCrossEntropyLogits(x, target)
				g := Grad(loss, x)[0].MulScalar(float64(n))
				if c.logit == 100 { // below the normal numbers of float32
					if v := loss.Item(); v < 0 || v > 1e-43 {
						t.Errorf("%d logits of 100: %v", n, v)
					}
					continue
				}
				near(t, "loss", loss, 3e-6, c.want)
				if c.gradient != 0 {
					near(t, "first gradient", g.Slice(0, 0, 1), 3e-6, c.gradient)
					near(t, "last gradient", g.Slice(0, n-1, n), 3e-6, c.gradient)
				}
			}
		}
	})
}

// An offset of all logits changes nothing.
func TestSoftmaxOfLogitsFarFromZero(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for _, offset := range []float64{0, 1e4, -1e4, 1e6, 1e30, -1e30} {
			for _, n := range []int{2, 17, 300} {
				x := Full(offset, 2, n).To(d).RequireGrad()
				want := make([]float64, 2*n)
				for i := range want {
					want[i] = -math.Log(float64(n))
				}
				y := x.LogSoftmax(-1)
				near(t, "LogSoftmax", y, 3e-7, want...)
				near(t, "Softmax", x.Softmax(-1).Log(), 3e-7, want...)
				g := Grad(y.Slice(1, 0, 1).Sum(), x)[0]
				near(t, "gradient", g.Slice(1, 0, 2).Slice(0, 0, 1), 3e-6, 1-1/float64(n), -1/float64(n))
			}
		}
		inf, nan := math.Inf(1), math.NaN()
		for _, row := range [][]float64{{inf, 0, 1}, {nan, 0, 1}, {-inf, -inf, -inf}} {
			near(t, "LogSoftmax", Of(row).To(d).LogSoftmax(0), 0, nan, nan, nan)
			near(t, "Softmax", Of(row).To(d).Softmax(0), 0, nan, nan, nan)
		}
		near(t, "LogSoftmax", Of([]float64{-inf, 0}).To(d).LogSoftmax(0), 0, -inf, 0)
	})
}

// Long rows are added up in float64.
func TestSoftmaxOfLongRows(t *testing.T) {
	onEverySet(t, func(t *testing.T) {
		const n = 300_000
		x := NewRand(1).Uniforms(0, 1, n)
		sum := 0.0
		for _, v := range x.Float32s() {
			sum += math.Exp(float64(v))
		}
		y := x.Softmax(0).Float32s()
		for i := 0; i < n; i += 997 {
			want := math.Exp(float64(x.Float32s()[i])) / sum
			if math.Abs(float64(y[i])-want) > 1e-6*want {
				t.Fatalf("element %d: %v, want %v", i, y[i], want)
			}
		}
	})
}

// Derivatives do not overflow on the way to a result that is finite.
func TestDivGradientIsFinite(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for _, shape := range []Shape{{1}, {20}, {1, 1}} { // one shape, and broadcast
			a, b := Of([]float64{1e30}).To(d).RequireGrad(), Full(1e20, shape...).To(d).RequireGrad()
			grads := Grad(a.Div(b).MulScalar(1e10).Mean(), a, b)
			near(t, "a", grads[0], 1e-5, 1e-10)
			near(t, "b", grads[1].Sum(), 1e-5, -1)
		}
		if d == Float64 {
			a, b := Of([]float64{1e200}).RequireGrad(), Of([]float64{1e190}).RequireGrad()
			near(t, "squares beyond float64", Grad(a.Div(b).Sum(), b)[0], 1e-12, -1e-180)
		}
	})
}

// The limits of Clip are those of the dtype; there the gradient flows.
func TestClipAtItsLimits(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		x := Of([]float64{-0.2, -0.1, 0, 0.1, 0.2}).To(d).RequireGrad()
		near(t, "gradient", Grad(x.Clip(-0.1, 0.1).Sum(), x)[0], 0, 0, 1, 1, 1, 0)
	})
}

func TestClipRefusesNaN(t *testing.T) {
	for _, limits := range [][2]float64{{math.NaN(), 1}, {0, math.NaN()}} {
		var wrong *ValueError
		if err := Try(func() { Of([]float64{0, 2}).Clip(limits[0], limits[1]) }); !errors.As(err, &wrong) {
			t.Errorf("Clip to %v: %v", limits, err)
		}
	}
}

// The whole quotients of PyTorch 2.6 and Python, where the quotient itself rounds to a whole number, or is none.
func TestFloorDivIsPythons(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	a := []float64{1, -1, 1, 6, -6, 1, 0.3, 4.5, inf, -inf, 1, -1, 1, -1, 0, 1, nan, 5}
	b := []float64{0.1, 0.1, -0.1, 0.1, 0.1, 1e-8, 0.1, 1.5, 2, 2, inf, inf, 0, 0, 0, -inf, 1, nan}
	want := []float64{9, -10, -10, 59, -60, 99999999, 2, 3, nan, nan, 0, -1, inf, -inf, nan, -1, nan, nan}
	x, y := Of(a), Of(b)
	near(t, "FloorDiv", x.FloorDiv(y), 0, want...)
	q, rest := x.FloorDiv(y), x.Remainder(y)
	for i := range 8 { // a = q*b + rest, to the digits of that
		if got := q.At(i)*b[i] + rest.At(i); math.Abs(got-a[i]) > 1e-15*math.Abs(a[i]) {
			t.Errorf("%v times %v and %v are %v, not %v", q.At(i), b[i], rest.At(i), got, a[i])
		}
	}
}

// Where norms and deviations have a corner, they have PyTorch's gradients (2.6): of zeros, and of equal elements, 0.
func TestGradientsOfNormsAtTheirCorners(t *testing.T) {
	values := []float64{0, 2, 0, 3, -4, 0, 0, 0, 0}
	for p, want := range map[float64][]float64{
		0.5: {0, 1, 0, 2.1547005383792515, -1.8660254037844386, 0, 0, 0, 0}, 1: {0, 1, 0, 1, -1, 0, 0, 0, 0}, 2: {0, 1, 0, 0.6, -0.8, 0, 0, 0, 0},
		1.5: {0, 1, 0, 0.7329564758289748, -0.8463452372482761, 0, 0, 0, 0}, 3: {0, 1, 0, 0.4448513517305356, -0.7908468475209521, 0, 0, 0, 0},
	} {
		both(t, func(t *testing.T, d DType) {
			x := Of(values, 3, 3).To(d).RequireGrad()
			near(t, "Norm", Grad(x.Norm(p, 1).Sum(), x)[0], 1e-6, want...)
		})
	}
	both(t, func(t *testing.T, d DType) {
		x := Full(0.5, 2, 3).To(d).RequireGrad()
		near(t, "Std", Grad(x.Std(1).Sum(), x)[0], 0, 0, 0, 0, 0, 0, 0)
		near(t, "StdUnbiased", Grad(x.StdUnbiased().Sum(), x)[0], 0, 0, 0, 0, 0, 0, 0)
	})
}

func TestLerpEndsAtItsEnds(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		x, y := Of([]float64{1e20, 1, -3e10}).To(d), Of([]float64{1, 1e20, 0.1}).To(d)
		if !x.Lerp(y, 0).Equal(x) || !x.Lerp(y, 1).Equal(y) {
			t.Errorf("from %v to %v", x.Lerp(y, 0), x.Lerp(y, 1))
		}
	})
}

// A channel that is far from 0, or constant, keeps its digits; the values are those of float64 arithmetic.
func TestBatchNormFarFromZero(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for _, rows := range []int{1, 2, 64, 1000} {
			for _, v := range []float64{0.1, 1e4, 3e4, 1e7, -12345.678} {
				x := Full(v, rows, 3).To(d).RequireGrad()
				gamma, beta := Full(2, 3).To(d).RequireGrad(), Full(0.25, 3).To(d).RequireGrad()
				y := BatchNorm(x, gamma, beta, Zeros(3), Ones(3), BatchNormOptions{Training: true, Momentum: 0.9})
				near(t, "constant", y.Slice(0, rows-1, rows), 0, 0.25, 0.25, 0.25)
				grads := Grad(weigh(y), x, gamma)
				near(t, "gradient of gamma", grads[1], 0, 0, 0, 0)
			}
		}
		// Spread 1 around an offset: the offset changes neither result nor gradients.
		base := NewRand(5).Uniforms(-1, 1, 200, 5)
		for i, v := range base.Float32s() {
			base.Float32s()[i] = float32(math.Round(float64(v)*64) / 64) // exact beside the offset
		}
		results := func(d DType, offset float64) []*Tensor {
			x := base.To(Float64).AddScalar(offset).To(d).RequireGrad()
			gamma, beta := positive(2, 5).To(d).RequireGrad(), input(3, 5).To(d).RequireGrad()
			variance := Ones(5)
			y := BatchNorm(x, gamma, beta, Zeros(5), variance, BatchNormOptions{Training: true})
			fixed := BatchNorm(x, gamma, beta, Full(offset, 5), Ones(5), BatchNormOptions{})
			return append(Grad(weigh(y), x, gamma, beta), y, variance, fixed)
		}
		want := results(Float64, 0)
		for _, offset := range []float64{0, 1e2, 1e4, 1e5} {
			for k, g := range results(d, offset) {
				for i, w := range Values[float64](want[k]) {
					if v := Values[float64](g)[i]; math.Abs(v-w) > 2e-5*(1+math.Abs(w)) {
						t.Fatalf("offset %v, result %d, element %d: %v, want %v", offset, k, i, v, w)
					}
				}
			}
		}
	})
}

// Uniform numbers stay below the upper limit and do not fall below the lower one.
func TestUniformsKeepTheirLimits(t *testing.T) {
	for _, c := range []struct{ lo, hi float64 }{{1, 1.0000001}, {0, 1e-45}, {-1e-3, 0}, {1, 1 + 3e-7}, {0.1, 0.1000001}, {5, 5}} {
		for i, v := range NewRand(1).Uniforms(c.lo, c.hi, 1000).Float32s() {
			if float64(v) < c.lo || float64(v) >= c.hi && c.lo < c.hi {
				t.Fatalf("[%v, %v): number %d is %v", c.lo, c.hi, i, v)
			}
		}
	}
	if err := Try(func() { NewRand(1).Uniforms(2, 1, 3) }); err == nil || !strings.Contains(err.Error(), "from 2 to below 1") {
		t.Errorf("limits the wrong way round: %v", err)
	}
}

// What reduces nothing says so; what has nothing to say is empty.
func TestReductionsOfEmptyAxes(t *testing.T) {
	for _, c := range []struct {
		f    func()
		want string
	}{
		{func() { Zeros(2, 0).ArgMax(1) }, "ArgMax: shape [2 0]: axis 1 has no elements"},
		{func() { New(Int64, 0, 2).ArgMax(0) }, "axis 0 has no elements"},
		{func() { Zeros(2, 0).Max(1) }, "Max: shape [2 0]: there are no elements"},
		{func() { Zeros(0).Min() }, "Min: shape [0]: there are no elements"},
		{func() { Zeros(2, 3).Sum(0, 0) }, "Sum: shape [2 3]: axis 0 is named twice"},
		{func() { Zeros(2, 3).Mean(1, -1) }, "axis 1 is named twice"},
		{func() { Zeros(2, 3).Max(-2, 0) }, "axis 0 is named twice"},
	} {
		if err := Try(c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	for _, y := range []*Tensor{Zeros(0, 3).Max(1), Zeros(0, 3).Min(1), Zeros(0, 3).ArgMax(1), Zeros(0, 0).Max(1)} {
		if !y.Shape().Equal(Shape{0}) {
			t.Errorf("shape %v, want [0]", y.Shape())
		}
	}
}

// Tensors without elements have gradients, and none comes from old memory: the arena is full of NaN.
func TestGradientsOfEmptyTensors(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for _, c := range []struct {
			name string
			f    func(xs ...*Tensor) *Tensor
			in   []Shape
		}{
			{"LayerNorm", func(xs ...*Tensor) *Tensor { return LayerNorm(xs[0].Square(), xs[1], xs[2], 1e-5) }, []Shape{{3, 0}, {0}, {0}}},
			{"LayerNorm of no rows", func(xs ...*Tensor) *Tensor { return LayerNorm(xs[0].Square(), xs[1], xs[2], 1e-5) }, []Shape{{0, 3}, {3}, {3}}},
			{"BatchNorm of no rows", func(xs ...*Tensor) *Tensor {
				return BatchNorm(xs[0].Square(), xs[1], xs[2], Zeros(3), Ones(3), BatchNormOptions{Training: true, Momentum: 0.9})
			}, []Shape{{0, 3}, {3}, {3}}},
			{"Attention of no queries", func(xs ...*Tensor) *Tensor { return Attention(xs[0], xs[1].Square(), xs[2], AttentionOptions{}) }, []Shape{{2, 0, 4}, {2, 3, 4}, {2, 3, 4}}},
			{"SelfAttention", func(xs ...*Tensor) *Tensor { return SelfAttention(xs[0].Square(), AttentionOptions{Causal: true}) }, []Shape{{2, 0, 12}}},
			{"MatMul without depth", func(xs ...*Tensor) *Tensor { return xs[0].Square().MatMul(xs[1]) }, []Shape{{2, 0}, {0, 3}}},
			{"MatMul of no rows", func(xs ...*Tensor) *Tensor { return xs[0].Square().MatMul(xs[1]) }, []Shape{{0, 2}, {2, 3}}},
			{"MatMul of no batch", func(xs ...*Tensor) *Tensor { return xs[0].Square().MatMul(xs[1]) }, []Shape{{0, 2, 4}, {4, 3}}},
			{"Affine of no rows", func(xs ...*Tensor) *Tensor { return Affine(xs[0].Square(), xs[1], xs[2], FuseReLU) }, []Shape{{0, 2}, {2, 3}, {3}}},
			{"Affine without inputs", func(xs ...*Tensor) *Tensor { return Affine(xs[0].Square(), xs[1], xs[2], FuseGELU) }, []Shape{{2, 0}, {0, 3}, {3}}},
			{"Conv2D of no images", func(xs ...*Tensor) *Tensor { return Conv2D(xs[0].Square(), xs[1], xs[2], ConvOptions{}) }, []Shape{{0, 4, 4, 2}, {3, 3, 2, 5}, {5}}},
			{"MaxPool2D of no images", func(xs ...*Tensor) *Tensor { return MaxPool2D(xs[0].Square(), PoolOptions{Size: [2]int{2, 2}}) }, []Shape{{0, 4, 4, 2}}},
			{"Softmax of nothing", func(xs ...*Tensor) *Tensor { return xs[0].Square().Softmax(-1) }, []Shape{{3, 0}}},
			{"Add rows", func(xs ...*Tensor) *Tensor { return xs[0].Square().Add(xs[1]) }, []Shape{{0, 3}, {3}}},
			{"Mul column", func(xs ...*Tensor) *Tensor { return xs[0].Square().Mul(xs[1]) }, []Shape{{3, 0}, {3, 1}}},
			{"Sum of nothing", func(xs ...*Tensor) *Tensor { return xs[0].Square().Sum(1) }, []Shape{{3, 0}}},
			{"Max of no rows", func(xs ...*Tensor) *Tensor { return xs[0].Square().Max(1) }, []Shape{{0, 3}}},
		} {
			arena := NewArena()
			for _, fill := range []float64{math.NaN(), 2} {
				xs := make([]*Tensor, len(c.in))
				for i, s := range c.in {
					xs[i] = Full(fill, s...).To(d).RequireGrad()
				}
				arena.Run(func() {
					y := c.f(xs...)
					junk := Full(math.NaN(), 2, 3, 12).To(d) // memory that the next step finds
					Attention(junk, junk, junk, AttentionOptions{}).Sum().MulScalar(1)
					y.Square().Sum().Backward()
				})
				for i, x := range xs {
					g := x.Grad()
					if g == nil || !g.Shape().Equal(x.Shape()) {
						t.Errorf("%s: no gradient of input %d", c.name, i)
						continue
					}
					for _, v := range Values[float64](g) {
						if fill == 2 && v != v {
							t.Errorf("%s: gradient %d is %v", c.name, i, g)
							break
						}
					}
				}
			}
		}
	})
}

// The shape of a scalar is a shape.
func TestOfTakesTheShapeOfAScalar(t *testing.T) {
	for _, s := range []*Tensor{Scalar(2), Of([]float32{1, 2}).Sum(), New(Int32), Wrap([]float32{1}, Shape{}...), Of([]float64{1}, Shape{}...)} {
		if got := Of([]float32{3}, s.Shape()...).Shape(); len(got) != 0 {
			t.Errorf("shape %v, want []", got)
		}
	}
	if got := Of([]float32{3}).Shape(); !got.Equal(Shape{1}) {
		t.Errorf("without a shape: %v, want [1]", got)
	}
}

// Rows of probabilities may have any number of axes before them.
func TestCrossEntropyOfSequences(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		logits, labels := input(1, 2, 3, 4).To(d).RequireGrad(), Of([]int32{2, 0, 1, 1, 3, 0}, 2, 3)
		want, got := SparseCrossEntropy(logits, labels), CrossEntropy(logits, labels.OneHot(4).To(d))
		near(t, "loss", got, 1e-6, want.Item())
		near(t, "gradient", Grad(got, logits)[0], 1e-5, Values[float64](Grad(want, logits)[0])...)
	})
}

// PyTorch's values: binary_cross_entropy(p, t, reduction="sum") and its gradient. The logarithms are at least -100, the
// divisor of the gradient at least 1e-12.
func TestBinaryCrossEntropyOfSureModels(t *testing.T) {
	both(t, func(t *testing.T, d DType) {
		for _, tt := range []struct{ p, t, loss, gradient float64 }{
			{1, 0, 100, 1e12},
			{0, 1, 100, -1e12},
			{1, 1, 0, 0},
			{0, 0, 0, 0},
			{0.25, 1, 1.3862943611198906, -4},
			{0.25, 0, 0.2876820724517809, 1.3333333333333333},
			{1, 0.5, 50, 5e11},
			{0x1p-30, 1, 20.79441541679836, -0x1p30},
			{1 - 0x1p-24, 0, 16.635532333438686, 0x1p24},
		} {
			p := Full(1, 1).To(Float64).MulScalar(tt.p).To(d).RequireGrad()
			y := BinaryCrossEntropy(p, Full(1, 1).To(Float64).MulScalar(tt.t).To(d))
			near(t, "loss", y, 2e-6*max(tt.loss, 1e-3), tt.loss)
			near(t, "gradient", Grad(y, p)[0], 2e-6*math.Abs(tt.gradient), tt.gradient)
			y = BinaryCrossEntropy(p, Full(1, 1).To(Float64).MulScalar(tt.t).To(d))
			near(t, "recorded gradient", GradWith(GradOptions{CreateGraph: true}, y, p)[0], 2e-6*math.Abs(tt.gradient), tt.gradient)
		}
	})
}

// The numbers from 0 on are exact, or an error says which dtype holds them.
func TestArange(t *testing.T) {
	near(t, "float32", Arange(4), 0, 0, 1, 2, 3)
	if y := Arange(1 << 24); y.At(1<<24-1) != 1<<24-1 {
		t.Error("the last number of float32")
	}
	for d, largest := range map[DType]int{Float16: 2049, BFloat16: 257, Int8: 128, Uint8: 256, Int16: 32768, Uint16: 65536, Int32: 70000, Int64: 70000, Float64: 70000} {
		y := ArangeOf(d, largest)
		if y.DType() != d || y.Size() != largest || y.At(largest-1) != float64(largest-1) || y.At(largest/2) != float64(largest/2) {
			t.Errorf("%v: %v", d, y)
		}
		if largest == 70000 {
			continue
		}
		for more := range 3 {
			if err := Try(func() { ArangeOf(d, largest+1+more) }); err == nil || !strings.Contains(err.Error(), "ArangeOf(dl.Int64") {
				t.Errorf("%v of %d: %v", d, largest+1+more, err)
			}
		}
	}
	for _, n := range []int{1<<24 + 2, 1<<24 + 3} {
		if err := Try(func() { Arange(n) }); err == nil || !strings.Contains(err.Error(), "float32 does not hold") {
			t.Errorf("%d: %v", n, err)
		}
	}
	if Arange(0).Size() != 0 || Arange(1).At(0) != 0 {
		t.Error("no numbers, and one")
	}
}
