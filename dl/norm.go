package dl

import "math"

// BatchNorm normalises x over all axes but the last (Ioffe and Szegedy, 2015):
// y = gamma*(x-mean)/sqrt(variance+eps) + beta, all of them [C] for x [..., C].
// In training mean and variance are those of x itself, and the running ones
// are updated: running = momentum*running + (1-momentum)*batch (Keras's
// meaning of momentum). The running variance is fed with the unbiased one, as
// in PyTorch, the normalisation uses the one divided by n.
// Otherwise the running ones are used.
func BatchNorm(x, gamma, beta, mean, variance *Tensor, training bool, momentum, eps float64) *Tensor {
	sameFloats("BatchNorm", x, gamma)
	if len(x.shape) == 0 {
		shapePanic("BatchNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	for _, p := range []*Tensor{gamma, beta, mean, variance} {
		if p.Size() != c {
			shapePanic("BatchNorm", "the parameters need an element for each channel", x, p)
		}
	}
	m, s := result(Float64, gamma.shape), result(Float64, gamma.shape) // mean, 1/deviation
	n := x.Size() / max(1, c)
	if training {
		clear(m.f64)
		clear(s.f64)
		for i := range x.Size() {
			m.f64[i%c] += x.at(i)
		}
		for k := range m.f64 {
			m.f64[k] /= float64(max(1, n))
		}
		for i := range x.Size() {
			d := x.at(i) - m.f64[i%c]
			s.f64[i%c] += d * d
		}
		for k := range s.f64 {
			v := s.f64[k] / float64(max(1, n))
			mean.set(k, momentum*mean.at(k)+(1-momentum)*m.f64[k])
			unbiased := v * float64(n) / float64(max(1, n-1))
			variance.set(k, momentum*variance.at(k)+(1-momentum)*unbiased)
			s.f64[k] = 1 / math.Sqrt(v+eps)
		}
	} else {
		for k := range m.f64 {
			m.f64[k], s.f64[k] = mean.at(k), 1/math.Sqrt(variance.at(k)+eps)
		}
	}
	out, norm := result(x.dtype, x.shape), result(x.dtype, x.shape)
	for i := range x.Size() {
		k := i % c
		v := (x.at(i) - m.f64[k]) * s.f64[k]
		norm.set(i, v)
		out.set(i, gamma.at(k)*v+beta.at(k))
	}
	if nd := record(out, backBatchNorm, x, gamma, beta); nd != nil {
		nd.saved = [3]*Tensor{norm, s}
		nd.flag = training
	}
	return out
}

func backBatchNorm(nd *node) {
	x, gamma, beta, dy := nd.in[0], nd.in[1], nd.in[2], nd.out.grad
	norm, s := nd.saved[0], nd.saved[1].f64
	c := len(s)
	n := float64(max(1, x.Size()/max(1, c)))
	dg, db := result(Float64, gamma.shape), result(Float64, gamma.shape)
	clear(dg.f64)
	clear(db.f64)
	for i := range x.Size() {
		dg.f64[i%c] += dy.at(i) * norm.at(i)
		db.f64[i%c] += dy.at(i)
	}
	if x.requires {
		g := result(x.dtype, x.shape)
		for i := range x.Size() {
			k := i % c
			d := dy.at(i)
			if nd.flag { // mean and deviation depend on x
				d -= (db.f64[k] + norm.at(i)*dg.f64[k]) / n
			}
			g.set(i, gamma.at(k)*s[k]*d)
		}
		x.accumulate(g)
	}
	if gamma.requires {
		gamma.accumulateAs(dg)
	}
	if beta.requires {
		beta.accumulateAs(db)
	}
}

// Dropout sets each element to 0 with probability rate and multiplies the
// others by 1/(1-rate), so that the mean stays (Srivastava et al., 2014).
func Dropout(x *Tensor, rate float64, r *Rand) *Tensor {
	x.float("Dropout")
	if rate < 0 || rate >= 1 {
		shapePanic("Dropout", "the rate must be in [0, 1)", x)
	}
	if rate == 0 {
		return x
	}
	mask := result(x.dtype, x.shape)
	out := result(x.dtype, x.shape)
	keep := 1 / (1 - rate)
	for i := range x.Size() {
		v := 0.0
		if r.Float64() >= rate {
			v = keep
		}
		mask.set(i, v)
		out.set(i, x.at(i)*v)
	}
	if n := record(out, backDropout, x); n != nil {
		n.saved[0] = mask
	}
	return out
}

func backDropout(n *node) {
	g := result(n.in[0].dtype, n.in[0].shape)
	for i := range g.Size() {
		g.set(i, n.out.grad.at(i)*n.saved[0].at(i))
	}
	n.in[0].accumulate(g)
}
