package nn

import (
	"math"

	"modelbook/dl"
)

// Initializer gives the values with which a parameter begins. fanIn and fanOut are the numbers of inputs that one
// output depends on and of outputs that one input reaches.
type Initializer interface {
	Fill(values []float32, fanIn, fanOut int, r *dl.Rand)
}

// scaled draws from a uniform or normal distribution whose variance is gain/fan.
type scaled struct {
	gain   float64
	mean   bool // fan is the mean of fanIn and fanOut, else fanIn
	normal bool
}

var (
	// GlorotUniform is uniform in ±sqrt(6/(fanIn+fanOut)): the default for weights, as in Keras.
	GlorotUniform Initializer = scaled{gain: 1, mean: true}
	// GlorotNormal is normal with the variance 2/(fanIn+fanOut), not truncated (as PyTorch's; Keras truncates).
	GlorotNormal Initializer = scaled{gain: 1, mean: true, normal: true}
	// HeUniform is uniform in ±sqrt(6/fanIn), made for ReLU.
	HeUniform Initializer = scaled{gain: 2}
	// HeNormal is normal with the variance 2/fanIn, not truncated (as PyTorch's; Keras truncates).
	HeNormal Initializer = scaled{gain: 2, normal: true}
	// Zeros is 0 everywhere: the default for biases, as in Keras (PyTorch draws biases at random).
	Zeros Initializer = Constant(0)
	// Ones is 1 everywhere.
	Ones Initializer = Constant(1)
)

func (s scaled) Fill(values []float32, fanIn, fanOut int, r *dl.Rand) {
	fan := float64(fanIn)
	if s.mean {
		fan = float64(fanIn+fanOut) / 2
	}
	deviation := math.Sqrt(s.gain / max(fan, 1))
	if s.normal {
		Normal{StdDev: deviation}.Fill(values, fanIn, fanOut, r)
		return
	}
	limit := deviation * math.Sqrt(3)
	Uniform{Low: -limit, High: limit}.Fill(values, fanIn, fanOut, r)
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
	for i := range values {
		values[i] = float32(low + (high-low)*r.Float64())
	}
}
