package dl

import (
	"slices"

	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

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

func (cpu) sortRows(tokens *Tensor, sorted, starts []int) (n int) {
	// A key is a token and its place.
	for i := range sorted {
		sorted[i] = int(get(tokens, i))*len(sorted) + i
	}
	slices.Sort(sorted)
	last := -1
	for i, key := range sorted {
		if token := key / len(sorted); token != last {
			starts[n], last = i, token
			n++
		}
		sorted[i] = key % len(sorted)
	}
	starts[n] = len(sorted)
	return n
}

func (cpu) sumRows(dy *Tensor, sorted, starts []int, tokens, rows, sums *Tensor) {
	d := sums.shape[1]
	share(len(starts)-1, rowGrain(d), pass{dst: sums.f32(), a: dy.f32(), at: sorted, more: starts, t: [3]*Tensor{tokens, rows}, n: d, f: func(p *pass, lo, hi int) {
		for i := lo; i < hi; i++ {
			sum, places := p.dst[i*p.n:(i+1)*p.n], p.at[p.more[i]:p.more[i+1]]
			p.t[1].i64()[i] = int64(get(p.t[0], places[0]))
			copy(sum, p.a[places[0]*p.n:])
			for _, at := range places[1:] {
				vec.Add(sum, sum, p.a[at*p.n:(at+1)*p.n])
			}
		}
	}})
}

func (cpu) visitRows(rows, dy *Tensor, v gradient.Visitor) {
	j := takeVisit()
	j.rows, j.dy, j.v = rows, dy, v
	parallel.Run(rows.size, rowGrain(dy.shape[1]), j)
	j.release()
}

// visitRows hands out some rows of a gradient.
func (j *visit) visitRows(lo, hi int) {
	n, dy, rows := j.dy.shape[1], j.dy.f32(), j.rows.i64()
	for i := lo; i < hi; i++ {
		row := int(rows[i])
		j.v.Visit(row*n, (row+1)*n, dy[i*n:(i+1)*n])
	}
}
