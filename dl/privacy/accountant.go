package privacy

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
)

// Accountant adds up what noisy steps tell of a data set, as Rényi differential privacy (Mironov, 2017), and says which
// epsilon they are worth for a delta. It is Opacus's RDPAccountant. The zero value has seen no step.
//
// Two data sets are neighbours when one has a sample that the other has not (add or remove one), and each sample
// takes part in a step by itself, with the same probability (Poisson sampling): for batches of a shuffled data set,
// which most code takes, the numbers do not hold.
type Accountant struct {
	history []Steps
	spent   []float64 // for each order
}

// Steps are steps of one kind.
type Steps struct {
	Rate  float64 // the probability that a sample takes part in a step
	Noise float64 // the standard deviation of the noise, divided by the largest norm of a sample's gradient
	Count int
}

// Orders are those at which divergences are added up; the one that gives the smallest epsilon is used. They are
// Opacus's and TensorFlow Privacy's, with larger ones for little noise and few steps.
func Orders() []float64 { return slices.Clone(orders) }

var orders = makeOrders()

func makeOrders() (orders []float64) {
	for i := 1; i < 100; i++ {
		orders = append(orders, 1+float64(i)/10)
	}
	for i := 11; i < 64; i++ {
		orders = append(orders, float64(i))
	}
	return append(orders, 80, 96, 128, 192, 256, 384, 512, 1024)
}

// Add takes steps into account. A Count of 0 changes nothing.
func (a *Accountant) Add(s Steps) {
	s.mustBe("privacy.Accountant.Add")
	if s.Count == 0 {
		return
	}
	if a.spent == nil {
		a.spent = make([]float64, len(orders))
	}
	for i := range a.history {
		if h := &a.history[i]; h.Rate == s.Rate && h.Noise == s.Noise {
			// What a step costs is known from the earlier ones of its kind; the sums are made anew, so that they do not
			// depend on how many calls told of the steps.
			h.Count += s.Count
			a.sum()
			return
		}
	}
	a.history = append(a.history, s)
	a.sum()
}

// sum makes the sums from the history.
func (a *Accountant) sum() {
	clear(a.spent)
	for _, h := range a.history {
		each := divergences(h.Rate, h.Noise)
		for i := range a.spent {
			a.spent[i] += each[i] * float64(h.Count)
		}
	}
}

// History is the steps so far, those of a kind together.
func (a *Accountant) History() []Steps { return slices.Clone(a.history) }

// Epsilon is that of all steps so far for a delta: the probability of any outcome changes by at most a factor e^epsilon
// when a sample is added or removed, but for cases of probability delta. It is 0 before the first step, and infinite
// where there was no noise.
func (a *Accountant) Epsilon(delta float64) float64 {
	epsilon, _ := a.best(delta)
	return epsilon
}

// Order is the order of the divergence that gives [Accountant.Epsilon].
func (a *Accountant) Order(delta float64) float64 {
	_, order := a.best(delta)
	return order
}

func (a *Accountant) best(delta float64) (epsilon, order float64) {
	mustBeDelta("privacy.Accountant.Epsilon", delta)
	if len(a.history) == 0 {
		return 0, 1
	}
	epsilon = math.Inf(1)
	for i, order0 := range orders {
		if e := convert(order0, a.spent[i], delta); e < epsilon {
			epsilon, order = e, order0
		}
	}
	return max(epsilon, 0), order
}

// Delta is that of all steps so far for an epsilon.
func (a *Accountant) Delta(epsilon float64) float64 {
	if !(epsilon >= 0) {
		dl.PanicValue("privacy.Accountant.Delta", "epsilon is %v; it is not below 0", epsilon)
	}
	if len(a.history) == 0 {
		return 0
	}
	least := 0.0 // of the logarithm
	for i, order := range orders {
		switch r := a.spent[i]; {
		case r == 0:
			return 0
		case !math.IsInf(r, 1):
			least = min(least, (order-1)*(r-epsilon+math.Log1p(-1/order))-math.Log(order), 0.5*math.Log1p(-math.Exp(-r)))
		}
	}
	return math.Exp(least)
}

// convert is the epsilon of a divergence of an order, by Proposition 12 of Canonne, Kamath and Steinke (2020), which is
// Theorem 21 of Balle and others (2020). It is 0 where the two outcomes differ in total by less than delta, by
// Bretagnolle and Huber's inequality.
func convert(order, divergence, delta float64) float64 {
	if delta*delta+math.Expm1(-divergence) > 0 {
		return 0
	}
	return divergence + math.Log1p(-1/order) - (math.Log(delta)+math.Log(order))/(order-1)
}

// Epsilon is that of steps for a delta: an [Accountant]'s.
func Epsilon(s Steps, delta float64) float64 {
	var a Accountant
	a.Add(s)
	return a.Epsilon(delta)
}

// mostNoise is more than any use has for.
const mostNoise = 1e6

// Noise is the smallest noise, to four digits and rounded up, with which steps at a rate stay within epsilon and
// delta: Opacus's get_noise_multiplier. It is an error when no noise does.
func Noise(rate float64, steps int, epsilon, delta float64) (float64, error) {
	Steps{rate, 1, steps}.mustBe("privacy.Noise")
	mustBeDelta("privacy.Noise", delta)
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		dl.PanicValue("privacy.Noise", "epsilon is %v; it is a positive number", epsilon)
	}
	spent := func(noise float64) float64 { return Epsilon(Steps{rate, noise, steps}, delta) }
	low, high := 0.0, 1.0
	for spent(high) > epsilon {
		if low, high = high, 2*high; high > mostNoise {
			return 0, fmt.Errorf("privacy: no noise makes %d steps at the rate %.3g stay within epsilon %v for delta %v", steps, rate, epsilon, delta)
		}
	}
	for high-low > 1e-4*high {
		if middle := (low + high) / 2; spent(middle) > epsilon {
			low = middle
		} else {
			high = middle
		}
	}
	return high, nil
}

// mustBe refuses steps that cannot be.
func (s Steps) mustBe(op string) {
	switch {
	case !(s.Rate >= 0 && s.Rate <= 1):
		dl.PanicValue(op, "the rate is %v; it is a probability, the expected size of a batch divided by the number of samples", s.Rate)
	case !(s.Noise >= 0) || math.IsInf(s.Noise, 1):
		dl.PanicValue(op, "the noise is %v; it is the deviation of the noise divided by the clipping norm, such as 1.1", s.Noise)
	case s.Count < 0:
		dl.PanicValue(op, "there are %d steps; a number from 0 on is needed", s.Count)
	}
}

// mustBeDelta refuses what is no delta.
func mustBeDelta(op string, delta float64) {
	if err := checkDelta(delta); err != nil {
		dl.PanicValue(op, "%v", err)
	}
}

func checkDelta(delta float64) error {
	if delta == 0 {
		return errors.New("delta is 0: give the probability with which the promise may fail, far below 1 divided by the number of samples, such as 1e-5 for 60,000")
	}
	if !(delta > 0 && delta < 1) {
		return fmt.Errorf("delta is %v; it is a probability, far below 1 divided by the number of samples, such as 1e-5 for 60,000", delta)
	}
	return nil
}
