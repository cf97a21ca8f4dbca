package dl

import "math"

func zeroSlope(_, _ float64, _ params) float64 { return 0 }

func asItIs(x int64, _ [2]int64) int64 { return x }

// The derivatives are 0 but at the steps, where it is taken to be 0, too.
var (
	floorRule = rule{op: "Floor", f: plain(math.Floor), whole: asItIs, d: zeroSlope}
	ceilRule  = rule{op: "Ceil", f: plain(math.Ceil), whole: asItIs, d: zeroSlope}
	roundRule = rule{op: "Round", f: plain(math.RoundToEven), whole: asItIs, d: zeroSlope}
	truncRule = rule{op: "Trunc", f: plain(math.Trunc), whole: asItIs, d: zeroSlope}
	fracRule  = rule{op: "Frac", f: plain(func(x float64) float64 { return x - math.Trunc(x) }), whole: func(int64, [2]int64) int64 { return 0 },
		d: func(_, _ float64, _ params) float64 { return 1 }}
	signRule = rule{op: "Sign", f: plain(sign), d: zeroSlope,
		whole: func(x int64, _ [2]int64) int64 { return int64(sign(float64(x))) }}
)

// Floor returns the largest whole number that is not above t.
func (t *Tensor) Floor() *Tensor { return t.unary(&floorRule, params{}) }

// Ceil returns the smallest whole number that is not below t.
func (t *Tensor) Ceil() *Tensor { return t.unary(&ceilRule, params{}) }

// Round returns the nearest whole number, and the even one of two, as PyTorch
// and NumPy do.
func (t *Tensor) Round() *Tensor { return t.unary(&roundRule, params{}) }

// Trunc cuts off the fraction.
func (t *Tensor) Trunc() *Tensor { return t.unary(&truncRule, params{}) }

// Frac returns the fraction that Trunc cuts off, with the sign of t.
func (t *Tensor) Frac() *Tensor { return t.unary(&fracRule, params{}) }

// Sign returns 1, 0 or -1. The sign of NaN is 0, as in PyTorch.
func (t *Tensor) Sign() *Tensor { return t.unary(&signRule, params{}) }
