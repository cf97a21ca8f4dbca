package nn

import (
	"math"

	"modelbook/dl"
)

// Initializer gives the values with which a parameter begins. fanIn and fanOut are the numbers of inputs that one
// output depends on and of outputs that one input reaches. A nil r is dl.DefaultRand.
type Initializer interface {
	Fill(values []float32, fanIn, fanOut int, r *dl.Rand)
}

// A ShapedInitializer is an initialiser that must know the parameter's shape, as one of matrices does. An error says
// what shape it needs.
type ShapedInitializer interface {
	Initializer
	FillShape(values []float32, shape dl.Shape, r *dl.Rand) error
}

// Fan is the number by which VarianceScaling divides the variance.
type Fan uint8

const (
	FanIn      Fan = iota // of inputs that one output depends on
	FanOut                // of outputs that one input reaches
	FanAverage            // the mean of both
)

// VarianceScaling draws from a distribution with mean 0 and the variance Scale/fan. The zero value is Keras's default,
// a truncated normal distribution with the variance 1/fanIn. The initialisers below are made of it.
type VarianceScaling struct {
	Scale       float64 // 0: 1
	Mode        Fan
	Uniform     bool // a uniform distribution
	Untruncated bool // a normal distribution without limits; else none is farther from 0 than two deviations of the uncut one
}

var (
	// GlorotUniform is uniform in ±sqrt(6/(fanIn+fanOut)): the default for weights, as in Keras (Glorot and Bengio, 2010).
	GlorotUniform Initializer = VarianceScaling{Mode: FanAverage, Uniform: true}
	// GlorotNormal is normal with the variance 2/(fanIn+fanOut), not truncated (as PyTorch's; Keras truncates).
	GlorotNormal Initializer = VarianceScaling{Mode: FanAverage, Untruncated: true}
	// HeUniform is uniform in ±sqrt(6/fanIn), made for ReLU (He et al., 2015).
	HeUniform Initializer = VarianceScaling{Scale: 2, Uniform: true}
	// HeNormal is normal with the variance 2/fanIn, not truncated (as PyTorch's; Keras truncates).
	HeNormal Initializer = VarianceScaling{Scale: 2, Untruncated: true}
	// LeCunUniform is uniform in ±sqrt(3/fanIn) (LeCun et al., 1998).
	LeCunUniform Initializer = VarianceScaling{Uniform: true}
	// LeCunNormal is normal with the variance 1/fanIn, truncated as in Keras: for SELU.
	LeCunNormal Initializer = VarianceScaling{}
	// Zeros is 0 everywhere: the default for biases, as in Keras (PyTorch draws biases at random).
	Zeros Initializer = Constant(0)
	// Ones is 1 everywhere.
	Ones Initializer = Constant(1)
)

// Fill sets the values: see [Initializer].
func (s VarianceScaling) Fill(values []float32, fanIn, fanOut int, r *dl.Rand) {
	fan, scale := float64(fanIn), s.Scale
	if !(scale >= 0) || math.IsInf(scale, 0) || s.Mode > FanAverage {
		dl.PanicValue("nn.VarianceScaling.Fill", "Scale is %v and Mode %d; Scale is above 0, or 0 for 1, and Mode FanIn, FanOut or FanAverage", scale, s.Mode)
	}
	switch s.Mode {
	case FanOut:
		fan = float64(fanOut)
	case FanAverage:
		fan = float64(fanIn+fanOut) / 2
	}
	if scale == 0 {
		scale = 1
	}
	deviation := math.Sqrt(scale / max(fan, 1))
	switch {
	case s.Uniform:
		limit := deviation * math.Sqrt(3)
		Uniform{Low: -limit, High: limit}.Fill(values, fanIn, fanOut, r)
	case s.Untruncated:
		Normal{StdDev: deviation}.Fill(values, fanIn, fanOut, r)
	default: // cut at two deviations, a normal distribution of deviation 1 has 0.87962566
		TruncatedNormal{StdDev: deviation / 0.87962566103423978}.Fill(values, fanIn, fanOut, r)
	}
}

// source is r, or dl's default source where it is nil.
func source(r *dl.Rand) *dl.Rand {
	if r == nil {
		return dl.DefaultRand()
	}
	return r
}

// drawable refuses a normal distribution that is none.
func drawable(name string, mean, deviation float64) {
	if !(deviation >= 0) || math.IsInf(deviation, 0) || math.IsNaN(mean) || math.IsInf(mean, 0) {
		dl.PanicValue("nn."+name+".Fill", "Mean is %v and StdDev %v; both are finite, and StdDev is above 0, or 0 for the default", mean, deviation)
	}
}

// Constant is the same value everywhere.
type Constant float64

// Fill sets the values: see [Initializer].
func (c Constant) Fill(values []float32, _, _ int, _ *dl.Rand) {
	for i := range values {
		values[i] = float32(c)
	}
}

// Normal is a normal distribution; a StdDev of 0 means 0.05, as in Keras.
type Normal struct{ Mean, StdDev float64 }

// Fill sets the values: see [Initializer].
func (n Normal) Fill(values []float32, _, _ int, r *dl.Rand) {
	deviation := n.StdDev
	if deviation == 0 {
		deviation = 0.05
	}
	drawable("Normal", n.Mean, deviation)
	r = source(r)
	for i := range values {
		values[i] = float32(n.Mean + deviation*r.Normal())
	}
}

// Uniform is a uniform distribution from Low to High; both 0 mean -0.05 to 0.05, as in Keras.
type Uniform struct{ Low, High float64 }

// Fill sets the values: see [Initializer].
func (u Uniform) Fill(values []float32, _, _ int, r *dl.Rand) {
	low, high := u.Low, u.High
	if low == 0 && high == 0 {
		low, high = -0.05, 0.05
	}
	if !(low <= high) || math.IsInf(high-low, 0) {
		dl.PanicValue("nn.Uniform.Fill", "numbers from %v to %v are impossible: Low must not be above High, and both finite", low, high)
	}
	r = source(r)
	for i := range values {
		values[i] = float32(low + (high-low)*r.Float64())
	}
}

// TruncatedNormal is a normal distribution of which numbers farther from Mean than two StdDev are not drawn; a StdDev of
// 0 means 0.05, as in Keras. (PyTorch's trunc_normal_ has StdDev 1 and limits at -2 and 2.)
type TruncatedNormal struct{ Mean, StdDev float64 }

// Fill sets the values: see [Initializer].
func (n TruncatedNormal) Fill(values []float32, _, _ int, r *dl.Rand) {
	deviation := n.StdDev
	if deviation == 0 {
		deviation = 0.05
	}
	drawable("TruncatedNormal", n.Mean, deviation)
	r = source(r)
	for i := range values {
		v := r.Normal()
		for math.Abs(v) > 2 {
			v = r.Normal()
		}
		values[i] = float32(n.Mean + deviation*v)
	}
}
