package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// LayerNorm brings every row of x, its last axis, to mean 0 and variance 1,
// scales it by gamma and shifts it by beta (Ba, Kiros and Hinton, 2016):
// y = (x-mean)/sqrt(variance+eps)*gamma + beta for x [..., C], gamma and beta
// [C]. The variance is divided by C.
func LayerNorm(x, gamma, beta *Tensor, eps float64) *Tensor {
	x, gamma, beta = x.Contiguous(), gamma.Contiguous(), beta.Contiguous()
	sameFloats("LayerNorm", x, gamma)
	sameFloats("LayerNorm", x, beta)
	if len(x.shape) == 0 {
		shapePanic("LayerNorm", "at least one axis is needed", x)
	}
	c := x.shape[len(x.shape)-1]
	for _, p := range [2]*Tensor{gamma, beta} {
		if len(p.shape) != 1 || p.shape[0] != c {
			shapePanic("LayerNorm", "gamma and beta need an element for each of the last axis", x, p)
		}
	}
	rows := x.Size() / max(1, c)
	out, moments := result(x.dtype, x.shape), result(x.dtype, shapeOf(rows, 2)) // mean, 1/deviation
	if x.dtype == Float32 {
		share(rows, rowGrain(c), pass{f: layerNormPass, dst: out.f32(), a: x.f32(), b: gamma.f32(), c: beta.f32(), part: moments.f32(),
			n: c, s: params{eps}})
	} else {
		for r := range rows {
			y, x := out.f64()[r*c:(r+1)*c], x.f64()[r*c:(r+1)*c]
			mean, variance := 0.0, 0.0
			for _, v := range x {
				mean += v / float64(c)
			}
			for _, v := range x {
				variance += (v - mean) * (v - mean) / float64(c)
			}
			scale := 1 / math.Sqrt(variance+eps)
			for i, v := range x {
				y[i] = (v-mean)*scale*gamma.f64()[i] + beta.f64()[i]
			}
			moments.f64()[2*r], moments.f64()[2*r+1] = mean, scale
		}
	}
	if recording(x, gamma, beta) {
		r := layerNormKind.new()
		r.x, r.gamma, r.beta, r.moments, r.eps = x, gamma, beta, moments, eps
		r.keep(x, gamma)
		attach(out, "LayerNorm", r)
	}
	return out
}

func layerNormPass(p *pass, lo, hi int) {
	for r, n := lo, p.n; r < hi; r++ {
		p.part[2*r], p.part[2*r+1] = vec.LayerNorm(p.dst[r*n:(r+1)*n], p.a[r*n:(r+1)*n], p.b, p.c, p.s[0])
	}
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

func (r *layerNormRecord) backward(b *sweep, dy *Tensor) {
	x, gamma, beta, moments := r.x, r.gamma, r.beta, r.moments
	c := gamma.Size()
	rows := x.Size() / max(1, c)
	if x.dtype == Float64 || c == 0 {
		r.backward64(b, rows, dy)
		return
	}
	p := pass{f: layerNormGradPass, a: dy.f32(), b: x.f32(), c: gamma.f32(), d: moments.f32(), n: c, m: chunkRows(c)}
	chunks := (rows + p.m - 1) / p.m
	p.part = result(Float32, shapeOf(chunks, 2, c)).f32()
	if b.wants(x) {
		g, fresh := b.buffer(x)
		p.dst, p.flag = g.f32(), !fresh
	}
	share(chunks, 1, p)
	sums := result(Float32, shapeOf(2, c))
	clear(sums.f32())
	vec.SumRows(sums.f32(), p.part)
	for k, t := range [2]*Tensor{gamma, beta} {
		if b.wants(t) {
			g := b.target(t)
			copy(g.f32(), sums.f32()[k*c:])
			b.add(t, g)
		}
	}
}

// layerNormGradPass does chunks of rows, each with its own sums of the
// gradients of gamma and beta.
func layerNormGradPass(p *pass, lo, hi int) {
	n := p.n
	for k := lo; k < hi; k++ {
		sums := p.part[2*k*n : 2*(k+1)*n]
		clear(sums)
		for r := k * p.m; r < min((k+1)*p.m, len(p.d)/2); r++ {
			var dx []float32
			if p.dst != nil {
				dx = p.dst[r*n : (r+1)*n]
			}
			vec.LayerNormGrad(dx, sums[:n], sums[n:], p.a[r*n:(r+1)*n], p.b[r*n:(r+1)*n], p.c, p.d[2*r], p.d[2*r+1], p.flag)
		}
	}
}

func (r *layerNormRecord) backward64(s *sweep, rows int, dy *Tensor) {
	x, gamma, beta, moments := r.x, r.gamma, r.beta, r.moments
	c := gamma.Size()
	dx, dg, db := result(x.dtype, x.shape), result(x.dtype, gamma.shape), result(x.dtype, beta.shape)
	dg.clear()
	db.clear()
	for row := range rows {
		mean, scale := moments.f64()[2*row], moments.f64()[2*row+1]
		s, t := 0.0, 0.0
		for i := range c {
			d, norm := dy.f64()[row*c+i], (x.f64()[row*c+i]-mean)*scale
			dg.f64()[i] += d * norm
			db.f64()[i] += d
			s += d * gamma.f64()[i] / float64(c)
			t += d * gamma.f64()[i] * norm / float64(c)
		}
		for i := range c {
			norm := (x.f64()[row*c+i] - mean) * scale
			dx.f64()[row*c+i] = scale * (dy.f64()[row*c+i]*gamma.f64()[i] - s - norm*t)
		}
	}
	s.add(x, dx)
	s.add(gamma, dg)
	s.add(beta, db)
}
