package dl

import (
	"math"

	"modelbook/dl/internal/attention"
	"modelbook/dl/internal/vec"
)

// operand is t, of three axes of which the last has no gaps, from column at on.
func operand(t *Tensor, at int) attention.Operand {
	t.check()
	if t.size == 0 {
		return attention.Operand{}
	}
	l := t.layout()
	return attention.Operand{Data: t.data.([]float32)[l.offset+at:], Batch: l.strides[0], Stride: l.strides[1]}
}

// rules are what the kernels are told about an attention.
func (a *attended) rules() (attention.Shape, attention.Rules) {
	s := attention.Shape{Batch: a.Batch, Heads: a.Heads, KVHeads: a.KVHeads, Queries: a.Queries, Keys: a.Keys, Size: a.Size}
	r := attention.Rules{Scale: float32(a.Scale), Causal: a.Causal, Window: a.Window, Offsets: a.Offsets, Lengths: a.Lengths, Slopes: a.Slopes}
	if a.mask != nil {
		steps := a.maskSteps()
		r.Mask.Batch, r.Mask.Head, r.Mask.Queries = steps[0], steps[1], steps[2]
		if a.mask.dtype == Bool {
			r.Mask.Shown = a.mask.bools()
		} else {
			r.Mask.Added = a.mask.f32()
		}
	}
	if a.rate > 0 {
		r.Threshold, r.Keep, r.Key = dropThreshold(a.rate), float32(1/(1-a.rate)), a.key
	}
	return s, r
}

func (cpu) attend(a attended) {
	q, k, v, out := a.q, a.k, a.v, a.y
	if q.dtype == Float32 {
		s, r := a.rules()
		attention.Forward(s, r, operand(q, a.at[0]), operand(k, a.at[1]), operand(v, a.at[2]), operand(out, 0), a.sums.f32())
		return
	}
	out.clear()
	a.each(func(b, h, i int) {
		p := a.scores(b, h, i)
		m, sum := math.Inf(-1), 0.0
		for _, e := range p {
			m = math.Max(m, e)
		}
		at := (b*a.Heads+h)*a.Queries + i
		if math.IsInf(m, -1) { // no key is seen
			a.sums.f64()[at] = math.Inf(1)
			return
		}
		for _, e := range p {
			sum += math.Exp(e - m)
		}
		a.sums.f64()[at] = m + math.Log(sum)
		o := a.row(out, b, i, h, 0)
		for j, e := range p {
			w := math.Exp(e-m) / sum * a.kept(at*a.Keys+j)
			for c, x := range a.row(v, b, j, a.group(h), a.at[2]) {
				o[c] += w * x
			}
		}
	})
}

func (cpu) attendGrad(a attended, dout *Tensor, d [3]*Tensor, dmask *Tensor) {
	q, k, v, at, out, lse, dq, dk, dv := a.q, a.k, a.v, a.at, a.y, a.sums, d[0], d[1], d[2]
	if dmask != nil {
		dmask.clear()
	}
	if q.dtype == Float32 {
		s, r := a.rules()
		if dmask != nil {
			r.Mask.Grad = dmask.f32()
		}
		attention.Backward(s, r, operand(q, at[0]), operand(k, at[1]), operand(v, at[2]), operand(out, 0), lse.f32(),
			operand(dout, 0), operand(dq, at[0]), operand(dk, at[1]), operand(dv, at[2]))
		return
	}
	dq.clear()
	dk.clear()
	dv.clear()
	a.each(func(b, h, i int) {
		kv, place := a.group(h), (b*a.Heads+h)*a.Queries+i
		d, own := a.row(dout, b, i, h, 0), 0.0
		for c, x := range a.row(out, b, i, h, 0) {
			own += d[c] * x
		}
		x, dx := a.row(q, b, i, h, at[0]), a.row(dq, b, i, h, at[0])
		for j, e := range a.scores(b, h, i) {
			p, kept := math.Exp(e-lse.f64()[place]), a.kept(place*a.Keys+j)
			y, dy := a.row(k, b, j, kv, at[1]), a.row(dk, b, j, kv, at[1])
			z, dz := a.row(v, b, j, kv, at[2]), a.row(dv, b, j, kv, at[2])
			dp := 0.0
			for c := range z {
				dp += d[c] * z[c]
				dz[c] += p * kept * d[c]
			}
			ds := p * (dp*kept - own)
			if dmask != nil {
				dmask.f64()[place*a.Keys+j] = ds
			}
			for c := range y {
				dx[c] += ds * a.Scale * y[c]
				dy[c] += ds * a.Scale * x[c]
			}
		}
	})
}

// each calls f for every query of every head.
func (s *heads) each(f func(b, h, i int)) {
	for b := range s.Batch {
		for h := range s.Heads {
			for i := range s.Queries {
				f(b, h, i)
			}
		}
	}
}

// group is the head of keys and values of a head of queries.
func (s *heads) group(h int) int { return h / (s.Heads / s.KVHeads) }

// row is head h of row i of batch b in a float64 operand that begins at a column.
func (s *heads) row(t *Tensor, b, i, h, at int) []float64 {
	t.check()
	l := t.layout()
	return t.data.([]float64)[l.offset+b*l.strides[0]+i*l.strides[1]+at+h*s.Size:][:s.Size]
}

// scores are those of a query, minus infinity where it sees no key.
func (a *attended) scores(b, h, i int) []float64 {
	x, scores := a.row(a.q, b, i, h, a.at[0]), make([]float64, a.Keys)
	for j := range scores {
		if !a.shows(b, h, i, j) {
			scores[j] = math.Inf(-1)
			continue
		}
		for c, y := range a.row(a.k, b, j, a.group(h), a.at[1]) {
			scores[j] += x[c] * y * a.Scale
		}
		if a.Slopes != nil {
			scores[j] -= a.Slopes[h] * math.Abs(float64(a.position(b, i)-j))
		}
		if a.mask != nil && a.mask.dtype != Bool {
			scores[j] += a.mask.f64()[a.maskRow(b, h, i)+j]
		}
	}
	return scores
}

// kept is what the weight of a number is multiplied by: 0 where it is dropped.
func (a *attended) kept(number int) float64 {
	switch {
	case a.rate == 0:
		return 1
	case vec.Kept(number, a.key, dropThreshold(a.rate)):
		return 1 / (1 - a.rate)
	}
	return 0
}
