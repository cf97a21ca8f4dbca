package manifold

import (
	"math"

	"modelbook/dl/internal/parallel"
)

// affinities are how likely each two of n samples are neighbours, [n, n]: Gaussians about each sample, as wide as gives
// them the perplexity, made symmetric, so that all add up to 1.
func affinities(x []float64, n, d int, perplexity float64) []float32 {
	conditional := make([]float32, n*n)
	parallel.For(n, 8, func(lo, hi int) {
		distances, shares := make([]float64, n), make([]float64, n)
		for i := lo; i < hi; i++ {
			squares(distances, x, i, d)
			neighbours(shares, distances, i, math.Log(perplexity))
			for j, v := range shares {
				conditional[i*n+j] = float32(v)
			}
		}
	})
	sum := 0.0
	for _, v := range conditional {
		sum += 2 * float64(v)
	}
	sum = max(sum, least)
	parallel.For(n, 32, func(lo, hi int) {
		for i := lo; i < hi; i++ { // each pair once: nobody else touches the two places
			for j := range i {
				v := float32((float64(conditional[i*n+j]) + float64(conditional[j*n+i])) / sum)
				conditional[i*n+j], conditional[j*n+i] = v, v
			}
		}
	})
	return conditional
}

// squares are the squared distances of all samples from the i-th.
func squares(distances, x []float64, i, d int) {
	own := x[i*d : (i+1)*d]
	for j := range distances {
		other := x[j*d : (j+1)*d]
		sum := 0.0
		for k, v := range own {
			sum += (v - other[k]) * (v - other[k])
		}
		distances[j] = sum
	}
}

// neighbours are the shares of a Gaussian about the i-th sample whose entropy is the one that is wanted, by bisection.
func neighbours(shares, distances []float64, i int, entropy float64) {
	// The nearest has distance 0: that changes no share, and large distances underflow later.
	nearest := math.Inf(1)
	for j, d := range distances {
		if j != i {
			nearest = min(nearest, d)
		}
	}
	lo, hi, beta := math.Inf(-1), math.Inf(1), 1.0
	for range 100 {
		sum, weighted := 0.0, 0.0
		for j, d := range distances {
			shares[j] = 0
			if j != i {
				shares[j] = math.Exp(-(d - nearest) * beta)
				sum += shares[j]
				weighted += shares[j] * (d - nearest)
			}
		}
		sum = max(sum, 1e-8)
		for j := range shares {
			shares[j] /= sum
		}
		off := math.Log(sum) + beta*weighted/sum - entropy
		if math.Abs(off) <= 1e-5 {
			return
		}
		if off > 0 {
			lo = beta
			if math.IsInf(hi, 1) {
				beta *= 2
			} else {
				beta = (beta + hi) / 2
			}
		} else {
			hi = beta
			if math.IsInf(lo, -1) {
				beta /= 2
			} else {
				beta = (beta + lo) / 2
			}
		}
	}
}
