package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// BatchNorm normalises x over all axes but the last (Ioffe and Szegedy, 2015):
// y = gamma*(x-mean)/sqrt(variance+eps) + beta, all of them [C] for x [..., C].
// In training mean and variance are those of x itself, and the running ones
// are updated: running = momentum*running + (1-momentum)*batch (Keras's
// meaning of momentum). The running variance is fed with the unbiased one, as
// in PyTorch, the normalisation uses the one divided by n.
// Otherwise the running ones are used.
func BatchNorm(x, gamma, beta, mean, variance *Tensor, training bool, momentum, eps float64) *Tensor {
	sameFloats("BatchNorm", x, gamma)
	sameFloats("BatchNorm", x, beta)
	if len(x.shape) == 0 {
		shapePanic("BatchNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	for _, p := range [4]*Tensor{gamma, beta, mean, variance} {
		if p.Size() != c {
			shapePanic("BatchNorm", "the parameters need an element for each channel", x, p)
		}
	}
	m, s := result(Float64, gamma.shape), result(Float64, gamma.shape) // mean, 1/deviation
	n := x.Size() / max(1, c)
	if training {
		x.channelSums(m.f64, nil)
		for k := range m.f64 {
			m.f64[k] /= float64(max(1, n))
		}
		x.channelSums(s.f64, m.f64)
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
	out := result(x.dtype, x.shape)
	if x.dtype == Float32 {
		w := wideRows(c)
		a, b := w.row(), w.row()
		for k := range c {
			f := gamma.at(k) * s.f64[k]
			a[k], b[k] = float32(f), float32(beta.at(k)-m.f64[k]*f)
		}
		w.repeat(a, b)
		w.share(x.f32, pass{dst: out.f32, a: x.f32, b: a, c: b, f: func(p *pass, lo, hi int) {
			n := hi - lo
			vec.Affine(p.dst[lo:hi], p.a[lo:hi], p.b[:n], p.c[:n])
		}})
	} else {
		for i, v := range x.f64 {
			out.f64[i] = gamma.f64[i%c]*(v-m.f64[i%c])*s.f64[i%c] + beta.f64[i%c]
		}
	}
	if nd := record(out, backBatchNorm, x, gamma, beta); nd != nil {
		nd.saved = [3]*Tensor{m, s}
		nd.flag = training
	}
	return out
}

// channelSums writes, for each channel (the last axis), the sum of its
// elements, or of the squares of their distances from mean unless that is nil.
func (t *Tensor) channelSums(sums, mean []float64) {
	clear(sums)
	c := len(sums)
	if t.dtype == Float64 {
		for i, v := range t.f64 {
			if mean != nil {
				v = (v - mean[i%c]) * (v - mean[i%c])
			}
			sums[i%c] += v
		}
		return
	}
	w := wideRows(c)
	var m []float32
	if mean != nil {
		m = w.row()
		for k := range mean {
			m[k] = float32(mean[k])
		}
		w.repeat(m)
	}
	w.sums(t.f32, sums, nil, pass{a: t.f32, b: m, f: func(p *pass, lo, hi int) {
		n := hi - lo
		if p.b == nil {
			vec.Add(p.part[:n], p.part[:n], p.a[lo:hi])
		} else {
			vec.SquareDeviations(p.part[:n], p.a[lo:hi], p.b[:n])
		}
	}})
}

func backBatchNorm(nd *node) {
	x, gamma, beta, dy := nd.in[0], nd.in[1], nd.in[2], nd.out.grad
	m, s := nd.saved[0].f64, nd.saved[1].f64
	c := len(s)
	n := float64(max(1, x.Size()/max(1, c)))
	dg, db := result(Float64, gamma.shape), result(Float64, gamma.shape)
	clear(dg.f64)
	clear(db.f64)
	w := wideRows(c)
	if x.dtype == Float32 {
		mean := w.row()
		for k := range m {
			mean[k] = float32(m[k])
		}
		w.repeat(mean)
		w.sums(x.f32, dg.f64, db.f64, pass{a: dy.f32, b: x.f32, c: mean, f: func(p *pass, lo, hi int) {
			n := hi - lo
			vec.BatchNormSums(p.part[:n], p.part[len(p.part)/2:][:n], p.a[lo:hi], p.b[lo:hi], p.c[:n])
		}})
	} else {
		for i, d := range dy.f64 {
			dg.f64[i%c] += d * (x.f64[i] - m[i%c])
			db.f64[i%c] += d
		}
	}
	for k := range dg.f64 {
		dg.f64[k] *= s[k]
	}
	if x.requires {
		g := x.target()
		// dx = dy*a + x*b + k: mean and deviation depend on x in training only.
		a, b, k := w.row(), w.row(), w.row()
		for i := range c {
			f := gamma.at(i) * s[i]
			var fb, fk float64
			if nd.flag {
				fb = -f * s[i] * dg.f64[i] / n
				fk = -f*db.f64[i]/n - fb*m[i]
			}
			if x.dtype == Float64 {
				for j := i; j < len(g.f64); j += c {
					g.f64[j] = dy.f64[j]*f + x.f64[j]*fb + fk
				}
			}
			a[i], b[i], k[i] = float32(f), float32(fb), float32(fk)
		}
		if x.dtype == Float32 {
			w.repeat(a, b, k)
			w.share(x.f32, pass{dst: g.f32, a: dy.f32, b: x.f32, c: a, d: b, part: k, f: func(p *pass, lo, hi int) {
				n := hi - lo
				vec.Combine(p.dst[lo:hi], p.a[lo:hi], p.c[:n], p.b[lo:hi], p.d[:n], p.part[:n])
			}})
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
// others by 1/(1-rate), so that the mean stays (Srivastava et al., 2014). Which
// ones depends on the next number of r and on the elements' places alone, not
// on the number of threads or the machine.
func Dropout(x *Tensor, rate float64, r *Rand) *Tensor {
	x.float("Dropout")
	if !(rate >= 0 && rate < 1) {
		shapePanic("Dropout", "the rate must be in [0, 1)", x)
	}
	if rate == 0 {
		return x
	}
	out := result(x.dtype, x.shape)
	key := r.Uint64()
	drop(out, x, rate, key)
	if n := record(out, backDropout, x); n != nil {
		n.f[0], n.ints[0] = rate, int(key)
	}
	return out
}

// backDropout draws the same numbers again: a mask need not be kept.
func backDropout(n *node) {
	g := n.in[0].target()
	drop(g, n.out.grad, n.f[0], uint64(n.ints[0]))
	n.in[0].accumulate(g)
}

func drop(out, x *Tensor, rate float64, key uint64) {
	threshold, scale := uint32(math.Round(rate*(1<<31))), 1/(1-rate)
	threshold = min(threshold, 1<<31-1)
	if x.dtype == Float32 {
		share(len(x.f32), elementGrain, pass{dst: out.f32, a: x.f32, key: key, n: int(threshold), s: [3]float64{scale}, f: func(p *pass, lo, hi int) {
			vec.Dropout(p.dst[lo:hi], p.a[lo:hi], p.key, lo, uint32(p.n), float32(p.s[0]))
		}})
		return
	}
	for i, v := range x.f64 {
		out.f64[i] = 0
		if vec.Kept(i, key, threshold) {
			out.f64[i] = v * scale
		}
	}
}
