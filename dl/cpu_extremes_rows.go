package dl

import "modelbook/dl/internal/vec"

// between tells of a contiguous t and axes that follow each other, all when none is given: how many elements lie in
// front of them, along them and behind them.
func (t *Tensor) between(axes []int) (outer, n, inner int, ok bool) {
	if t.strides != nil {
		return 0, 0, 0, false
	}
	lo, hi := 0, len(t.shape)
	if len(axes) > 0 {
		lo, hi = len(t.shape), 0
		for _, a := range axes {
			k := t.axis("", a)
			lo, hi = min(lo, k), max(hi, k+1)
		}
	}
	if len(axes) > 0 && hi-lo != len(axes) {
		return 0, 0, 0, false
	}
	return Shape(t.shape[:lo]).Size(), Shape(t.shape[lo:hi]).Size(), Shape(t.shape[hi:]).Size(), true
}

// extremeFloats does reductions of float32 over axes that follow each other, and reports whether it did. where, the
// numbers of the elements, and places, those along the axes, may be nil.
func extremeFloats(r reduction, y []float32, where []int, places []int64) bool {
	if r.x.dtype != Float32 || r.x.size == 0 {
		return false
	}
	outer, n, inner, ok := r.x.between(r.axes)
	if !ok || inner > 1 && inner < 16 {
		return false
	}
	p := pass{dst: y, a: r.x.f32(), at: where, places: places, n: n, m: inner, flag: r.factor > 0}
	switch {
	case inner > 1:
		p.f, p.key = columnExtremePass, uint64(strip(inner))
		strips := (inner + strip(inner) - 1) / strip(inner)
		share(outer*strips, max(1, elementGrain/(n*strip(inner))), p)
	case outer == 1:
		extremeOfAll(p)
	default:
		p.f = rowExtremePass
		share(outer, rowGrain(n), p)
	}
	return true
}

func rowExtremePass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		p.result(r, r*p.n, p.a[r*p.n:(r+1)*p.n], extremeOf(p.a[r*p.n:(r+1)*p.n], p.flag))
	}
}

func extremeOf(x []float32, largest bool) float32 {
	if largest {
		return vec.Max(x)
	}
	return vec.Min(x)
}

// result notes the extreme of elements, which begin at a place in a.
func (p *pass) result(r, from int, x []float32, v float32) {
	if p.dst != nil {
		p.dst[r] = v
	}
	if p.at == nil && p.places == nil {
		return
	}
	at := vec.IndexOf(x, v)
	if p.at != nil {
		p.at[r] = from + at
	}
	if p.places != nil {
		p.places[r] = int64(from + at - r*p.n)
	}
}

// extremeOfAll does one row on all threads: the extremes of its chunks, and then that of these.
func extremeOfAll(p pass) {
	chunks := (p.n + lossChunk - 1) / lossChunk
	each := result(Float32, shapeOf(chunks)).f32()
	share(chunks, 1, pass{a: p.a, part: each, flag: p.flag, f: func(p *pass, lo, hi int) {
		for k := lo; k < hi; k++ {
			p.part[k] = extremeOf(p.a[k*lossChunk:min((k+1)*lossChunk, len(p.a))], p.flag)
		}
	}})
	v := extremeOf(each, p.flag)
	from := vec.IndexOf(each, v) * lossChunk
	p.result(0, from, p.a[from:min(from+lossChunk, len(p.a))], v)
}

// columnExtremePass does strips of columns.
func columnExtremePass(p *pass, lo, hi int) {
	n, inner, most := p.n, p.m, int(p.key)
	strips := (inner + most - 1) / most
	room := takePart(most)
	var numbers [widestStrip]int32
	for k := lo; k < hi; k++ {
		o, from := k/strips, k%strips*most
		width := min(most, inner-from)
		best, where, x := room[:width], numbers[:width], p.a[o*n*inner+from:]
		copy(best, x)
		if rest := x[min(inner, len(x)):]; n == 1 {
			clear(where)
		} else if p.at != nil || p.places != nil {
			clear(where)
			for i := 1; i < n; i++ {
				if row := x[i*inner:][:width]; p.flag {
					vec.LargestRow(best, where, row, i)
				} else {
					vec.SmallestRow(best, where, row, i)
				}
			}
		} else if rest = rest[:(n-2)*inner+width]; p.flag {
			vec.MaximumRows(best, rest, inner)
		} else {
			vec.MinimumRows(best, rest, inner)
		}
		to := o*inner + from
		if p.dst != nil {
			copy(p.dst[to:], best)
		}
		for i, w := range where {
			if p.at != nil {
				p.at[to+i] = (o*n+int(w))*inner + from + i
			}
			if p.places != nil {
				p.places[to+i] = int64(w)
			}
		}
	}
	releasePart(room)
}
