package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

func (cpu) softmax(s softmax) {
	t, out, n, inner, logarithm := s.x, s.y, s.n, s.inner, s.logarithm
	if t.size == 0 {
		return
	}
	if inner == 1 && t.dtype == Float32 {
		share(len(t.f32())/n, rowGrain(4*n), pass{dst: out.f32(), a: t.f32(), n: n, flag: logarithm, f: func(p *pass, lo, hi int) {
			if p.flag {
				vec.LogSoftmaxRows(p.dst[lo*p.n:hi*p.n], p.a[lo*p.n:hi*p.n], p.n)
			} else {
				vec.SoftmaxRows(p.dst[lo*p.n:hi*p.n], p.a[lo*p.n:hi*p.n], p.n)
			}
		}})
	} else if t.dtype == Float32 && inner >= 16 {
		softmaxColumns(columnSoftmax{softmax: s, x: t.f32(), dst: out.f32()})
	} else {
		for outer := range t.size / (n * inner) {
			for in := range inner {
				at := outer*n*inner + in
				m := math.Inf(-1)
				for k := range n {
					m = math.Max(m, get(t, at+k*inner))
				}
				sum := 0.0
				for k := range n {
					sum += math.Exp(get(t, at+k*inner) - m)
				}
				for k := range n {
					v := get(t, at+k*inner) - m
					if logarithm {
						v -= math.Log(sum)
					} else {
						v = math.Exp(v) / sum
					}
					put(out, at+k*inner, v)
				}
			}
		}
	}
}

func (cpu) softmaxGrad(s softmax, dy, g *Tensor) {
	y, n, inner := s.y, s.n, s.inner
	if y.size == 0 {
		return
	}
	if inner == 1 && y.dtype == Float32 {
		share(y.size/n, rowGrain(4*n), pass{dst: g.f32(), a: y.f32(), b: dy.f32(), n: n, flag: s.logarithm, f: softmaxGradPass})
		return
	}
	if y.dtype == Float32 && inner >= 16 {
		softmaxColumns(columnSoftmax{softmax: s, x: y.f32(), dy: dy.f32(), dst: g.f32()})
		return
	}
	for outer := range y.size / (n * inner) {
		for in := range inner {
			at := outer*n*inner + in
			dot := 0.0
			for k := range n {
				i := at + k*inner
				if s.logarithm {
					dot += get(dy, i)
				} else {
					dot += get(dy, i) * get(y, i)
				}
			}
			for k := range n {
				i := at + k*inner
				if s.logarithm {
					put(g, i, get(dy, i)-math.Exp(get(y, i))*dot)
				} else {
					put(g, i, get(y, i)*(get(dy, i)-dot))
				}
			}
		}
	}
}

func softmaxGradPass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		i, j := r*p.n, (r+1)*p.n
		dx, y, dy := p.dst[i:j], p.a[i:j], p.b[i:j]
		if p.flag { // y is the logarithm
			vec.LogSoftmaxGrad(dx, y, dy, float32(vec.Sum(dy)))
		} else {
			vec.SoftmaxGrad(dx, y, dy, float32(vec.Dot(y, dy)), 1)
		}
	}
}
