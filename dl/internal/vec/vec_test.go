package vec

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

// positive returns values in (0, 1].
func positive(x []float32) []float32 {
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = 1 - v*v*0.9
	}
	return y
}

// An op is a function under test. It reads x and y and writes to d and e.
type op struct {
	name string
	run  func(d, e, x, y []float32)
}

func first(d []float32, v float64) {
	if len(d) > 0 {
		d[0] = float32(v)
	}
}

// fiveRows are rows for what takes four at a time.
func fiveRows(x, y []float32) []float32 {
	return append(append(append(copied(x), y...), x...), append(copied(y), x...)...)
}

func copied(x []float32) []float32 { return append([]float32(nil), x...) }

var args3 = AdamArgs{LearningRate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, WeightDecay: 0.1, Step: 3}

var ops = []op{
	{"Add", func(d, _, x, y []float32) { Add(d, x, y) }},
	{"Sub", func(d, _, x, y []float32) { Sub(d, x, y) }},
	{"Mul", func(d, _, x, y []float32) { Mul(d, x, y) }},
	{"Div", func(d, _, x, y []float32) { Div(d, x, y) }},
	{"Add in place", func(d, _, x, y []float32) { copy(d, y); Add(d, d, x) }},
	{"Maximum", func(d, _, x, y []float32) { Maximum(d, x, y) }},
	{"Minimum", func(d, _, x, y []float32) { Minimum(d, x, y) }},
	{"MulAdd", func(d, _, x, y []float32) { copy(d, y); MulAdd(d, x, y) }},
	{"Scale", func(d, _, x, _ []float32) { Scale(d, 1.5, x) }},
	{"AddScalar", func(d, _, x, _ []float32) { AddScalar(d, 1.5, x) }},
	{"Axpy", func(d, _, x, y []float32) { copy(d, y); Axpy(1.5, x, d) }},
	{"Axpy4", func(d, e, x, y []float32) {
		copy(d, y)
		rows := append(append(append(copied(x), y...), x...), y...)
		Axpy4([4]float32{1.5, -0.5, 0.25, 2}, rows, len(x), d)
	}},
	{"Clip", func(d, _, x, _ []float32) { Clip(d, x, -0.5, 0.25) }},
	{"Relu", func(d, _, x, _ []float32) { Relu(d, x) }},
	{"ReluGrad", func(d, _, x, y []float32) { ReluGrad(d, x, y) }},
	{"Leaky", func(d, _, x, _ []float32) { Leaky(d, x, 0.1) }},
	{"LeakyGrad", func(d, _, x, y []float32) { LeakyGrad(d, x, y, 0.1) }},
	{"Sqrt", func(d, _, x, _ []float32) { Sqrt(d, positive(x)) }},
	{"Exp", func(d, _, x, _ []float32) { Exp(d, x) }},
	{"Log", func(d, _, x, _ []float32) { Log(d, positive(x)) }},
	{"Tanh", func(d, _, x, _ []float32) { Tanh(d, x) }},
	{"TanhGrad", func(d, _, x, y []float32) { TanhGrad(d, x, y) }},
	{"Sigmoid", func(d, _, x, _ []float32) { Sigmoid(d, x) }},
	{"SigmoidGrad", func(d, _, x, y []float32) { SigmoidGrad(d, x, y) }},
	{"GELU", func(d, _, x, _ []float32) { GELU(d, x) }},
	{"GELUGrad", func(d, _, x, y []float32) { GELUGrad(d, x, y) }},
	{"SiLU", func(d, _, x, _ []float32) { SiLU(d, x) }},
	{"SiLUGrad", func(d, _, x, y []float32) { SiLUGrad(d, x, y) }},
	{"GELUTanh", func(d, _, x, _ []float32) { GELUTanh(d, x) }},
	{"GELUTanhGrad", func(d, _, x, y []float32) { GELUTanhGrad(d, x, y) }},
	{"Softplus", func(d, _, x, _ []float32) { Softplus(d, x) }},
	{"SoftplusGrad", func(d, _, x, y []float32) { SoftplusGrad(d, x, y) }},
	{"Mish", func(d, _, x, _ []float32) { Mish(d, x) }},
	{"MishGrad", func(d, _, x, y []float32) { MishGrad(d, x, y) }},
	{"ELU", func(d, _, x, _ []float32) { ELU(d, x, 0.7, 1.2, 1.5) }},
	{"ELUGrad", func(d, _, x, y []float32) { ELUGrad(d, x, y, 0.7, 1.2, 1.5) }},
	{"HardSwish", func(d, _, x, _ []float32) { HardSwish(d, x) }},
	{"HardSwishGrad", func(d, _, x, y []float32) { HardSwishGrad(d, x, y) }},
	{"HardSigmoid", func(d, _, x, _ []float32) { HardSigmoid(d, x) }},
	{"Between", func(d, _, x, y []float32) { Between(d, x, y, -0.5, 0.25, 1.5) }},
	{"Beyond", func(d, _, x, y []float32) { Beyond(d, x, y, 0.5) }},
	{"SoftShrink", func(d, _, x, _ []float32) { SoftShrink(d, x, 0.5) }},
	{"Softsign", func(d, _, x, _ []float32) { Softsign(d, x) }},
	{"SoftsignGrad", func(d, _, x, y []float32) { SoftsignGrad(d, x, y) }},
	{"Threshold", func(d, _, x, y []float32) { Threshold(d, x, y, 0.2, 7) }},
	{"RMSNorm", func(d, e, x, y []float32) { first(e, float64(RMSNorm(d, x, y, 0.1))) }},
	{"RMSNormGrad", func(d, e, x, y []float32) {
		g := copied(x)
		RMSNormGrad(g, d, x, y, x, 1.5, false)
		copy(e, y)
		RMSNormGrad(e, d, x, y, y, 1.5, true)
		Add(d, d, g)
	}},
	{"Sum", func(d, _, x, _ []float32) { first(d, Sum(x)) }},
	{"RowSums", func(d, _, x, _ []float32) {
		if len(d) > 0 {
			RowSums(d[:1], x, len(x), 0.5)
		}
	}},
	{"Dot", func(d, _, x, y []float32) { first(d, Dot(x, y)) }},
	{"Dot2", func(d, e, x, y []float32) {
		a, b := Dot2(x, y, x)
		first(d, a)
		first(e, b)
	}},
	{"Deviation", func(d, _, x, _ []float32) { first(d, Deviation(x, 0.3)) }},
	{"Max", func(d, _, x, _ []float32) { first(d, float64(Max(x))) }},
	{"Min", func(d, _, x, _ []float32) { first(d, float64(Min(x))) }},
	{"SumRows", func(d, _, x, y []float32) {
		clear(d)
		SumRows(d, fiveRows(x, y))
	}},
	{"AddBiasRows", func(d, _, x, y []float32) { copy(d, x); AddBiasRows(d, y) }},
	{"SquareError", func(d, e, x, y []float32) { first(e, SquareError(d, x, y, 0.5)) }},
	{"LogitsError", func(d, e, x, y []float32) { first(e, LogitsError(d, x, y, 0.5)) }},
	{"ExpSum", func(d, e, x, _ []float32) { first(e, float64(ExpSum(d, x, 0.5, 0.25))) }},
	{"Softmax", func(d, _, x, _ []float32) { SoftmaxRows(d, x, len(x)) }},
	{"LogSoftmax", func(d, _, x, _ []float32) { LogSoftmaxRows(d, x, len(x)) }},
	{"SoftmaxAgain", func(d, e, x, y []float32) { copy(d, x); copy(e, y); SoftmaxAgain(d, e, 0.5, 0.25, 0.75, 2) }},
	{"SoftmaxGrad", func(d, _, x, y []float32) { SoftmaxGrad(d, x, y, 0.25, 2) }},
	{"CrossEntropy", func(d, e, x, _ []float32) {
		if len(x) > 0 {
			first(e, CrossEntropy(d, x, len(x)/2, 0.5))
		}
	}},
	{"LayerNorm", func(d, e, x, y []float32) {
		m, s := LayerNorm(d, x, y, x, 0.1)
		first(e, float64(m+s))
	}},
	{"LayerNormGrad", func(d, e, x, y []float32) {
		g := copied(x)
		LayerNormGrad(g, d, e, x, y, y, 0.1, 1.5, false)
		Add(d, d, g)
		LayerNormGrad(g, d, e, x, y, x, 0.1, 1.5, true)
		Add(e, e, g)
	}},
	{"LSTMState", func(d, e, x, y []float32) {
		i, f, g := copied(x), copied(y), copied(y)
		copy(d, x)
		h := copied(x)
		LSTMState(i, f, g, d, e, y, h)
		Mul(d, d, g)
		Add(d, d, h)
		Add(d, d, f)
		Add(d, d, i)
	}},
	{"LSTMGrad", func(d, e, x, y []float32) {
		f, g, o := copied(y), copied(x), copied(y)
		copy(d, x)
		copy(e, y)
		LSTMGrad(d, f, g, o, e, y, x, y)
		Add(d, d, f)
		Add(d, d, g)
		Add(d, d, o)
	}},
	{"GRUState", func(d, e, x, y []float32) {
		r, z := copied(x), copied(y)
		copy(d, x)
		GRUState(r, z, d, y, x, e)
		Add(d, d, r)
		Add(d, d, z)
	}},
	{"GRUGrad", func(d, e, x, y []float32) {
		r, z, extra := copied(x), copied(y), copied(y)
		copy(d, x)
		copy(e, y)
		GRUGrad(r, z, d, e, x, extra)
		Add(d, d, r)
		Add(d, d, z)
		Add(e, e, extra)
	}},
	{"Normalize", func(d, _, x, y []float32) { Normalize(d, x, y, y, x, false) }},
	{"Normalize with ReLU", func(d, _, x, y []float32) { Normalize(d, x, y, y, x, true) }},
	{"Deviations", func(d, _, x, y []float32) { copy(d, y); Deviations(d, x, y) }},
	{"SquareDeviations", func(d, _, x, y []float32) { copy(d, y); SquareDeviations(d, x, y) }},
	{"NormGrad.Sums", func(d, e, x, y []float32) {
		copy(d, x)
		copy(e, y)
		(&NormGrad{Mean: x}).Sums(d, e, x, y)
	}},
	{"NormGrad.Sums with ReLU", func(d, e, x, y []float32) {
		copy(d, x)
		copy(e, y)
		(&NormGrad{Mean: x, Scale: y, Shift: x, ReLU: true}).Sums(d, e, x, y)
	}},
	{"NormGrad.Rows", func(d, e, x, y []float32) {
		(&NormGrad{Mean: x, Scale: y, X: y, Add: x}).Rows(d, x, y)
		(&NormGrad{Mean: x, Scale: y, Shift: x, X: y, Add: x, ReLU: true}).Rows(e, x, y)
	}},
	{"Dropout", func(d, _, x, _ []float32) { Dropout(d, x, 0x1234567890abcdef, 77, 1<<30, 2) }},
	{"SGD", func(d, _, x, y []float32) { copy(d, y); SGD(d, x, nil, 0.1, 0, 0.01, false) }},
	{"SGD with momentum", func(d, e, x, y []float32) { copy(d, y); copy(e, x); SGD(d, x, e, 0.1, 0.9, 0.01, false) }},
	{"SGD, Nesterov", func(d, e, x, y []float32) { copy(d, y); copy(e, x); SGD(d, x, e, 0.1, 0.9, 0.01, true) }},
	{"Adam", func(d, e, x, y []float32) {
		m, v := copied(y), positive(x)
		copy(d, y)
		Adam(d, x, m, v, args3.Terms())
		Add(e, m, v)
	}},
	{"AddExact", func(d, e, x, y []float32) { copy(d, x); copy(e, y); AddExact(d, e, y) }},
	{"ScanRows", func(d, e, x, y []float32) {
		n := len(x)
		rows := append(append(copied(x), y...), x...)
		out := make([]float32, 3*n)
		clear(d)
		clear(e)
		ScanRows(d, e, out, rows, 0, n, 3)
		ScanRows(d, e, out, rows, 2*n, -n, 2)
		Add(e, out[n:2*n], out[2*n:])
	}},
	{"MaximumRows", func(d, _, x, y []float32) { copy(d, x); MaximumRows(d, fiveRows(x, y), len(x)) }},
	{"MinimumRows", func(d, _, x, y []float32) { copy(d, x); MinimumRows(d, fiveRows(x, y), len(x)) }},
	{"MulAddRows", func(d, _, x, y []float32) {
		copy(d, x)
		rows := fiveRows(x, y)
		MulAddRows(d, rows, rows, len(x))
	}},
	{"CopyRows", func(d, _, x, _ []float32) { CopyRows(d, 1, x, 1, len(x), 1) }},
	{"Product", func(d, e, x, _ []float32) {
		long := positive(x)
		for range 4 {
			long = append(long, long...)
		}
		for i := range long {
			long[i] += 0.3
		}
		product, ok := Product(long)
		product = math.Log(product)
		first(d, product)
		if !ok {
			first(d, 1)
		}
	}},
	{"AddExp", func(d, _, x, y []float32) { copy(d, y); AddExp(d, x, y) }},
	{"ExpTimes", func(d, _, x, y []float32) { ExpTimes(d, x, y, x) }},
	{"SubTwo", func(d, _, x, y []float32) { SubTwo(d, x, y, x) }},
	{"SoftmaxGradRow", func(d, _, x, y []float32) { SoftmaxGradRow(d, x, y, x) }},
	{"LogSoftmaxGradRow", func(d, _, x, y []float32) { LogSoftmaxGradRow(d, x, y, y) }},
	steps("RMSprop", func(p, g, s, v, m []float32) { RMSprop(p, g, s, nil, nil, &update3) }),
	steps("RMSprop with momentum", func(p, g, s, v, m []float32) { RMSprop(p, g, s, v, nil, momentum3(0.5)) }),
	steps("RMSprop, centered", func(p, g, s, v, m []float32) {
		Scale(m, 0.2, m) // so that the variance is not the difference of nearly equal numbers
		RMSprop(p, g, s, nil, m, &update3)
	}),
	steps("RMSprop, centered, with momentum", func(p, g, s, v, m []float32) {
		Scale(m, 0.2, m)
		RMSprop(p, g, s, v, m, momentum3(0.5))
	}),
	steps("AMSGrad", func(p, g, v, m, most []float32) { AMSGrad(p, g, m, v, most, &args3) }),
	steps("Adamax", func(p, g, u, m, _ []float32) { Adamax(p, g, m, u, &update3) }),
	steps("NAdam", func(p, g, v, m, _ []float32) { NAdam(p, g, m, v, &update3) }),
	steps("RAdam", func(p, g, v, m, _ []float32) { RAdam(p, g, m, v, &update3) }),
	steps("Adagrad", func(p, g, s, _, _ []float32) { Adagrad(p, g, s, &update3) }),
	steps("Adadelta", func(p, g, s, v, _ []float32) {
		copy(v, positive(g))
		Adadelta(p, g, s, v, &update3)
	}),
	steps("Lion", func(p, g, _, m, _ []float32) { Lion(p, g, m, &update3) }),
	steps("LAMBNorms", func(p, g, v, m, _ []float32) {
		ofWeights, ofStep := LAMBNorms(p, g, m, v, &update3)
		first(p, ofWeights+ofStep)
	}),
	steps("LAMB", func(p, _, v, m, _ []float32) { LAMB(p, m, v, &update3) }),
	steps("SquareSums", func(p, g, _, _, _ []float32) { first(p, SquareSums(p, g)) }),
	steps("FactorVector", func(p, g, v, _, _ []float32) {
		ofWeights, ofStep := FactorVector(p, g, v, &factors3)
		first(p, ofWeights+ofStep)
	}),
	steps("FactorNorms", func(p, g, v, _, _ []float32) {
		ofWeights, ofStep := FactorNorms(p, g, v, &factors3)
		first(p, ofWeights+ofStep)
	}),
	steps("FactorStep", func(p, g, v, _, _ []float32) { FactorStep(p, g, v, &factors3) }),
	steps("MomentumNorm", func(p, g, _, m, _ []float32) { first(g, MomentumNorm(p, g, m, 0.9, 0.7)) }),
	steps("ScaledStep", func(p, g, _, _, _ []float32) { ScaledStep(p, g, 0.9, 0.3) }),
	steps("Approach", func(p, g, _, _, _ []float32) { Approach(p, g, 0.3) }),
}

var (
	update3  = Update{Rate: 0.1, L2: 0.2, Keep: 0.9, Beta1: 0.8, Beta2: 0.9, Epsilon: 1e-3, Root: 0.7, Ahead: 1.3}
	factors3 = Factors{Rate: 0.1, Keep: 0.9, Scale: 1.2, Least: 1e-3, Share: 0.4}
)

func momentum3(momentum float64) *Update {
	u := update3
	u.Momentum = momentum
	return &u
}

// steps is the test of an optimizer's step: of weights, in d, by x, with a slot of positive values and two of any, whose
// sum is e.
func steps(name string, step func(p, g, square, s1, s2 []float32)) op {
	return op{"step of " + name, func(d, e, x, y []float32) {
		g, square, s1, s2 := copied(x), positive(x), copied(y), copied(x)
		copy(d, y)
		step(d, g, square, s1, s2)
		Add(e, square, s1)
		Add(e, e, s2)
	}}
}

// Every function agrees with its Go loop for every length and alignment, and
// writes nothing behind the slice.
func TestAgainstReference(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, set := range Sets()[:len(Sets())-1] {
		for _, o := range ops {
			for n := range 150 {
				for off := range 4 {
					x, y := random(r, n+off)[off:], random(r, n+off)[off:]
					d, e := random(r, n+off+8)[off:], random(r, n+off+8)[off:]
					wantD, wantE := copied(d), copied(e)
					undo := Force("portable")
					o.run(wantD[:n], wantE[:n], copied(x), copied(y))
					undo()
					undo = Force(set)
					o.run(d[:n], e[:n], x, y)
					undo()
					same(t, fmt.Sprintf("%s %s, length %d, offset %d", set, o.name, n, off), d, wantD)
					same(t, fmt.Sprintf("%s %s, length %d, offset %d, second result", set, o.name, n, off), e, wantE)
				}
			}
		}
	}
}

func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i, w := range want {
		if !(math.Abs(float64(got[i]-w)) <= 1e-5*(1+math.Abs(float64(w)))) {
			t.Fatalf("%s: [%d] = %v, want %v", what, i, got[i], w)
		}
	}
}

// NaN and infinities come out as from the Go loops.
func TestSpecialValues(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	special := []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, 1e-45, -1e-45, 3e38, -3e38, 88, 89, 90, -87, -100, -104, -110, 20, -20}
	for _, set := range Sets() {
		for _, o := range ops {
			switch name, _, _ := strings.Cut(o.name, " "); name {
			case "LayerNorm", "LayerNormGrad", "RMSNorm", "RMSNormGrad", "LogSoftmax", "Softmax", "CrossEntropy", "SumExp", "LogSoftmaxGrad":
				continue // of a whole row
			case "SGD", "SGD,", "step", "Adam", "LogitsError":
				continue // of several terms, which overflow or not as they are rounded
			}
			for _, v := range special {
				for _, w := range []float32{1, v} {
					x, y := make([]float32, 17), make([]float32, 17)
					Fill(x, v)
					Fill(y, w)
					d, e, wantD, wantE := make([]float32, 17), make([]float32, 17), make([]float32, 17), make([]float32, 17)
					undo := Force("portable")
					o.run(wantD, wantE, x, y)
					undo()
					undo = Force(set)
					o.run(d, e, x, y)
					undo()
					for i := range d {
						for k, g := range []float32{d[i], e[i]} {
							g, w := float64(g), float64([]float32{wantD[i], wantE[i]}[k])
							if !(g == w || math.IsNaN(g) && math.IsNaN(w) || math.Abs(g-w) <= 1e-5*math.Abs(w)+1e-37 && !math.IsInf(w, 0)) {
								t.Errorf("%s %s(%v, %v)[%d] = %v, want %v", set, o.name, v, y[0], i, g, w)
							}
						}
					}
				}
			}
		}
	}
}

// A kernel finds its arguments wherever the stack ends: it may have to grow,
// and move, on the way to the kernel, with -race also within.
func TestArgumentsStayInPlace(t *testing.T) {
	x := make([]float32, 100)
	Fill(x, -3.2)
	want := float64(float32(-3.2)) * 100
	for _, set := range Sets() {
		undo := Force(set)
		for depth := range 400 {
			result := make(chan float64)
			go func() { result <- sumAt(depth, x) }()
			if got := <-result; math.Abs(got-want) > 1e-4 {
				t.Fatalf("%s: sum %v at depth %d, want %v", set, got, depth, want)
			}
		}
		undo()
	}
}

// sumAt is Sum with so many frames more on the stack.
//
//go:noinline
func sumAt(depth int, x []float32) float64 {
	if depth > 0 {
		return sumAt(depth-1, x)
	}
	return Sum(x)
}
