package dl

import (
	"math"

	"modelbook/dl/internal/attention"
)

// operand is t from column at on.
func operand(t *Tensor, at int) attention.Operand {
	if t.Size() == 0 {
		return attention.Operand{}
	}
	return attention.Operand{Data: t.f32()[at:], Stride: t.shape[2]}
}

func (cpu) attend(a attended) {
	s, q, k, v, at, out := a.heads, a.q, a.k, a.v, a.at, a.y
	if q.dtype == Float32 {
		attention.Forward(attention.Shape(s), operand(q, at[0]), operand(k, at[1]), operand(v, at[2]), operand(out, 0), a.sums.f32())
		return
	}
	out.clear()
	s.each(func(b, h, i int) {
		p := s.scores(q, k, at, b, h, i)
		m, sum := math.Inf(-1), 0.0
		for _, e := range p {
			m = math.Max(m, e)
		}
		for _, e := range p {
			sum += math.Exp(e - m)
		}
		a.sums.f64()[(b*s.Heads+h)*s.Queries+i] = m + math.Log(sum)
		o := s.row(out, b, i, s.Queries, h, 0)
		for j, e := range p {
			for c, x := range s.row(v, b, j, s.Keys, h, at[2]) {
				o[c] += math.Exp(e-m) / sum * x
			}
		}
	})
}

func (cpu) attendGrad(a attended, dout *Tensor, d [3]*Tensor) {
	s, q, k, v, at, out, lse, dq, dk, dv := a.heads, a.q, a.k, a.v, a.at, a.y, a.sums, d[0], d[1], d[2]
	if q.dtype == Float32 {
		attention.Backward(attention.Shape(s), operand(q, at[0]), operand(k, at[1]), operand(v, at[2]), operand(out, 0), lse.f32(),
			operand(dout, 0), operand(dq, at[0]), operand(dk, at[1]), operand(dv, at[2]))
		return
	}
	dq.clear()
	dk.clear()
	dv.clear()
	scale := 1 / math.Sqrt(float64(s.Size))
	s.each(func(b, h, i int) {
		d, own := s.row(dout, b, i, s.Queries, h, 0), 0.0
		for c, x := range s.row(out, b, i, s.Queries, h, 0) {
			own += d[c] * x
		}
		x, dx := s.row(q, b, i, s.Queries, h, at[0]), s.row(dq, b, i, s.Queries, h, at[0])
		for j, e := range s.scores(q, k, at, b, h, i) {
			p := math.Exp(e - lse.f64()[(b*s.Heads+h)*s.Queries+i])
			y, dy := s.row(k, b, j, s.Keys, h, at[1]), s.row(dk, b, j, s.Keys, h, at[1])
			z, dz := s.row(v, b, j, s.Keys, h, at[2]), s.row(dv, b, j, s.Keys, h, at[2])
			dp := 0.0
			for c := range z {
				dp += d[c] * z[c]
				dz[c] += p * d[c]
			}
			ds := p * (dp - own) * scale
			for c := range y {
				dx[c] += ds * y[c]
				dy[c] += ds * x[c]
			}
		}
	})
}

// each calls f for every query of every head.
func (s heads) each(f func(b, h, i int)) {
	for b := range s.Batch {
		for h := range s.Heads {
			for i := range s.Queries {
				f(b, h, i)
			}
		}
	}
}

// row is head h of row i of batch b in a float64 operand that begins at a column.
func (s heads) row(t *Tensor, b, i, rows, h, at int) []float64 {
	return t.f64()[(b*rows+i)*t.shape[2]+at+h*s.Size:][:s.Size]
}

// scores are those of the keys that query i sees.
func (s heads) scores(q, k *Tensor, at [3]int, b, h, i int) []float64 {
	n := s.Keys
	if s.Causal {
		n = i + 1
	}
	x, scores := s.row(q, b, i, s.Queries, h, at[0]), make([]float64, n)
	for j := range scores {
		for c, y := range s.row(k, b, j, s.Keys, h, at[1]) {
			scores[j] += x[c] * y / math.Sqrt(float64(s.Size))
		}
	}
	return scores
}
