package dl

import "modelbook/dl/internal/vec"

// wide handles rows of a few channels as fewer, longer rows: what belongs to a
// channel is repeated, and sums are folded in the end. So a kernel is called
// for about a thousand elements whatever the number of channels.
type wide struct {
	channels int
	n        int // elements of a long row, a multiple of channels
}

// wideRows are those of so many elements in all.
func wideRows(channels, elements int) wide {
	channels = max(1, channels)
	return wide{channels, channels * max(1, min(1024, elements)/channels)}
}

// row returns room for a value for each element of a long row.
func (w wide) row() []float32 { return result(Float32, shapeOf(w.n)).f32() }

// repeat copies the channels' values to the rest of each row.
func (w wide) repeat(rows ...[]float32) {
	for _, r := range rows {
		for at := w.channels; at < w.n; at *= 2 {
			copy(r[at:], r[:at])
		}
	}
}

// share calls p.f for long rows of x, the last one perhaps shorter.
func (w wide) share(x []float32, p pass) {
	rows := (len(x) + w.n - 1) / w.n
	inner := keep(p)
	share(rows, rowGrain(w.n), pass{f: widePass, n: w.n, m: len(x), inner: inner})
	inner.release()
}

func widePass(p *pass, lo, hi int) {
	for r := lo; r < hi; r++ {
		p.inner.f(p.inner, r*p.n, min((r+1)*p.n, p.m))
	}
}

// sums calls p.f for long rows of x, with part for the sums of a chunk of them,
// and adds those of each channel to sums, and the second half of part to more
// unless that is nil.
func (w wide) sums(x []float32, sums, more []float64, p pass) {
	width := w.n
	if more != nil {
		width *= 2
	}
	rows := (len(x) + w.n - 1) / w.n
	height := chunkRows(w.n)
	chunks := (rows + height - 1) / height
	part := result(Float32, shapeOf(chunks, width)).f32()
	inner := keep(p)
	share(chunks, 1, pass{f: wideSumPass, n: w.n, m: len(x), s: params{float64(height), float64(width)}, part: part, inner: inner})
	inner.release()
	for at := 0; at < len(part); at += width {
		for k, v := range w.fold(part[at : at+w.n]) {
			sums[k] += float64(v)
		}
		if more != nil {
			for k, v := range w.fold(part[at+w.n : at+width]) {
				more[k] += float64(v)
			}
		}
	}
}

// fold adds up what belongs to each channel, in the first places of a row.
func (w wide) fold(row []float32) []float32 {
	vec.SumRows(row[:w.channels], row[w.channels:w.n])
	return row[:w.channels]
}

// from adds, by f, the distances of rows of x from each channel's value at to row, and returns the channels' sums.
func (w wide) from(at, x, row []float32, f func(dst, x, mean []float32)) []float32 {
	w.repeat(at)
	clear(row)
	for i := 0; i < len(x); i += w.n {
		n := min(w.n, len(x)-i)
		f(row[:n], x[i:i+n], at[:n])
	}
	return w.fold(row)
}

func wideSumPass(p *pass, lo, hi int) {
	height, width := int(p.s[0]), int(p.s[1])
	for k := lo; k < hi; k++ {
		q := keep(*p.inner)
		q.part = p.part[k*width : (k+1)*width]
		clear(q.part)
		for r := k * height; r < (k+1)*height && r*p.n < p.m; r++ {
			q.f(q, r*p.n, min((r+1)*p.n, p.m))
		}
		q.release()
	}
}
