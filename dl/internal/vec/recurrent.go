package vec

import "math"

// The cells of an LSTM (Hochreiter and Schmidhuber, 1997) and of a GRU (Cho et al., 2014) in one row. i, f, g and o are the
// gates of the first: input, forget, candidate and output; r, z and n those of the other: reset, update and candidate.

// LSTMState makes the gates of their sums, in place, and writes the states next = f*c + i*g and h = o * tanh next.
func LSTMState(i, f, g, o, next, c, h []float32) {
	n := len(i)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3] = &i[0], &f[:n][0], &g[:n][0], &o[:n][0]
	a.p[4], a.p[5], a.p[6] = &next[:n][0], &c[:n][0], &h[:n][0]
	if a.run(kLstmState, n) {
		return
	}
	for k := range i {
		i[k], f[k] = float32(sigmoid(float64(i[k]))), float32(sigmoid(float64(f[k])))
		g[k], o[k] = float32(math.Tanh(float64(g[k]))), float32(sigmoid(float64(o[k])))
		next[k] = f[k]*c[k] + i[k]*g[k]
		h[k] = o[k] * float32(math.Tanh(float64(next[k])))
	}
}

// LSTMGrad takes the gradient dh of o * tanh next, and dc of next, back: dc becomes that of the state c before, and the gates
// become the gradients of their sums.
func LSTMGrad(i, f, g, o, dc, dh, next, c []float32) {
	n := len(i)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3] = &i[0], &f[:n][0], &g[:n][0], &o[:n][0]
	a.p[4], a.p[5], a.p[6], a.p[7] = &dc[:n][0], &dh[:n][0], &next[:n][0], &c[:n][0]
	if a.run(kLstmGrad, n) {
		return
	}
	for k := range i {
		t := float32(math.Tanh(float64(next[k])))
		d := dc[k] + dh[k]*o[k]*(1-t*t)
		o[k] = dh[k] * t * o[k] * (1 - o[k])
		in, forget, candidate := i[k], f[k], g[k]
		i[k], f[k] = d*candidate*in*(1-in), d*c[k]*forget*(1-forget)
		g[k], dc[k] = d*in*(1-candidate*candidate), d*forget
	}
}

// GRUState makes the gates of their sums, in place, where extra is what the state contributes to the candidate's, and writes
// the state next = n + z*(h-n).
func GRUState(r, z, n, extra, h, next []float32) {
	size := len(r)
	if size == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2] = &r[0], &z[:size][0], &n[:size][0]
	a.p[3], a.p[4], a.p[5] = &extra[:size][0], &h[:size][0], &next[:size][0]
	if a.run(kGruState, size) {
		return
	}
	for k := range r {
		r[k], z[k] = float32(sigmoid(float64(r[k]))), float32(sigmoid(float64(z[k])))
		n[k] = float32(math.Tanh(float64(n[k] + r[k]*extra[k])))
		next[k] = (h[k]-n[k])*z[k] + n[k]
	}
}

// GRUGrad takes the gradient dh of the state back: what goes past the gates to the state h before stays in dh, the gradients
// of their sums take the places of the gates, and that of extra takes its place.
func GRUGrad(r, z, n, dh, h, extra []float32) {
	size := len(r)
	if size == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2] = &r[0], &z[:size][0], &n[:size][0]
	a.p[3], a.p[4], a.p[5] = &dh[:size][0], &h[:size][0], &extra[:size][0]
	if a.run(kGruGrad, size) {
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
