package dl

// LayerNorm brings every row of x, its last axis, to mean 0 and variance 1,
// scales it by gamma and shifts it by beta (Ba, Kiros and Hinton, 2016):
// y = (x-mean)/sqrt(variance+eps)*gamma + beta for x [..., C], gamma and beta
// [C]. The variance is divided by C.
func LayerNorm(x, gamma, beta *Tensor, eps float64) *Tensor {
	mustBeEpsilon("LayerNorm", eps)
	x, gamma, beta = x.Contiguous(), gamma.Contiguous(), beta.Contiguous()
	sameFloats("LayerNorm", x, gamma)
	sameFloats("LayerNorm", x, beta)
	if len(x.shape) == 0 {
		shapePanic("LayerNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	for _, p := range [2]*Tensor{gamma, beta} {
		if len(p.shape) != 1 || p.shape[0] != c {
			misfit("LayerNorm", "gamma and beta need an element for each of the last axis", ends(x.shape, p.shape), x, p)
		}
	}
	rows := x.Size() / max(1, c)
	out, moments := result(x.dtype, x.shape), result(x.dtype, shapeOf(rows, 2)) // mean, 1/deviation
	device.layerNorm(layerNorm{x: x, gamma: gamma, beta: beta, moments: moments, y: out, eps: eps})
	if recording(x, gamma, beta) {
		r := layerNormKind.new()
		r.x, r.gamma, r.beta, r.moments, r.eps = x, gamma, beta, moments, eps
		r.keep(x, gamma)
		attach(out, "LayerNorm", r)
	}
	return out
}

// layerNormRecord is the record of LayerNorm.
type layerNormRecord struct {
	node
	x, gamma, beta *Tensor
	moments        *Tensor // mean and 1/deviation of each row
	eps            float64
}

var layerNormKind = newKind[layerNormRecord]()

func (r *layerNormRecord) operands(list []*Tensor) []*Tensor {
	return append(list, r.x, r.gamma, r.beta)
}

func (r *layerNormRecord) compose() *Tensor {
	row := func(t *Tensor) *Tensor { return t.Mean(-1).Unsqueeze(-1) }
	d := r.x.Sub(row(r.x))
	return d.Div(row(d.Square()).AddScalar(r.eps).Sqrt()).Mul(r.gamma).Add(r.beta)
}

func (*layerNormRecord) reads() {}

func (r *layerNormRecord) backward(b *sweep, dy *Tensor) {
	g := layerNormGrad{x: r.x, gamma: r.gamma, moments: r.moments, dy: dy}
	if b.wants(r.x) {
		dx, fresh := b.buffer(r.x)
		g.dx, g.add = dx, !fresh
	}
	g.dgamma, g.dbeta = b.wanted(r.gamma), b.wanted(r.beta)
	device.layerNormGrad(g)
	b.add(r.gamma, g.dgamma)
	b.add(r.beta, g.dbeta)
}
