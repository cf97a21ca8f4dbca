package dl

import "fmt"

// GroupNorm brings, in each sample of x [N, ..., C], each of several groups of channels that follow each other to mean 0
// and variance 1 over all places, then scales channels by gamma and shifts them by beta, both [C] or nil (Wu and He,
// 2018): y = (x-mean)/sqrt(variance+eps)*gamma + beta. The variance is divided by the number of values. With as many
// groups as channels it is instance normalisation. It panics with a *ValueError when the groups do not divide the
// channels.
func GroupNorm(x, gamma, beta *Tensor, groups int, eps float64) *Tensor {
	mustBeEpsilon("GroupNorm", eps)
	x = x.Contiguous()
	x.float("GroupNorm")
	if len(x.shape) < 2 {
		shapePanic("GroupNorm", "the input must be [N, ..., C]", x)
	}
	c := x.shape[len(x.shape)-1]
	if groups < 1 || c%groups != 0 {
		PanicValue("GroupNorm", "%d groups do not divide the %d channels of %v", groups, c, x.shape)
	}
	if gamma != nil {
		gamma = gamma.Contiguous()
		sameFloats("GroupNorm", x, gamma)
	}
	if beta != nil {
		beta = beta.Contiguous()
		sameFloats("GroupNorm", x, beta)
	}
	for _, p := range [2]*Tensor{gamma, beta} {
		if p != nil && (len(p.shape) != 1 || p.shape[0] != c) {
			shapePanic("GroupNorm", fmt.Sprintf("gamma and beta need an element for each of the %d channels", c), x, p)
		}
	}
	out, moments := result(x.dtype, x.shape), result(Float64, shapeOf(x.shape[0], groups, 2)) // mean, 1/deviation
	device.groupNorm(groupNorm{x: x, gamma: gamma, beta: beta, moments: moments, y: out, groups: groups, eps: eps})
	if recording(x, gamma, beta) {
		r := groupNormKind.new()
		r.x, r.gamma, r.beta, r.moments, r.groups, r.eps = x, gamma, beta, moments, groups, eps
		r.keep(x, gamma)
		attach(out, "GroupNorm", r)
	}
	return out
}

// groupNormRecord is the record of GroupNorm.
type groupNormRecord struct {
	node
	x, gamma, beta *Tensor
	moments        *Tensor
	groups         int
	eps            float64
}

var groupNormKind = newKind[groupNormRecord]()

func (r *groupNormRecord) operands(list []*Tensor) []*Tensor {
	return append(list, r.x, r.gamma, r.beta)
}

func (r *groupNormRecord) compose() *Tensor {
	s := r.x.shape
	n, c := s[0], s[len(s)-1]
	x := r.x.Reshape(n, r.x.Size()/max(1, n*c), r.groups, c/r.groups)
	mean := func(t *Tensor) *Tensor { return t.Mean(1, 3).Reshape(n, 1, r.groups, 1) }
	d := x.Sub(mean(x))
	y := d.Div(mean(d.Square()).AddScalar(r.eps).Sqrt()).Reshape(s...)
	if r.gamma != nil {
		y = y.Mul(r.gamma)
	}
	if r.beta != nil {
		y = y.Add(r.beta)
	}
	return y
}

func (*groupNormRecord) reads() {}

func (r *groupNormRecord) backward(b *sweep, dy *Tensor) {
	g := groupNormGrad{groupNorm: groupNorm{x: r.x, gamma: r.gamma, moments: r.moments, groups: r.groups}, dy: dy, dx: b.wanted(r.x)}
	c := r.x.shape[len(r.x.shape)-1]
	g.sums = result(Float64, shapeOf(2, c)) // of the gradients of gamma and beta
	device.groupNormGrad(g)
	b.add(r.x, g.dx)
	if r.gamma != nil {
		b.addAs(r.gamma, g.sums.Select(0, 0))
	}
	if r.beta != nil {
		b.addAs(r.beta, g.sums.Select(0, 1))
	}
}
