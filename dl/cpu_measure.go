package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

func (cpu) measure(m measure, r reduction) {
	x, y := r.x.f32(), r.y.f32()
	n := len(x) / len(y)
	p := pass{dst: y, a: x, n: n, s: params{r.factor}}
	switch {
	case m == squares && len(y) == 1:
		p.f, p.flag = chunkDeviationPass, true
		y[0] = float32(r.factor * p.chunks())
	case m == variance && len(y) == 1:
		p.f = sumPass
		mean := p.chunks() / float64(n)
		p.f, p.s[0] = chunkDeviationPass, mean
		y[0] = spread(p.chunks(), mean, n)
	case m == squares:
		p.f = rowSquaresPass
		share(len(y), rowGrain(n), p)
	case m == variance:
		p.f = rowVariancePass
		share(len(y), rowGrain(n), p)
	default:
		p.f = rowExponentialsPass
		share(len(y), rowGrain(4*n), p)
	}
}

// chunks runs a pass that writes sums of chunks, and adds these up.
func (p pass) chunks() float64 {
	chunks := (len(p.a) + lossChunk - 1) / lossChunk
	p.sums = result(Float64, shapeOf(chunks)).f64()
	share(chunks, 1, p)
	return total(p.sums)
}

// chunkDeviationPass adds up squares of distances from a number, or of the elements.
func chunkDeviationPass(p *pass, lo, hi int) {
	for k := lo; k < hi; k++ {
		if x := p.a[k*lossChunk : min((k+1)*lossChunk, len(p.a))]; p.flag {
			p.sums[k] = vec.Dot(x, x)
		} else {
			p.sums[k] = vec.Deviation(x, float32(p.s[0]))
		}
	}
}

// spread is the variance of n elements of which the sum of the squares of distances from the mean, as a float32, is
// known.
func spread(sum, mean float64, n int) float32 {
	off := mean - float64(float32(mean))
	v := sum/float64(n) - off*off
	if v < 0 { // not NaN
		return 0
	}
	return float32(v)
}

func rowSquaresPass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		x := p.a[r*p.n : (r+1)*p.n]
		p.dst[r] = float32(p.s[0] * vec.Dot(x, x))
	}
}

func rowVariancePass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		x := p.a[r*p.n : (r+1)*p.n]
		mean := vec.Sum(x) / float64(p.n)
		p.dst[r] = spread(vec.Deviation(x, float32(mean)), mean, p.n)
	}
}

func rowExponentialsPass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		x := p.a[r*p.n : (r+1)*p.n]
		top := vec.Max(x)
		if math.IsInf(float64(top), 0) {
			top = 0 // Inf-Inf is NaN
		}
		p.dst[r] = logOfSum(top, vec.SumExp(x, top))
	}
}
