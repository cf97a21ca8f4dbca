package recurrent

import (
	"math"

	"modelbook/dl/internal/vec"
)

// The cells of an LSTM and of a GRU in a row, of gates i, f, g and o, or r, z and n.

// lstmState makes the gates of their sums and writes the states next = f*c + i*g and h = o * tanh next.
func lstmState[F float](i, f, g, o, next, c, h []F) {
	if i, ok := any(i).([]float32); ok {
		vec.LSTMState(i, any(f).([]float32), any(g).([]float32), any(o).([]float32), any(next).([]float32), any(c).([]float32), any(h).([]float32))
		return
	}
	sigmoid(i)
	sigmoid(f)
	tanh(g)
	sigmoid(o)
	for k := range next {
		next[k] = f[k]*c[k] + i[k]*g[k]
		h[k] = o[k] * F(math.Tanh(float64(next[k])))
	}
}

// lstmGrad takes the gradient dh of o * tanh next, and dc of next, back: dc becomes that of the state c before, and the gates
// become the gradients of their sums.
func lstmGrad[F float](i, f, g, o, dc, dh, next, c []F) {
	if i, ok := any(i).([]float32); ok {
		vec.LSTMGrad(i, any(f).([]float32), any(g).([]float32), any(o).([]float32), any(dc).([]float32), any(dh).([]float32), any(next).([]float32), any(c).([]float32))
		return
	}
	for k := range i {
		t := F(math.Tanh(float64(next[k])))
		d := dc[k] + dh[k]*o[k]*(1-t*t)
		o[k] = dh[k] * t * o[k] * (1 - o[k])
		in, forget, candidate := i[k], f[k], g[k]
		i[k], f[k] = d*candidate*in*(1-in), d*c[k]*forget*(1-forget)
		g[k], dc[k] = d*in*(1-candidate*candidate), d*forget
	}
}

// gruState makes the gates of their sums and writes the state next = n + z*(h-n).
func gruState[F float](r, z, n, extra, h, next []F) {
	if r, ok := any(r).([]float32); ok {
		vec.GRUState(r, any(z).([]float32), any(n).([]float32), any(extra).([]float32), any(h).([]float32), any(next).([]float32))
		return
	}
	sigmoid(r)
	sigmoid(z)
	mulAdd(n, r, extra)
	tanh(n)
	for k := range next {
		next[k] = (h[k]-n[k])*z[k] + n[k]
	}
}

// gruGrad takes the gradient dh of the state back: what goes past the gates to the state h before stays in dh; the gradients
// of their sums take the places of the gates, and that of extra takes its place.
func gruGrad[F float](r, z, n, dh, h, extra []F) {
	if r, ok := any(r).([]float32); ok {
		vec.GRUGrad(r, any(z).([]float32), any(n).([]float32), any(dh).([]float32), any(h).([]float32), any(extra).([]float32))
		return
	}
	for k := range r {
		reset, update, next := r[k], z[k], n[k]
		past := dh[k] * update
		d := (dh[k] - past) * (1 - next*next)
		z[k] = (h[k] - next) * dh[k] * update * (1 - update)
		r[k] = d * extra[k] * reset * (1 - reset)
		n[k], dh[k], extra[k] = d, past, d*reset
	}
}
