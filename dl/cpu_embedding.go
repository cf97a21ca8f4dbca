package dl

import "modelbook/dl/internal/vec"

func (cpu) outside(t *Tensor, n int) int {
	for i := range t.size {
		if v := int(get(t, i)); v < 0 || v >= n {
			return i
		}
	}
	return -1
}

func (cpu) oneHot(t, out *Tensor) {
	out.clear()
	y, n := out.f32(), out.shape[len(out.shape)-1]
	for i := range t.size {
		y[i*n+int(get(t, i))] = 1
	}
}

func (cpu) embed(table, tokens, out *Tensor) {
	d := table.shape[1]
	if table.dtype == Float32 {
		share(tokens.Size(), rowGrain(d), pass{dst: out.f32(), a: table.f32(), t: [3]*Tensor{tokens}, n: d, f: func(p *pass, lo, hi int) {
			for i := lo; i < hi; i++ {
				at := int(get(p.t[0], i)) * p.n
				copy(p.dst[i*p.n:(i+1)*p.n], p.a[at:at+p.n])
			}
		}})
	} else {
		for i := range tokens.Size() {
			at := int(get(tokens, i)) * d
			copy(out.f64()[i*d:(i+1)*d], table.f64()[at:at+d])
		}
	}
}

func (cpu) embedGrad(dy, tokens, g *Tensor) {
	d := g.shape[1]
	if g.dtype == Float32 {
		// The threads share the columns, so that each adds up in the same order.
		strips := max(1, d/64)
		share(strips, max(1, elementGrain*strips/max(1, dy.Size())), pass{dst: g.f32(), a: dy.f32(), t: [3]*Tensor{tokens}, n: d, m: strips, f: func(p *pass, lo, hi int) {
			from, to := p.n*lo/p.m, p.n*hi/p.m
			for i := range len(p.a) / max(1, p.n) {
				row := p.dst[int(get(p.t[0], i))*p.n:]
				vec.Add(row[from:to], row[from:to], p.a[i*p.n+from:i*p.n+to])
			}
		}})
		return
	}
	for i := range tokens.Size() {
		at := int(get(tokens, i)) * d
		for k, v := range dy.f64()[i*d : (i+1)*d] {
			g.f64()[at+k] += v
		}
	}
}
