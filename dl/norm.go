package dl

import (
	"cmp"
	"math"

	"modelbook/dl/internal/vec"
)

// BatchNormOptions are the details of [BatchNorm].
type BatchNormOptions struct {
	Training bool    // use x's own mean and variance, and update the running ones
	Momentum float64 // of the running ones; 0: 0.99, as in Keras
	Epsilon  float64 // added to the variance; 0: 1e-3, as in Keras
}

// BatchNorm normalises x over all axes but the last (Ioffe and Szegedy, 2015):
// y = gamma*(x-mean)/sqrt(variance+Epsilon) + beta, all of them [C] for x [..., C].
// In training mean and variance are those of x itself, and the running ones
// are updated: running = Momentum*running + (1-Momentum)*batch (Keras's
// meaning of momentum). The running variance is fed with the unbiased one, as
// in PyTorch, the normalisation uses the one divided by n.
// Otherwise the running ones are used.
func BatchNorm(x, gamma, beta, mean, variance *Tensor, o BatchNormOptions) *Tensor {
	training, momentum, eps := o.Training, cmp.Or(o.Momentum, 0.99), cmp.Or(o.Epsilon, 1e-3)
	x, gamma, beta = x.Contiguous(), gamma.Contiguous(), beta.Contiguous()
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
		x.channelMoments(m.f64(), s.f64())
		update := !recomputing()
		for k, v := range s.f64() {
			if update {
				mean.set(k, momentum*mean.at(k)+(1-momentum)*m.f64()[k])
				unbiased := v * float64(n) / float64(max(1, n-1))
				variance.set(k, momentum*variance.at(k)+(1-momentum)*unbiased)
			}
			s.f64()[k] = 1 / math.Sqrt(v+eps)
		}
	} else {
		for k := range m.f64() {
			m.f64()[k], s.f64()[k] = mean.at(k), 1/math.Sqrt(variance.at(k)+eps)
		}
	}
	out := result(x.dtype, x.shape)
	if x.dtype == Float32 {
		// The mean is subtracted first, as a float32 that is exact for nearby
		// elements; beta takes what that is off the mean.
		w := wideRows(c)
		mean, a, b := w.row(), w.row(), w.row()
		for k := range c {
			f := gamma.at(k) * s.f64()[k]
			mean[k], a[k] = float32(m.f64()[k]), float32(f)
			b[k] = float32(beta.at(k) - (m.f64()[k]-float64(mean[k]))*f)
		}
		w.repeat(mean, a, b)
		w.share(x.f32(), pass{dst: out.f32(), a: x.f32(), b: mean, c: a, d: b, f: func(p *pass, lo, hi int) {
			n := hi - lo
			vec.Normalize(p.dst[lo:hi], p.a[lo:hi], p.b[:n], p.c[:n], p.d[:n])
		}})
	} else {
		for i, v := range x.f64() {
			out.f64()[i] = gamma.f64()[i%c]*(v-m.f64()[i%c])*s.f64()[i%c] + beta.f64()[i%c]
		}
	}
	if recording(x, gamma, beta) {
		r := batchNormKind.new()
		r.x, r.gamma, r.beta, r.mean, r.scale, r.training, r.eps = x, gamma, beta, m, s, training, eps
		r.keep(x, gamma)
		attach(out, "BatchNorm", r)
	}
	return out
}

// channelMoments writes the mean and the variance (divided by n) of each
// channel, the last axis. Sums are of distances, from the channel's first
// element and then from the mean, so that a channel far from 0 keeps its digits
// and a constant one has a variance of exactly 0.
func (t *Tensor) channelMoments(mean, variance []float64) {
	c := len(mean)
	n := float64(max(1, t.Size()/max(1, c)))
	clear(mean)
	clear(variance)
	if t.Size() == 0 {
		return
	}
	if t.dtype == Float64 {
		first := t.f64()[:c]
		for i, v := range t.f64() {
			mean[i%c] += (v - first[i%c]) / n
		}
		for k, v := range first {
			mean[k] += v
		}
		for i, v := range t.f64() {
			d := v - mean[i%c]
			variance[i%c] += d * d / n
		}
		return
	}
	w := wideRows(c)
	at := w.row() // distances are from here
	copy(at, t.f32()[:c])
	w.repeat(at)
	w.sums(t.f32(), mean, nil, pass{a: t.f32(), b: at, f: func(p *pass, lo, hi int) {
		vec.Deviations(p.part[:hi-lo], p.a[lo:hi], p.b[:hi-lo])
	}})
	for k, sum := range mean {
		mean[k] = float64(at[k]) + sum/n
		at[k] = float32(mean[k])
	}
	w.repeat(at)
	w.sums(t.f32(), variance, nil, pass{a: t.f32(), b: at, f: func(p *pass, lo, hi int) {
		vec.SquareDeviations(p.part[:hi-lo], p.a[lo:hi], p.b[:hi-lo])
	}})
	for k, sum := range variance {
		off := mean[k] - float64(at[k]) // by which the float32 is off the mean
		variance[k] = max(0, sum/n-off*off)
	}
}

// batchNormRecord is the record of BatchNorm.
type batchNormRecord struct {
	node
	x, gamma, beta *Tensor
	mean, scale    *Tensor // scale is 1/deviation; float64
	training       bool    // they are those of x
	eps            float64
}

var batchNormKind = newKind[batchNormRecord]()

func (r *batchNormRecord) operands(list []*Tensor) []*Tensor {
	return append(list, r.x, r.gamma, r.beta)
}

func (r *batchNormRecord) compose() *Tensor {
	c := r.gamma.Size()
	x, gamma, beta := r.x.Reshape(-1, c), r.gamma.Reshape(c), r.beta.Reshape(c)
	if r.training {
		d := x.Sub(x.Mean(0))
		x = d.Div(d.Square().Mean(0).AddScalar(r.eps).Sqrt())
	} else {
		x = x.Sub(r.mean.Reshape(c).To(x.dtype)).Mul(r.scale.Reshape(c).To(x.dtype))
	}
	return x.Mul(gamma).Add(beta).Reshape(r.x.shape...)
}

func (r *batchNormRecord) backward(sw *sweep, dy *Tensor) {
	x, gamma, beta := r.x, r.gamma, r.beta
	m, s := r.mean.f64(), r.scale.f64()
	c := len(s)
	n := float64(max(1, x.Size()/max(1, c)))
	dg, db := result(Float64, gamma.shape), result(Float64, gamma.shape)
	clear(dg.f64())
	clear(db.f64())
	w := wideRows(c)
	if x.dtype == Float32 {
		mean := w.row()
		for k := range m {
			mean[k] = float32(m[k])
		}
		w.repeat(mean)
		w.sums(x.f32(), dg.f64(), db.f64(), pass{a: dy.f32(), b: x.f32(), c: mean, f: func(p *pass, lo, hi int) {
			n := hi - lo
			vec.BatchNormSums(p.part[:n], p.part[len(p.part)/2:][:n], p.a[lo:hi], p.b[lo:hi], p.c[:n])
		}})
		for k, v := range m { // the kernel's mean is a float32
			dg.f64()[k] -= (v - float64(float32(v))) * db.f64()[k]
		}
	} else {
		for i, d := range dy.f64() {
			dg.f64()[i%c] += d * (x.f64()[i] - m[i%c])
			db.f64()[i%c] += d
		}
	}
	for k := range dg.f64() {
		dg.f64()[k] *= s[k]
	}
	if sw.wants(x) {
		g := sw.target(x)
		// dx = (x-mean)*b + k + dy*a: mean and deviation depend on x in training only.
		mean, a, b, k := w.row(), w.row(), w.row(), w.row()
		for i := range c {
			f := gamma.at(i) * s[i]
			var fb, fk float64
			if r.training {
				fb = -f * s[i] * dg.f64()[i] / n
				fk = -f * db.f64()[i] / n
			}
			if x.dtype == Float64 {
				for j := i; j < len(g.f64()); j += c {
					g.f64()[j] = (x.f64()[j]-m[i])*fb + fk + dy.f64()[j]*f
				}
			}
			mean[i] = float32(m[i])
			a[i], b[i], k[i] = float32(f), float32(fb), float32(fk-(m[i]-float64(mean[i]))*fb)
		}
		if x.dtype == Float32 {
			w.repeat(mean, a, b, k)
			p := pass{dst: g.f32(), a: dy.f32(), b: x.f32(), c: a, d: b, part: k, f: func(p *pass, lo, hi int) {
				n := hi - lo
				vec.Normalize(p.dst[lo:hi], p.b[lo:hi], p.inner.a[:n], p.d[:n], p.part[:n])
				vec.MulAdd(p.dst[lo:hi], p.a[lo:hi], p.c[:n])
			}}
			p.inner = keep(pass{a: mean})
			w.share(x.f32(), p)
			p.inner.release()
		}
		sw.add(x, g)
	}
	sw.addAs(gamma, dg)
	sw.addAs(beta, db)
}
