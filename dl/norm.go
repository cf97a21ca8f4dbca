package dl

import "cmp"

// BatchNormOptions are the details of [BatchNorm].
type BatchNormOptions struct {
	Training bool    // use x's own mean and variance, and update the running ones
	Momentum float64 // of the running ones; 0: 0.99, as in Keras
	Epsilon  float64 // added to the variance; 0: 1e-3, as in Keras
	ReLU     bool    // what is negative in the result becomes 0: in one pass with the norm
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
	mustBeEpsilon("BatchNorm", eps)
	if !(momentum >= 0 && momentum <= 1) {
		PanicValue("BatchNorm", "the momentum is %v; it must be from 0 to 1", momentum)
	}
	x, gamma, beta = x.Contiguous(), gamma.Contiguous(), beta.Contiguous()
	sameFloats("BatchNorm", x, gamma)
	sameFloats("BatchNorm", x, beta)
	if len(x.shape) == 0 {
		shapePanic("BatchNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	for _, p := range [4]*Tensor{gamma, beta, mean, variance} {
		if p.Size() != c {
			misfit("BatchNorm", "the parameters need an element for each channel", ends(x.shape, p.shape), x, p)
		}
	}
	m, s := result(Float64, gamma.shape), result(Float64, gamma.shape) // mean, 1/deviation
	out := result(x.dtype, x.shape)
	device.batchNorm(batchNorm{x: x, gamma: gamma, beta: beta, mean: m, scale: s, y: out, running: [2]*Tensor{mean, variance},
		training: training, update: training && !recomputing(), relu: o.ReLU, momentum: momentum, eps: eps})
	if recording(x, gamma, beta) {
		r := batchNormKind.new()
		r.x, r.gamma, r.beta, r.mean, r.scale, r.training, r.relu, r.eps = x, gamma, beta, m, s, training, o.ReLU, eps
		if o.ReLU { // the way back computes what it got once more
			r.keep(x, gamma, beta)
		} else {
			r.keep(x, gamma)
		}
		attach(out, "BatchNorm", r)
	}
	return out
}

// batchNormRecord is the record of BatchNorm.
type batchNormRecord struct {
	node
	x, gamma, beta *Tensor
	mean, scale    *Tensor // scale is 1/deviation; float64
	training       bool    // they are those of x
	relu           bool    // see BatchNormOptions
	eps            float64
	input          normInput // while a gradient is on its way to x
	sums           normSums  // of that, which who writes it takes in a sweep
	sumsIn         uint64    // that sweep's number
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
	y := x.Mul(gamma).Add(beta).Reshape(r.x.shape...)
	if r.relu {
		y = y.ReLU()
	}
	return y
}

func (*batchNormRecord) reads() {}

// gradient is what is known of the way back.
func (r *batchNormRecord) gradient() batchNormGrad {
	return batchNormGrad{x: r.x, gamma: r.gamma, beta: r.beta, mean: r.mean, scale: r.scale, input: &r.input, training: r.training, relu: r.relu}
}

func (r *batchNormRecord) backward(sw *sweep, dy *Tensor) {
	x, gamma, beta := r.x, r.gamma, r.beta
	dg, db := result(Float64, gamma.shape), result(Float64, gamma.shape)
	var dx *Tensor
	if x.dtype == Float64 {
		dx = sw.wanted(x)
	}
	g := r.gradient()
	g.dy, g.dx, g.dgamma, g.dbeta = dy, dx, dg, db
	if r.sumsIn == sw.number {
		r.sums.done = r.sums.done && r.summed
		g.sums = &r.sums
	}
	device.batchNormGrad(g)
	sw.dropSums(r)
	sw.addAs(gamma, dg)
	sw.addAs(beta, db)
	if x.dtype == Float32 && sw.wants(x) {
		if sw.leaveNorm(x, dy, &r.input) {
			return
		}
		dx = sw.target(x)
		device.batchNormInput(&r.input, dy, dx)
	}
	sw.add(x, dx)
}
