package dl

import "math"

// LocalResponseNorm divides each element of x [N, ..., C] by what it and its neighbours among the channels of the same
// place amount to (Krizhevsky, Sutskever and Hinton, 2012): y = x / (k + alpha/size * s)^beta, where s is the sum of the
// squares of the size channels from c-size/2 on around channel c, of those that there are. PyTorch's defaults are the
// alpha 1e-4, the beta 0.75 and the k 1; TensorFlow's alpha is not divided by the size. It panics with a *ValueError when
// the size is below 1, alpha negative, or k not above 0.
func LocalResponseNorm(x *Tensor, size int, alpha, beta, k float64) *Tensor {
	x.check()
	x.float("LocalResponseNorm")
	if len(x.shape) < 2 {
		shapePanic("LocalResponseNorm", "the input must be [N, ..., C]", x)
	}
	if size < 1 {
		PanicValue("LocalResponseNorm", "a size of %d channels is impossible; it is a number from 1 on, such as 5", size)
	}
	if !(alpha >= 0) || !(k > 0) || math.IsNaN(beta) || math.IsInf(alpha+beta+k, 0) {
		PanicValue("LocalResponseNorm", "alpha %v must not be negative, k %v must lie above 0, and they and beta %v be finite", alpha, k, beta)
	}
	if x.size == 0 {
		return x
	}
	last := len(x.shape) - 1
	before, after := make([]int, last+1), make([]int, last+1)
	before[last], after[last] = min(size/2, x.shape[last]), min((size-1)/2, x.shape[last])
	sums := x.Square().Pad(before, after).slidingSums(before[last] + 1 + after[last])
	// Log and Exp work on vectors, and are together several times as fast as Pow.
	return x.Mul(sums.MulScalar(alpha / float64(size)).AddScalar(k).Log().MulScalar(-beta).Exp())
}

// slidingSums are the sums of n elements that follow each other in the last axis, each from those of half as many.
func (t *Tensor) slidingSums(n int) *Tensor {
	if n == 1 {
		return t
	}
	half, left := t.slidingSums(n/2), t.Dim(-1)-n+1
	sums := half.Narrow(-1, 0, left).Add(half.Narrow(-1, n/2, left))
	if n%2 == 1 {
		sums = sums.Add(t.Narrow(-1, n-1, left))
	}
	return sums
}
