package dl

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// draw fills a new tensor with random numbers.
func (r *Rand) draw(d DType, shape []int, f func(r *rand.Rand) float64) *Tensor {
	t := New(d, shape...)
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range t.size {
		t.set(i, f(r.r))
	}
	return t
}

// TruncatedNormals returns a float32 tensor of normally distributed numbers of
// which those outside of lo..hi were never drawn.
func (r *Rand) TruncatedNormals(mean, deviation, lo, hi float64, shape ...int) *Tensor {
	if !(lo < hi) || !(deviation > 0) || math.IsInf(deviation, 0) || math.IsNaN(mean-mean) {
		PanicValue("TruncatedNormals", "there are no numbers from %v to %v with mean %v and deviation %v", lo, hi, mean, deviation)
	}
	below := func(v float64) float64 { return 0.5 * math.Erfc(-(v-mean)/(deviation*math.Sqrt2)) }
	from, to := below(lo), below(hi)
	return r.draw(Float32, shape, func(r *rand.Rand) float64 {
		p := from + (to-from)*r.Float64()
		return min(max(mean-deviation*math.Sqrt2*math.Erfcinv(2*p), lo), hi)
	})
}

// Bernoullis returns a float32 tensor of ones, each with probability p, and
// zeros.
func (r *Rand) Bernoullis(p float64, shape ...int) *Tensor {
	if !(p >= 0 && p <= 1) {
		PanicValue("Bernoullis", "%v is no probability", p)
	}
	return r.draw(Float32, shape, func(r *rand.Rand) float64 {
		if r.Float64() < p {
			return 1
		}
		return 0
	})
}

// Integers returns an Int64 tensor of integers lo <= i < hi, all as likely.
func (r *Rand) Integers(lo, hi int, shape ...int) *Tensor {
	if lo >= hi {
		PanicValue("Integers", "there is no integer from %d to below %d", lo, hi)
	}
	t := New(Int64, shape...)
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, x := 0, t.Int64s(); i < len(x); i++ {
		x[i] = int64(lo) + r.r.Int64N(int64(hi)-int64(lo))
	}
	return t
}

// Permutation returns the integers 0..n-1 in random order, as Int64.
func (r *Rand) Permutation(n int) *Tensor {
	at := make([]int64, Shape{n}.fits("Permutation", Int64))
	for i, v := range r.Perm(n) {
		at[i] = int64(v)
	}
	return Of(at)
}

// Exponentials returns a float32 tensor of exponentially distributed numbers,
// whose mean is 1/rate.
func (r *Rand) Exponentials(rate float64, shape ...int) *Tensor {
	mustBePositive("Exponentials", "rate", rate)
	return r.draw(Float32, shape, func(r *rand.Rand) float64 { return r.ExpFloat64() / rate })
}

func mustBePositive(op, what string, v float64) {
	if !(v > 0) || math.IsInf(v, 0) {
		PanicValue(op, "the %s must be positive, not %v", what, v)
	}
}

// Gammas returns a float32 tensor of numbers of the gamma distribution of a
// shape parameter and a scale, whose mean is their product. (PyTorch's rate is
// 1/scale.)
func (r *Rand) Gammas(alpha, scale float64, shape ...int) *Tensor {
	mustBePositive("Gammas", "shape parameter", alpha)
	mustBePositive("Gammas", "scale", scale)
	return r.draw(Float32, shape, func(r *rand.Rand) float64 { return scale * gamma(r, alpha) })
}

// gamma draws from the gamma distribution of scale 1 (Marsaglia and Tsang, 2000).
func gamma(r *rand.Rand, alpha float64) float64 {
	if alpha < 1 {
		return gamma(r, alpha+1) * math.Pow(1-r.Float64(), 1/alpha)
	}
	d := alpha - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// Betas returns a float32 tensor of numbers in 0..1 of the beta distribution,
// whose mean is a/(a+b).
func (r *Rand) Betas(a, b float64, shape ...int) *Tensor {
	mustBePositive("Betas", "first parameter", a)
	mustBePositive("Betas", "second parameter", b)
	return r.draw(Float32, shape, func(r *rand.Rand) float64 {
		for {
			x, y := gamma(r, a), gamma(r, b)
			if x+y > 0 { // both underflow for tiny parameters
				return x / (x + y)
			}
		}
	})
}

// Poissons returns an Int64 tensor of counts of the Poisson distribution.
func (r *Rand) Poissons(mean float64, shape ...int) *Tensor {
	if !(mean >= 0 && mean < 1<<53) {
		PanicValue("Poissons", "the mean must be from 0 to 2^53, not %v", mean)
	}
	return r.draw(Int64, shape, func(r *rand.Rand) float64 { return poisson(r, mean) })
}

// poisson multiplies uniform numbers for small means, and rejects from a
// transformed uniform one for others (PTRS: Hörmann, 1993).
func poisson(r *rand.Rand, mean float64) float64 {
	if mean < 10 {
		k, p, limit := 0.0, r.Float64(), math.Exp(-mean)
		for p > limit {
			p *= r.Float64()
			k++
		}
		return k
	}
	b := 0.931 + 2.53*math.Sqrt(mean)
	a := -0.059 + 0.02483*b
	invAlpha := 1.1239 + 1.1328/(b-3.4)
	vr := 0.9277 - 3.6224/(b-2)
	for {
		u, v := r.Float64()-0.5, 1-r.Float64()
		us := 0.5 - math.Abs(u)
		k := math.Floor((2*a/us+b)*u + mean + 0.43)
		switch {
		case us >= 0.07 && v <= vr:
			return k
		case k < 0 || us < 0.013 && v > us:
			continue
		}
		logFactorial, _ := math.Lgamma(k + 1)
		if math.Log(v)+math.Log(invAlpha)-math.Log(a/(us*us)+b) <= k*math.Log(mean)-mean-logFactorial {
			return k
		}
	}
}

// classWeights returns the rows of weights, which must be finite, not negative, and not
// all 0, with their sums.
func classWeights(op string, weights *Tensor) (rows [][]float64, sums []float64) {
	if n := weights.Rank(); n < 1 || weights.shape[n-1] == 0 {
		shapePanic(op, "the last axis has a weight for each class", weights)
	}
	classes := weights.shape[len(weights.shape)-1]
	all := Values[float64](weights)
	for at := 0; at < len(all); at += classes {
		row, sum := all[at:at+classes], 0.0
		for _, w := range row {
			if !(w >= 0) {
				PanicValue(op, "a weight of %v is negative, or none", w)
			}
			sum += w
		}
		if !(sum > 0) || math.IsInf(sum, 0) {
			PanicValue(op, "the weights of a row add up to %v", sum)
		}
		rows, sums = append(rows, row), append(sums, sum)
	}
	return rows, sums
}

// class draws one of classes with weights that add up to sum.
func class(r *rand.Rand, weights []float64, sum float64) int {
	at, last := r.Float64()*sum, 0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		if last = i; at < w {
			break
		}
		at -= w
	}
	return last
}

// drawRows fills, for each row of weights, n elements of an Int64 tensor.
func (r *Rand) drawRows(op string, weights *Tensor, n int, f func(r *rand.Rand, weights []float64, sum float64, out []int64)) *Tensor {
	if n < 0 {
		PanicValue(op, "%d draws are impossible", n)
	}
	rows, sums := classWeights(op, weights)
	t := New(Int64, append(weights.shape[:len(weights.shape)-1].Clone(), n)...)
	r = r.current()
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, row := range rows {
		f(r.r, row, sums[i], t.Int64s()[i*n:(i+1)*n])
	}
	return t
}

// Categorical returns, as Int64, n classes for each row of weights, the last axis:
// each is drawn with a probability in proportion to its weight, whatever was
// drawn before (torch.multinomial with replacement).
func (r *Rand) Categorical(weights *Tensor, n int) *Tensor {
	return r.drawRows("Categorical", weights, n, func(r *rand.Rand, weights []float64, sum float64, out []int64) {
		for i := range out {
			out[i] = int64(class(r, weights, sum))
		}
	})
}

// Choices returns, as Int64, n different classes for each row of weights, the last
// axis, in the order in which they were drawn (torch.multinomial without
// replacement).
func (r *Rand) Choices(weights *Tensor, n int) *Tensor {
	return r.drawRows("Choices", weights, n, func(r *rand.Rand, weights []float64, _ float64, out []int64) {
		// The smallest of exponential numbers with these rates come first (Efraimidis
		// and Spirakis, 2006).
		type arrival struct {
			class int
			time  float64
		}
		var all []arrival
		for i, w := range weights {
			if w > 0 {
				all = append(all, arrival{i, r.ExpFloat64() / w})
			}
		}
		if len(all) < len(out) {
			PanicValue("Choices", "%d different classes are asked for, %d have a weight", len(out), len(all))
		}
		slices.SortFunc(all, func(a, b arrival) int { return cmp.Compare(a.time, b.time) })
		for i := range out {
			out[i] = int64(all[i].class)
		}
	})
}

// Multinomial returns, as Int64, for each row of weights, the last axis, how often
// each class occurs among n draws: numpy.random.multinomial and
// torch.distributions.Multinomial. For the classes themselves, as
// torch.multinomial returns them, see [Rand.Categorical] and [Rand.Choices].
func (r *Rand) Multinomial(n int, weights *Tensor) *Tensor {
	if n < 0 || n > 1<<32 {
		PanicValue("Multinomial", "%d draws are impossible", n)
	}
	classes := 0
	if k := weights.Rank(); k > 0 {
		classes = weights.shape[k-1]
	}
	return r.drawRows("Multinomial", weights, classes, func(r *rand.Rand, weights []float64, sum float64, out []int64) {
		for range n {
			out[class(r, weights, sum)]++
		}
	})
}
