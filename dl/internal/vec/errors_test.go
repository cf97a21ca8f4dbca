package vec

import (
	"math"
	"testing"
)

// The elementary functions are exact to a few units in the last place, at
// values of every magnitude. The limits are what functions.go tells; the values
// at which every 61st of the float32 numbers is worst are among those tried.
func TestErrors(t *testing.T) {
	const sqrt2Pi = 2.506628274631000502
	for _, f := range []struct {
		name     string
		f        func(dst, x []float32)
		exact    func(x float64) float64
		lo, hi   float64
		ulp      float64
		negative bool
	}{
		{"Exp", Exp, math.Exp, 1e-10, 87, 1, true},
		{"Log", Log, math.Log, 1e-38, 3e38, 0.8, false},
		{"Tanh", Tanh, math.Tanh, 1e-30, 20, 1.3, true},
		{"Sigmoid", Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 1e-30, 85, 2.5, true},
		{"GELU", GELU, func(x float64) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) }, 1e-30, 13, 7.5, true},
		{"SiLU", SiLU, func(x float64) float64 { return x / (1 + math.Exp(-x)) }, 1e-30, 80, 2.7, true},
		{"GELUTanh", GELUTanh, func(x float64) float64 { s, _ := geluSigmoid(x); return x * s }, 1e-30, 6, 46, true},
		{"Softplus", Softplus, func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 1e-30, 80, 2.2, true},
		{"Mish", Mish, func(x float64) float64 { return x * math.Tanh(max(x, 0)+math.Log1p(math.Exp(-math.Abs(x)))) }, 1e-30, 80, 3.8, true},
		{"ELU", func(dst, x []float32) { ELU(dst, x, 1, 1, 1) }, func(x float64) float64 {
			if x > 0 {
				return x
			}
			return math.Expm1(x)
		}, 1e-30, 80, 0.8, true},
		{"LSTMState's sigmoid", func(dst, x []float32) { g := lstmOf(x); copy(dst, g[0]) }, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 1e-30, 85, 4.4, true},
		{"LSTMState's tanh", func(dst, x []float32) { g := lstmOf(x); copy(dst, g[1]) }, math.Tanh, 1e-30, 20, 2.8, true},
		{"Sqrt", Sqrt, math.Sqrt, 1e-38, 3e38, 0.5001, false},
		// The derivative of GELU passes zero at -0.75: there the error is one of the sum's.
		{"GELUGrad", func(dst, x []float32) {
			one := make([]float32, len(x))
			Fill(one, 1)
			GELUGrad(dst, one, x)
		}, func(x float64) float64 { return 0.5*math.Erfc(-x/math.Sqrt2) + x*math.Exp(-x*x/2)/sqrt2Pi }, 1e-30, 0.5, 9.8, true},
		// Those of large values are next to 1, and stay so.
		{"GELUGrad of large values", func(dst, x []float32) {
			one := make([]float32, len(x))
			Fill(one, 1)
			GELUGrad(dst, one, x)
		}, func(x float64) float64 { return 0.5*math.Erfc(-x/math.Sqrt2) + x*math.Exp(-x*x/2)/sqrt2Pi }, 1e-30, 3e38, 4, false},
		{"MishGrad of large values", func(dst, x []float32) {
			one := make([]float32, len(x))
			Fill(one, 1)
			MishGrad(dst, one, x)
		}, func(x float64) float64 {
			t := math.Tanh(x + math.Log1p(math.Exp(-x)))
			return t + x*(1-t*t)/(1+math.Exp(-x))
		}, 1e-30, 3e38, 5, false},
		{"GELUTanhGrad of large values", func(dst, x []float32) {
			one := make([]float32, len(x))
			Fill(one, 1)
			GELUTanhGrad(dst, one, x)
		}, func(x float64) float64 { s, slope := geluSigmoid(x); return s + x*s*(1-s)*slope }, 1e-30, 3e38, 17, false},
	} {
		const n = 200000
		x := make([]float32, 0, 2*n)
		for _, v := range []float32{28.03146, 0.7016256, 0.62723625, 16.645851, 0.015302182, 0.34245324} {
			if float64(v) < f.hi {
				x = append(x, v)
				if f.negative {
					x = append(x, -v)
				}
			}
		}
		for i := range n {
			v := float32(math.Exp(math.Log(f.lo) + (math.Log(f.hi)-math.Log(f.lo))*float64(i)/n))
			if i%2 == 0 { // half of them evenly spread
				v = float32(f.hi * float64(i+1) / n)
			}
			x = append(x, v)
			if f.negative {
				x = append(x, -v)
			}
		}
		y := make([]float32, len(x))
		for _, set := range Sets() {
			undo := Force(set)
			f.f(y, x)
			undo()
			worst, at := 0.0, float32(0)
			for i, v := range x {
				want := f.exact(float64(v))
				if math.Abs(want) < 1.2e-37 {
					continue
				}
				_, e := math.Frexp(want)
				if d := math.Abs(float64(y[i])-want) / math.Ldexp(1, e-24); d > worst {
					worst, at = d, v
				}
			}
			t.Logf("%s %s: %.2f ulp at %v", set, f.name, worst, at)
			if worst > f.ulp {
				t.Errorf("%s %s: %.2f ulp at %v, at most %v allowed", set, f.name, worst, at, f.ulp)
			}
		}
	}
}

// lstmOf returns the gates i and g of an LSTM with these sums.
func lstmOf(x []float32) [2][]float32 {
	var p [7][]float32
	for i := range p {
		p[i] = append([]float32(nil), x...)
	}
	LSTMState(p[0], p[1], p[2], p[3], p[4], p[5], p[6])
	return [2][]float32{p[0], p[2]}
}

// Nothing here allocates.
func TestAllocatesNothing(t *testing.T) {
	x, y, d, e := make([]float32, 5000), make([]float32, 5000), make([]float32, 5000), make([]float32, 5000)
	for _, set := range Sets() {
		undo := Force(set)
		if n := testing.AllocsPerRun(10, func() {
			Add(d, x, y)
			Sum(x)
			Max(x)
			Dot(x, y)
			GELU(d, x)
			ExpSum(d, x, 1, 0)
			Dropout(d, x, 1, 0, 1, 1)
			LayerNormGrad(d, d, e, x, y, y, 0, 1, false)
			Adam(d, x, y, e, args3.Terms())
		}); n > 0 {
			t.Errorf("%s: %v allocations", set, n)
		}
		undo()
	}
}

// The random numbers are those of Threefry-2x32: known answers for 13 rounds
// of the authors' library (Random123, kat_vectors).
func TestThreefry(t *testing.T) {
	for _, c := range []struct {
		n, key0, key1, want uint32
	}{{0, 0, 0, 0x9d1c5ec6}} {
		if got := threefry(c.n, c.key0, c.key1); got != c.want {
			t.Errorf("threefry(%x; %x, %x) = %#x, want %#x", c.n, c.key0, c.key1, got, c.want)
		}
	}
}

// Dropout depends on the numbers of the elements, not on how they are split.
func TestDropoutSplits(t *testing.T) {
	const n = 1000
	x, whole, parts := make([]float32, n), make([]float32, n), make([]float32, n)
	Fill(x, 1)
	for _, set := range Sets() {
		undo := Force(set)
		Dropout(whole, x, 5, 0, 1<<29, 1)
		for lo, hi := 0, 1; lo < n; lo, hi = hi, min(n, hi*2+3) {
			Dropout(parts[lo:hi], x[lo:hi], 5, lo, 1<<29, 1)
		}
		undo()
		kept := 0.0
		for i, v := range whole {
			kept += float64(v)
			if parts[i] != v {
				t.Fatalf("%s: element %d differs", set, i)
			}
		}
		if kept < 0.7*n || kept > 0.8*n {
			t.Errorf("%s: %v of %d kept, 3/4 expected", set, kept, n)
		}
	}
}

func BenchmarkFunctions(b *testing.B) {
	const n = 1 << 13
	x, y := make([]float32, n), make([]float32, n)
	for i := range x {
		x[i] = float32(i%200)/20 - 5
	}
	for _, f := range []struct {
		name string
		f    func(dst, x []float32)
	}{{"Exp", Exp}, {"Log", Log}, {"Tanh", Tanh}, {"Sigmoid", Sigmoid}, {"GELU", GELU},
		{"GELUGrad", func(dst, x []float32) { GELUGrad(dst, x, x) }},
		{"Dropout", func(dst, x []float32) { Dropout(dst, x, 1, 0, 1<<30, 2) }},
		{"Sum", func(_, x []float32) { Sum(x) }}, {"Max", func(_, x []float32) { Max(x) }}} {
		for _, set := range Sets() {
			b.Run(f.name+"/"+string(set), func(b *testing.B) {
				defer Force(set)()
				b.SetBytes(4 * n)
				for b.Loop() {
					f.f(y, x)
				}
			})
		}
	}
}

func BenchmarkAdam(b *testing.B) {
	const n = 2770634
	p, d, m, v := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	b.SetBytes(7 * 4 * n)
	i := 0
	for b.Loop() {
		i++
		a := AdamArgs{LearningRate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7, Step: i}
		Adam(p, d, m, v, a.Terms())
	}
}
