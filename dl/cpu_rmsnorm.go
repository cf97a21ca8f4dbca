package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

func (cpu) rmsNorm(l rmsNorm) {
	c := l.gamma.size
	rows := l.scales.size
	if l.x.dtype == Float32 {
		share(rows, rowGrain(c), pass{f: rmsNormPass, dst: l.y.f32(), a: l.x.f32(), b: l.gamma.f32(), part: l.scales.f32(), n: c, s: params{l.eps}})
		return
	}
	gamma, scales := l.gamma.f64(), l.scales.f64()
	for r := range rows {
		y, x := l.y.f64()[r*c:(r+1)*c], l.x.f64()[r*c:(r+1)*c]
		mean := 0.0
		for _, v := range x {
			mean += v * v / float64(c)
		}
		scales[r] = 1 / math.Sqrt(mean+l.eps)
		for i, v := range x {
			y[i] = v * scales[r] * gamma[i]
		}
	}
}

func rmsNormPass(p *pass, lo, hi int) {
	for r, n := lo, p.n; r < hi; r++ {
		p.part[r] = vec.RMSNorm(p.dst[r*n:(r+1)*n], p.a[r*n:(r+1)*n], p.b, p.s[0])
	}
}

func (cpu) rmsNormGrad(l rmsNormGrad) {
	c := l.gamma.size
	if c == 0 {
		return
	}
	rows := l.scales.size
	if l.x.dtype == Float64 {
		l.doubles(rows)
		return
	}
	p := pass{f: rmsNormGradPass, dst: l.dx.values(), flag: l.add, a: l.dy.f32(), b: l.x.f32(), c: l.gamma.f32(), d: l.scales.f32(), n: c, m: chunkRows(c)}
	chunks := (rows + p.m - 1) / p.m
	p.part = result(Float32, shapeOf(chunks, c)).f32()
	share(chunks, 1, p)
	sums := result(Float32, shapeOf(c)).f32()
	clear(sums)
	vec.SumRows(sums, p.part)
	copy(l.dgamma.values(), sums)
}

// rmsNormGradPass does chunks of rows, each with its own sums of the gradient of gamma.
func rmsNormGradPass(p *pass, lo, hi int) {
	n := p.n
	for k := lo; k < hi; k++ {
		sums := p.part[k*n : (k+1)*n]
		clear(sums)
		for r := k * p.m; r < min((k+1)*p.m, len(p.d)); r++ {
			var dx []float32
			if p.dst != nil {
				dx = p.dst[r*n : (r+1)*n]
			}
			vec.RMSNormGrad(dx, sums, p.a[r*n:(r+1)*n], p.b[r*n:(r+1)*n], p.c, p.d[r], p.flag)
		}
	}
}

// doubles computes the gradients of float64 rows.
func (l *rmsNormGrad) doubles(rows int) {
	c := l.gamma.size
	x, gamma, scales, dy := l.x.f64(), l.gamma.f64(), l.scales.f64(), l.dy.f64()
	if l.dgamma != nil {
		l.dgamma.clear()
	}
	for row := range rows {
		scale, t := scales[row], 0.0
		for i := range c {
			d, norm := dy[row*c+i], x[row*c+i]*scale
			if l.dgamma != nil {
				l.dgamma.f64()[i] += d * norm
			}
			t += d * gamma[i] * norm / float64(c)
		}
		if l.dx == nil {
			continue
		}
		for i, d := range dy[row*c : (row+1)*c] {
			dx := scale * (d*gamma[i] - x[row*c+i]*scale*t)
			if l.add {
				dx += l.dx.f64()[row*c+i]
			}
			l.dx.f64()[row*c+i] = dx
		}
	}
}
