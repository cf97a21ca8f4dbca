package dl

import "math"

var (
	lgammaRule = rule{op: "Lgamma", reads: readsX, f: plain(func(x float64) float64 { v, _ := math.Lgamma(x); return v }), d: ofX(digamma)}
	// polygammaRule is the derivative of digamma of order p[0]; that of order 0 is digamma itself.
	polygammaRule = rule{op: "Polygamma", reads: readsX,
		f: func(x float64, p params) float64 { return polygamma(p[0], x) },
		d: func(x, _ float64, p params) float64 { return polygamma(p[0]+1, x) }}
	digammaRule = rule{op: "Digamma", reads: readsX, f: plain(digamma), d: ofX(func(x float64) float64 { return polygamma(1, x) })}
)

func init() {
	lgammaRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Digamma()) }
	digammaRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Polygamma(1)) }
	polygammaRule.again = func(dy, x, _ *Tensor, p params) *Tensor { return dy.Mul(x.Polygamma(int(p[0]) + 1)) }
}

// Lgamma returns the logarithm of the absolute value of the gamma function, which is (t-1)! for integers above 0. Its
// gradient is [Tensor.Digamma].
func (t *Tensor) Lgamma() *Tensor { return t.unary(&lgammaRule, params{}) }

// Digamma returns the derivative of the logarithm of the gamma function. It is infinite at 0 and NaN at negative
// integers, as in PyTorch.
func (t *Tensor) Digamma() *Tensor { return t.unary(&digammaRule, params{}) }

// Polygamma returns the derivative of order n of [Tensor.Digamma]: the trigamma function for 1. n of 0 is digamma itself.
func (t *Tensor) Polygamma(n int) *Tensor {
	if n < 0 {
		PanicValue("Polygamma", "the order is %d; it must not be negative", n)
	}
	if n == 0 {
		return t.Digamma()
	}
	return t.unary(&polygammaRule, params{float64(n)})
}

// digamma goes up to 10 by the recurrence psi(x) = psi(x+1) - 1/x, and takes the asymptotic series there (Abramowitz
// and Stegun, 6.3.18); below 0 it reflects.
func digamma(x float64) float64 {
	switch {
	case x == 0:
		return math.Copysign(math.Inf(1), -x)
	case math.IsInf(x, 1):
		return x
	case x < 0:
		_, part := math.Modf(x)
		if part == 0 || math.IsInf(x, -1) {
			return math.NaN()
		}
		return digamma(1-x) - math.Pi/math.Tan(math.Pi*part)
	}
	sum := 0.0
	for ; x < 10; x++ {
		sum -= 1 / x
	}
	z, y := 1/(x*x), 0.0
	if x < 1e17 {
		for _, c := range [...]float64{1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120, 1.0 / 12} {
			y = y*z + c
		}
	}
	return sum + math.Log(x) - 0.5/x - y*z
}

// polygamma is (-1)^(n+1) n! times the sum of (x+k)^-(n+1) over k = 0, 1, 2 and so on.
func polygamma(n, x float64) float64 {
	if n == 0 {
		return digamma(x)
	}
	v := math.Gamma(n+1) * zeta(n+1, x)
	if math.Mod(n, 2) == 0 {
		return -v
	}
	return v
}

// zeta is the Hurwitz zeta function, the sum of (q+k)^-s over k = 0, 1, 2 and so on, for an integer s above 1.
func zeta(s, q float64) float64 {
	switch {
	case math.IsInf(q, 1):
		return 0
	case math.IsInf(q, -1) || q != q:
		return math.NaN()
	case q <= 0 && q == math.Floor(q):
		return math.Inf(1)
	case q < 0: // the terms below 0 are those of the distances to the other side, up to -q
		part := q - math.Floor(q)
		below := zeta(s, 1-part) - zeta(s, 1-q)
		if math.Mod(s, 2) != 0 {
			below = -below
		}
		return zeta(s, part) + below
	}
	// The first terms one by one, and the rest by Euler's and Maclaurin's formula.
	sum := 0.0
	for ; q < 12; q++ {
		sum += math.Pow(q, -s)
	}
	power := math.Pow(q, -s)
	sum += q*power/(s-1) + power/2
	factor := s * power / q
	for k, c := range bernoulli {
		term := c * factor
		if sum += term; math.Abs(term) < 0x1p-54*math.Abs(sum) {
			break
		}
		i := float64(2*k + 1)
		factor *= (s + i) * (s + i + 1) / (q * q)
	}
	return sum
}

// bernoulli are Bernoulli's numbers B2, B4 and so on, divided by 2!, 4! and so on.
var bernoulli = [...]float64{1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1209600, 1.0 / 47900160, -691.0 / 1307674368000, 1.0 / 74724249600,
	-3617.0 / 10670622842880000, 43867.0 / 5109094217170944000}
