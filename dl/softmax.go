package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// softmax writes softmax or its logarithm along an axis.
func (t *Tensor) softmax(op string, axis int, logarithm bool) *Tensor {
	if t.dtype.isHalf() {
		return t.To(Float32).softmax(op, axis, logarithm).To(t.dtype)
	}
	t.float(op)
	t = t.Contiguous()
	axis = t.axis(op, axis)
	out := result(t.dtype, t.shape)
	inner := Shape(t.shape[axis+1:]).Size()
	n := t.shape[axis]
	if inner == 1 && t.dtype == Float32 && n > 0 {
		share(len(t.f32())/n, rowGrain(4*n), pass{dst: out.f32(), a: t.f32(), n: n, flag: logarithm, f: func(p *pass, lo, hi int) {
			if p.flag {
				vec.LogSoftmaxRows(p.dst[lo*p.n:hi*p.n], p.a[lo*p.n:hi*p.n], p.n)
			} else {
				vec.SoftmaxRows(p.dst[lo*p.n:hi*p.n], p.a[lo*p.n:hi*p.n], p.n)
			}
		}})
	} else {
		for outer := range Shape(t.shape[:axis]).Size() {
			for in := range inner {
				at := outer*n*inner + in
				m := math.Inf(-1)
				for k := range n {
					m = math.Max(m, t.at(at+k*inner))
				}
				sum := 0.0
				for k := range n {
					sum += math.Exp(t.at(at+k*inner) - m)
				}
				for k := range n {
					v := t.at(at+k*inner) - m
					if logarithm {
						v -= math.Log(sum)
					} else {
						v = math.Exp(v) / sum
					}
					out.set(at+k*inner, v)
				}
			}
		}
	}
	if recording(t) {
		r := softmaxKind.new()
		r.x, r.axis, r.inner, r.n, r.logarithm = t, axis, inner, n, logarithm
		r.keep(out)
		attach(out, op, r)
	}
	return out
}

// softmaxRecord is the record of Softmax and LogSoftmax.
type softmaxRecord struct {
	node
	x              *Tensor
	axis, n, inner int // n elements along the axis, inner apart
	logarithm      bool
}

var softmaxKind = newKind[softmaxRecord]()

func (r *softmaxRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *softmaxRecord) gradients(dy *Tensor) []*Tensor {
	keep := r.x.shape.Clone()
	keep[r.axis] = 1
	sum := func(t *Tensor) *Tensor { return t.Sum(r.axis).Reshape(keep...) }
	if r.logarithm {
		return []*Tensor{dy.Sub(r.out.Exp().Mul(sum(dy)))}
	}
	return []*Tensor{r.out.Mul(dy.Sub(sum(dy.Mul(r.out))))}
}

func (r *softmaxRecord) backward(b *sweep, dy *Tensor) {
	x, y, axis, inner, n := r.x, r.out, r.axis, r.inner, r.n
	g := b.target(x)
	if inner == 1 && x.dtype == Float32 && n > 0 {
		share(len(x.f32())/n, rowGrain(4*n), pass{dst: g.f32(), a: y.f32(), b: dy.f32(), n: n, flag: r.logarithm, f: softmaxGradPass})
		b.add(x, g)
		return
	}
	for outer := range Shape(x.shape[:axis]).Size() {
		for in := range inner {
			at := outer*n*inner + in
			dot := 0.0
			for k := range n {
				i := at + k*inner
				if r.logarithm {
					dot += dy.at(i)
				} else {
					dot += dy.at(i) * y.at(i)
				}
			}
			for k := range n {
				i := at + k*inner
				if r.logarithm {
					g.set(i, dy.at(i)-math.Exp(y.at(i))*dot)
				} else {
					g.set(i, y.at(i)*(dy.at(i)-dot))
				}
			}
		}
	}
	b.add(x, g)
}

func softmaxGradPass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		i, j := r*p.n, (r+1)*p.n
		dx, y, dy := p.dst[i:j], p.a[i:j], p.b[i:j]
		if p.flag { // y is the logarithm
			vec.Exp(dx, y)
			vec.Scale(dx, float32(-vec.Sum(dy)), dx)
			vec.Add(dx, dx, dy)
		} else {
			vec.SoftmaxGrad(dx, y, dy, float32(vec.Dot(y, dy)), 1)
		}
	}
}

// Softmax returns e^t divided by its sum along an axis.
func (t *Tensor) Softmax(axis int) *Tensor { return t.softmax("Softmax", axis, false) }

// LogSoftmax returns the logarithm of Softmax, computed stably.
func (t *Tensor) LogSoftmax(axis int) *Tensor { return t.softmax("LogSoftmax", axis, true) }
