package privacy

import (
	"math"
	"sync"

	"modelbook/dl"
)

// Divergence is the Rényi divergence of an order above 1, whole or not, between what a step with Gaussian noise
// shows of two data sets of which one has a sample more, each of whose samples takes part at a rate: Section 3.3 of
// Mironov, Talwar and Zhang (2019), as in Opacus and TensorFlow Privacy. It panics with a *dl.ValueError for
// numbers that cannot be.
func Divergence(rate, noise, order float64) float64 {
	Steps{rate, noise, 1}.mustBe("privacy.Divergence")
	if !(order > 1) {
		dl.PanicValue("privacy.Divergence", "the order is %v; it is above 1", order)
	}
	switch {
	case rate == 0:
		return 0
	case noise == 0 || math.IsInf(order, 1):
		return math.Inf(1)
	case rate == 1:
		return order / (2 * noise * noise)
	case order == math.Trunc(order):
		return whole(rate, noise, order) / (order - 1)
	}
	return fractional(rate, noise, order) / (order - 1)
}

// divergences are those of the orders. Those of the last kinds of steps are kept.
func divergences(rate, noise float64) []float64 {
	key := [2]float64{rate, noise}
	known.Lock()
	defer known.Unlock()
	if d, ok := known.of[key]; ok {
		return d
	}
	d := make([]float64, len(orders))
	for i, order := range orders {
		d[i] = Divergence(rate, noise, order)
	}
	if known.of == nil || len(known.of) >= 64 {
		known.of = map[[2]float64][]float64{}
	}
	known.of[key] = d
	return d
}

var known struct {
	sync.Mutex
	of map[[2]float64][]float64
}

// whole is the logarithm of the moment of a whole order: a sum over the binomial coefficients.
func whole(rate, noise, order float64) float64 {
	sum, coefficient := math.Inf(-1), 0.0 // logarithms
	for i := 0.0; i <= order; i++ {
		sum = logAdd(sum, coefficient+i*math.Log(rate)+(order-i)*math.Log1p(-rate)+(i*i-i)/(2*noise*noise))
		if i < order {
			coefficient += math.Log(order-i) - math.Log(i+1)
		}
	}
	return sum
}

// fractional is whole for other orders: the sum is one without end, of two parts, left and right of the point where
// the two densities are equal, and from some term on the signs alternate.
func fractional(rate, noise, order float64) float64 {
	const most = 100000 // terms; some tens are the rule, thousands for large rates and small orders
	yes, no := math.Log(rate), math.Log1p(-rate)
	middle := noise*noise*(no-yes) + 0.5
	plus, minus := math.Inf(-1), math.Inf(-1)
	coefficient, sign := 0.0, 1.0
	before := math.Inf(1)
	for n := range most {
		i := float64(n)
		j := order - i
		left := coefficient + i*yes + j*no + (i*i-i)/(2*noise*noise) + math.Log(0.5) + logErfc((i-middle)/(math.Sqrt2*noise))
		right := coefficient + j*yes + i*no + (j*j-j)/(2*noise*noise) + math.Log(0.5) + logErfc((middle-j)/(math.Sqrt2*noise))
		term := logAdd(left, right)
		last := i > order+1 && term < before && term-math.Log(i) < plus-32
		if before = term; last {
			term -= math.Ln2 // of a sum with alternating signs half of the last term is the best guess of the rest
		}
		if sign > 0 {
			plus = logAdd(plus, term)
		} else {
			minus = logAdd(minus, term)
		}
		if last {
			return plus + math.Log1p(-math.Exp(minus-plus))
		}
		if j < 0 {
			sign = -sign
		}
		coefficient += math.Log(math.Abs(j)) - math.Log(i+1)
	}
	return math.Inf(1) // this order is no use
}

// logAdd is the logarithm of the sum of two numbers whose logarithms are given.
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(a, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// logErfc is the logarithm of erfc, also where that is too small for a number: then by its asymptotic series.
func logErfc(x float64) float64 {
	if x < 25 {
		return math.Log(math.Erfc(x))
	}
	r := 1 / (2 * x * x)
	return -x*x - math.Log(x*math.Sqrt(math.Pi)) + math.Log1p(-r+3*r*r-15*r*r*r)
}
