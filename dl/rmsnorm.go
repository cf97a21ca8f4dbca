package dl

// RMSNorm divides every row of x, its last axis, by the root of the mean of its squares, and scales it by gamma (Zhang
// and Sennrich, 2019): y = x/sqrt(mean(x*x)+eps)*gamma for x [..., C], gamma [C].
func RMSNorm(x, gamma *Tensor, eps float64) *Tensor {
	mustBeEpsilon("RMSNorm", eps)
	x, gamma = x.Contiguous(), gamma.Contiguous()
	sameFloats("RMSNorm", x, gamma)
	if len(x.shape) == 0 {
		shapePanic("RMSNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	if len(gamma.shape) != 1 || gamma.shape[0] != c {
		misfit("RMSNorm", "gamma needs an element for each of the last axis", ends(x.shape, gamma.shape), x, gamma)
	}
	out, scales := result(x.dtype, x.shape), result(x.dtype, shapeOf(x.Size()/max(1, c)))
	device.rmsNorm(rmsNorm{x: x, gamma: gamma, scales: scales, y: out, eps: eps})
	if recording(x, gamma) {
		r := rmsNormKind.new()
		r.x, r.gamma, r.scales, r.eps = x, gamma, scales, eps
		r.keep(x, gamma)
		attach(out, "RMSNorm", r)
	}
	return out
}

// rmsNormRecord is the record of RMSNorm.
type rmsNormRecord struct {
	node
	x, gamma, scales *Tensor
	eps              float64
}

var rmsNormKind = newKind[rmsNormRecord]()

func (r *rmsNormRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.gamma) }

func (r *rmsNormRecord) compose() *Tensor {
	return r.x.Div(r.x.Square().Mean(-1).Unsqueeze(-1).AddScalar(r.eps).Sqrt()).Mul(r.gamma)
}

func (*rmsNormRecord) reads() {}

func (r *rmsNormRecord) backward(b *sweep, dy *Tensor) {
	g := rmsNormGrad{x: r.x, gamma: r.gamma, scales: r.scales, dy: dy}
	if b.wants(r.x) {
		dx, fresh := b.buffer(r.x)
		g.dx, g.add = dx, !fresh
	}
	g.dgamma = b.wanted(r.gamma)
	device.rmsNormGrad(g)
	b.add(r.gamma, g.dgamma)
}
