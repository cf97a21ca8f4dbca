package dl

import "modelbook/dl/internal/recurrent"

func (cpu) recur(r recurrence, work *Tensor) {
	if r.x.dtype == Float32 {
		forwards[float32](&r, work)
	} else {
		forwards[float64](&r, work)
	}
}

func (cpu) recurGrad(g recurrenceGrad, work, shared *Tensor) {
	if g.x.dtype == Float32 {
		backwards[float32](&g, work, shared)
	} else {
		backwards[float64](&g, work, shared)
	}
}

// floatsOf are the elements of a tensor that may be nil.
func floatsOf[F float32 | float64](t *Tensor) []F {
	if t == nil || t.size == 0 {
		return nil
	}
	return elements[F](t)
}

// pass describes the steps.
func passOf[F float32 | float64](r *recurrence, work *Tensor) recurrent.Pass[F] {
	block := r.batch * r.h
	p := recurrent.Pass[F]{Kind: recurrent.Kind(r.kind), Steps: r.steps, Batch: r.batch, Units: r.h, Reverse: r.reverse, U: floatsOf[F](r.u),
		Bias: floatsOf[F](r.bias), Gates: floatsOf[F](r.gates), Hidden: floatsOf[F](r.hidden)[:(r.steps+1)*block], Cells: floatsOf[F](r.cells),
		Extra: floatsOf[F](r.extra), Work: floatsOf[F](work), FromZero: r.first == nil}
	if r.mask != nil {
		p.Mask = r.mask.bools()
		p.Out = floatsOf[F](r.out)[(1-r.blockBefore())*block:][:r.steps*block]
	}
	return p
}

func forwards[F float32 | float64](r *recurrence, work *Tensor) {
	block := r.batch * r.h
	if block == 0 {
		return
	}
	p, out := passOf[F](r, work), floatsOf[F](r.out)
	first, last := 0, r.steps*block
	if r.reverse {
		first, last = last, first
	}
	begin := func(states []F, given *Tensor) {
		clear(states[first:][:block])
		copy(states[first:], floatsOf[F](given))
	}
	begin(p.Hidden, r.first)
	if r.cells != nil {
		begin(p.Cells, r.firstCell)
	}
	if r.mask != nil {
		copy(out[first:][:block], p.Hidden[first:])
	}
	recurrent.Forward(&p)
	copy(out[(r.steps+1)*block:][:block], p.Hidden[last:])
	if r.cells != nil {
		copy(out[(r.steps+2)*block:], p.Cells[last:])
	}
}

func backwards[F float32 | float64](g *recurrenceGrad, work, shared *Tensor) {
	block := g.batch * g.h
	if block == 0 {
		return
	}
	p, dy := passOf[F](&g.recurrence, work), floatsOf[F](g.dy)
	d := recurrent.Gradients[F]{Out: dy[(1-g.blockBefore())*block:][:g.steps*block], H: floatsOf[F](g.dh), C: floatsOf[F](g.dc),
		Gates: floatsOf[F](g.dgates), Extra: floatsOf[F](g.dextra), Shared: floatsOf[F](shared), ToLast: !g.toFirst}
	if g.lastOnly {
		d.Out = nil
	}
	copy(d.H, dy[(g.steps+1)*block:])
	if g.dc != nil {
		copy(d.C, dy[(g.steps+2)*block:])
	}
	recurrent.Backward(&p, &d)
}
