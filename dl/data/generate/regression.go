package generate

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Regression is n points [features] of the standard normal distribution, whose target [1] is the sum of the informative
// features times coefficients from 0 to 100, with noise of a standard deviation on it: make_regression. It returns the
// coefficients, 0 for features that say nothing.
func Regression(n, features, informative int, noise float64, r *dl.Rand) (*data.Tensors, []float64) {
	const op = "generate.Regression"
	r = check(op, n, features, noise, r)
	if informative < 0 || informative > features {
		dl.PanicValue(op, "%d informative of %d features", informative, features)
	}
	coefficients := make([]float64, features)
	for _, j := range r.Perm(features)[:informative] {
		coefficients[j] = 100 * r.Float64()
	}
	var p points
	x := make([]float64, features)
	for range n {
		y := noise * r.Normal()
		for j := range x {
			x[j] = r.Normal()
			y += x[j] * coefficients[j]
		}
		p.target(y, x...)
	}
	return p.dataset(0, r), coefficients
}

// Friedman1 is n points [features] from 0 to 1, at least 5 features, with the target
// 10 sin(pi x0 x1) + 20 (x2 - 0.5)^2 + 10 x3 + 5 x4 and noise of a standard deviation: make_friedman1 (Friedman,
// "Multivariate adaptive regression splines", 1991).
func Friedman1(n, features int, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.Friedman1", n, features, noise, r)
	if features < 5 {
		dl.PanicValue("generate.Friedman1", "%d features: at least 5 are needed", features)
	}
	var p points
	x := make([]float64, features)
	for range n {
		for j := range x {
			x[j] = r.Float64()
		}
		p.target(friedman1(x)+noise*r.Normal(), x...)
	}
	return p.dataset(0, r)
}

// Friedman2 is n points [4] of an electric circuit with its impedance as the target,
// sqrt(x0^2 + (x1 x2 - 1/(x1 x3))^2), and noise of a standard deviation: make_friedman2.
func Friedman2(n int, noise float64, r *dl.Rand) *data.Tensors {
	return circuit("generate.Friedman2", n, noise, r, friedman2)
}

// Friedman3 is n points [4] of an electric circuit with its phase angle as the target,
// atan((x1 x2 - 1/(x1 x3)) / x0), and noise of a standard deviation: make_friedman3.
func Friedman3(n int, noise float64, r *dl.Rand) *data.Tensors {
	return circuit("generate.Friedman3", n, noise, r, friedman3)
}

func friedman1(x []float64) float64 {
	return 10*math.Sin(math.Pi*x[0]*x[1]) + 20*(x[2]-0.5)*(x[2]-0.5) + 10*x[3] + 5*x[4]
}

func friedman2(x []float64) float64 { return math.Hypot(x[0], x[1]*x[2]-1/(x[1]*x[3])) }

func friedman3(x []float64) float64 { return math.Atan((x[1]*x[2] - 1/(x[1]*x[3])) / x[0]) }

func roll(t, y float64) []float64 { return []float64{t * math.Cos(t), y, t * math.Sin(t)} }

func curve(t, y float64) []float64 {
	return []float64{math.Sin(t), y, math.Copysign(1, t) * (math.Cos(t) - 1)}
}

func circuit(op string, n int, noise float64, r *dl.Rand, f func(x []float64) float64) *data.Tensors {
	r = check(op, n, 4, noise, r)
	var p points
	for range n {
		x := []float64{100 * r.Float64(), math.Pi * (40 + 520*r.Float64()), r.Float64(), 1 + 10*r.Float64()}
		p.target(f(x)+noise*r.Normal(), x...)
	}
	return p.dataset(0, r)
}

// SwissRoll is n points [3] of a rolled up plane, with the place along the roll as the target: make_swiss_roll. The
// noise is a standard deviation.
func SwissRoll(n int, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.SwissRoll", n, 3, noise, r)
	var p points
	for range n {
		t, y := 1.5*math.Pi*(1+2*r.Float64()), 21*r.Float64()
		p.target(t, roll(t, y)...)
	}
	return p.dataset(noise, r)
}

// SCurve is n points [3] of a plane bent like an S, with the place along it as the target: make_s_curve. The noise is a
// standard deviation.
func SCurve(n int, noise float64, r *dl.Rand) *data.Tensors {
	r = check("generate.SCurve", n, 3, noise, r)
	var p points
	for range n {
		t, y := 3*math.Pi*(r.Float64()-0.5), 2*r.Float64()
		p.target(t, curve(t, y)...)
	}
	return p.dataset(noise, r)
}
