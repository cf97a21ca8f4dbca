package recurrent

// cell applies the cell to a row: g are the sums of what inputs and the old state contribute, and become
// the gates.
func (j *job[F]) cell(t, r int, g, old, new []F) {
	h := j.Units
	work := j.Work[2*r*h:][:h]
	switch j.Kind {
	case Tanh:
		tanh(g)
		copy(new, g)
	case ReLU:
		relu(g)
		copy(new, g)
	case LSTM:
		before, after := j.states(t)
		lstmState(g[:h], g[h:2*h], g[2*h:3*h], g[3*h:], j.row(j.Cells, after, r, h), j.row(j.Cells, before, r, h), new)
	case GRU:
		extra := j.row(j.Extra, t, r, h)
		if j.Bias != nil {
			add(g[:2*h], j.Bias[:2*h])
			add(extra, j.Bias[2*h:])
		}
		gruState(g[:h], g[h:2*h], g[2*h:], extra, old, new)
	case GRUBefore:
		j.blend(g, old, new, work)
	}
}

// blend is the end of a GRU's cell: h = n + z*(h-n).
func (j *job[F]) blend(g, old, new, work []F) {
	h := j.Units
	tanh(g[2*h:])
	sub(work, old, g[2*h:])
	mul(new, work, g[h:2*h])
	add(new, g[2*h:])
}

// cellGrad writes the gradients of the sums of a row. dh is the gradient of the state after the step; what
// of it goes past the gates to the state before stays in dh. For a GRUBefore resetGrad does the rest.
func (j *job[F]) cellGrad(t, r, before int, dh []F) {
	h, n := j.Units, j.Kind.Gates()
	g, d := j.row(j.Gates, t, r, n*h), j.row(j.g.Gates, t, r, n*h)
	u, v := j.Work[2*r*h:][:h], j.Work[2*r*h+h:][:h]
	switch j.Kind {
	case Tanh:
		tanhGrad(d, dh, g)
		j.passed(dh)
	case ReLU:
		reluGrad(d, dh, g)
		j.passed(dh)
	case LSTM:
		if &d[0] != &g[0] {
			copy(d, g)
		}
		dc := j.g.C[r*h : (r+1)*h]
		lstmGrad(d[:h], d[h:2*h], d[2*h:3*h], d[3*h:], dc, dh, j.row(j.Cells, j.after(t), r, h), j.row(j.Cells, before, r, h))
		j.passed(dh)
	case GRU:
		extra, dextra := j.row(j.Extra, t, r, h), j.row(j.g.Extra, t, r, h)
		if &d[0] != &g[0] {
			copy(d, g)
		}
		if &dextra[0] != &extra[0] {
			copy(dextra, extra)
		}
		gruGrad(d[:h], d[h:2*h], d[2*h:], dh, j.row(j.Hidden, before, r, h), dextra)
	case GRUBefore:
		z, c := g[h:2*h], g[2*h:]
		sub(u, j.row(j.Hidden, before, r, h), c)
		mul(u, u, dh)
		mul(v, dh, z)
		sub(dh, dh, v)
		tanhGrad(d[2*h:], dh, c)
		sigmoidGrad(d[h:2*h], u, z)
		copy(dh, v)
	}
}

// after is the number of the state after a step.
func (p *Pass[F]) after(t int) int {
	_, after := p.states(t)
	return after
}

// passed is what of dh goes past the gates of a cell without such a way: nothing. Without a Mask the
// product overwrites it.
func (j *job[F]) passed(dh []F) {
	if j.Mask != nil {
		clear(dh)
	}
}

// resetGrad writes the gradient of the reset gate of a GRUBefore.
func (j *job[F]) resetGrad(t, r, before int) {
	h := j.Units
	reset, d := j.row(j.Gates, t, r, 3*h)[:h], j.row(j.g.Gates, t, r, 3*h)[:h]
	shared, u := j.g.Shared[r*h:(r+1)*h], j.Work[2*r*h:][:h]
	mul(u, shared, j.row(j.Hidden, before, r, h))
	mulAdd(j.g.H[r*h:(r+1)*h], shared, reset)
	sigmoidGrad(d, u, reset)
}
