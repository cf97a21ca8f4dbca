package dl

import (
	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

func (cpu) move(to, from region, add bool) {
	j := loops.Get().(*loop)
	j.s[0], j.s[1], j.add = to.storage, from.storage, add
	j.walk = newWalk("Copy", to.layout, from.layout)
	kernels := &cpuTypes[to.dtype]
	j.run = kernels.move
	n, steps := j.inner()
	rows := j.rows()
	if rows > 1 && steps[0] == 1 && steps[1] != 1 && j.tile() {
		j.run = kernels.moveTiles
		m := j.shape[j.axes-2]
		n, rows = tileSize*n, rows/m*((m+tileSize-1)/tileSize)
	} else if j.whole = rows == 1; j.whole {
		n, rows = 1, n
	} else if steps[0] == 1 && steps[1] == 1 && n < longRow {
		j.readInOrder(n)
	}
	parallel.Run(rows, max(1, 1<<15/n), j)
	j.release()
}

// longRow is from what length on rows are written one after the other, wherever they are read: a processor waits longer for
// memory that it writes.
const longRow = 64

// readInOrder makes rows of n elements that follow each other in the source the
// ones that are copied one after the other: the processor fetches what comes
// next where it reads, and not where it writes.
func (j *loop) readInOrder(n int) {
	last := j.axes - 2
	for q := range last {
		if j.steps[q][1] == n {
			j.shape[q], j.shape[last] = j.shape[last], j.shape[q]
			j.steps[q], j.steps[last] = j.steps[last], j.steps[q]
			return
		}
	}
}

// moveRows does rows of a copy, or a part of its only row.
func moveRows[T any](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	_, steps := j.inner()
	to32, single := any(to).([]float32)
	if from32, ok := any(from).([]float32); ok && single && j.s[0] != j.s[1] && steps[0] == 1 && steps[1] == 1 && !j.whole {
		last := j.axes - 2
		apart := j.steps[last]
		for c, rows, n := j.part(lo, hi); rows > 0; {
			many := min(rows, j.shape[last]-c.index[last])
			if apart[0] < 0 || apart[1] < 0 {
				many = 1
			}
			vec.CopyRows(to32[c.at[0]:], apart[0], from32[c.at[1]:], apart[1], n, many)
			c.index[last] += many - 1
			for k := range c.at {
				c.at[k] += (many - 1) * apart[k]
			}
			j.next(&c)
			rows -= many
		}
		return
	}
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		moveRow(to, c.at[0], steps[0], from, c.at[1], steps[1], n)
		j.next(&c)
	}
}

func moveRow[T any](to []T, d, ds int, from []T, s, ss, n int) {
	switch {
	case ds == 1 && ss == 1:
		copy(to[d:d+n], from[s:s+n])
	case ds == 1 && ss == 0:
		fillRow(to[d:d+n], from[s])
	default:
		for range n {
			to[d] = from[s]
			d, s = d+ds, s+ss
		}
	}
}

// fillRow sets all elements of a row: a few, and then copies of these, which stay
// in the first cache.
func fillRow[T any](row []T, v T) {
	const most = 1 << 10
	first := min(16, len(row))
	for i := range row[:first] {
		row[i] = v
	}
	for at := first; at < len(row); {
		at += copy(row[at:], row[:min(at, most)])
	}
}

// addRows is moveRows that adds.
func addRows[T float](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		d, s := c.at[0], c.at[1]
		if steps[0] == 1 && steps[1] == 1 {
			addRow(to[d:d+n], from[s:s+n])
		} else {
			for range n {
				to[d] += from[s]
				d, s = d+steps[0], s+steps[1]
			}
		}
		j.next(&c)
	}
}

// moveFloats copies or adds.
func moveFloats[T float](j *loop, lo, hi int) {
	if j.add {
		addRows[T](j, lo, hi)
	} else {
		moveRows[T](j, lo, hi)
	}
}

// tileSize is the side of the squares by which a transposed matrix is copied:
// the cache lines, and the pages, read for one row of a square serve the others.
const tileSize = 64

// tile makes the axis along which the source lies together the last but one,
// and reports whether there is one.
func (j *loop) tile() bool {
	last := j.axes - 1
	for q := range last {
		if j.steps[q][1] == 1 && !j.add && j.shape[q] >= 4 && j.shape[last] >= 4 {
			j.shape[q], j.shape[last-1] = j.shape[last-1], j.shape[q]
			j.steps[q], j.steps[last-1] = j.steps[last-1], j.steps[q]
			return true
		}
	}
	return false
}

// moveTiles copies transposed matrices; a row is tileSize rows of one. A square
// goes through room that is in the first cache whole: rows of large matrices,
// read or written a few elements at a time, throw each other out of it.
func moveTiles[T any](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	n, inner := j.inner()
	m, outer := j.shape[j.axes-2], j.steps[j.axes-2]
	strips := (m + tileSize - 1) / tileSize
	matrices := j.walk
	matrices.axes--
	to32, single := any(to).([]float32)
	from32, _ := any(from).([]float32)
	var room []float32
	if single = single && inner[1] > 0; single {
		room = takePart(tileSize * tileSize)
	}
	for ; lo < hi; lo++ {
		c := matrices.start(lo / strips)
		first := lo % strips * tileSize
		height := min(tileSize, m-first)
		for i := 0; i < n; i += tileSize {
			width := min(tileSize, n-i)
			d, s := c.at[0]+first*outer[0]+i, c.at[1]+first+i*inner[1] // outer[1] is 1, see tile
			if single {
				gemm.Transpose(room, tileSize, from32[s:], inner[1], width, height)
				for q := range height {
					copy(to32[d+q*outer[0]:][:width], room[q*tileSize:])
				}
			} else {
				moveSquare(to, d, outer[0], from, s, inner[1], width, height)
			}
		}
	}
	if single {
		releasePart(room)
	}
}

// moveSquare writes the transpose of width rows of from that are height long, some of them at once.
func moveSquare[T any](to []T, d, stepTo int, from []T, s, stepFrom, width, height int) {
	const some = 16
	var room [some * tileSize]T
	for i := 0; i < width; i += some {
		n := min(some, width-i)
		for k := range n {
			at := s + (i+k)*stepFrom
			copy(room[k*tileSize:], from[at:at+height])
		}
		for q := range height {
			row := to[d+q*stepTo+i:][:n]
			for k := range row {
				row[k] = room[k*tileSize+q]
			}
		}
	}
}

func (cpu) copy(x, y *Tensor) {
	if x.dtype == Float32 {
		copyInto(y.f32(), x.f32())
	} else {
		copy(y.f64(), x.f64())
	}
}

// copyInto copies x to dst on all threads.
func copyInto(dst, x []float32) {
	if few(len(dst)) {
		copy(dst, x)
		return
	}
	share(len(dst), 4*elementGrain, pass{dst: dst, a: x, f: func(p *pass, lo, hi int) { copy(p.dst[lo:hi], p.a[lo:hi]) }})
}

func (cpu) add(x, sum *Tensor) {
	if x.dtype == Float32 {
		addInto(sum.f32(), x.f32())
		return
	}
	to := sum.f64()
	for i, v := range x.f64() {
		to[i] += v
	}
}

// addInto adds x to dst on all threads.
func addInto(dst, x []float32) {
	if few(len(dst)) {
		vec.Add(dst, dst, x)
		return
	}
	share(len(dst), elementGrain, pass{dst: dst, a: x, f: func(p *pass, lo, hi int) {
		vec.Add(p.dst[lo:hi], p.dst[lo:hi], p.a[lo:hi])
	}})
}

func (cpu) take(x, y *Tensor, at []int, n int) { cpuTypes[x.dtype].take(y, x, at, n) }

// takeRows copies rows of n elements, on all threads.
func takeRows[T Element](to, from *Tensor, at []int, n int) {
	out, in := elements[T](to), elements[T](from)
	if few(len(out)) {
		takeSomeRows(out, in, at, n)
		return
	}
	parallel.For(len(at), max(1, 4*elementGrain/n), func(lo, hi int) { takeSomeRows(out[lo*n:], in, at[lo:hi], n) })
}

func takeSomeRows[T Element](out, in []T, at []int, n int) {
	if n == 1 {
		out = out[:len(at)]
		for i, r := range at {
			out[i] = in[r]
		}
		return
	}
	for i, r := range at {
		copy(out[i*n:(i+1)*n], in[r*n:(r+1)*n])
	}
}

func (cpu) putBack(x, y *Tensor, at []int, n int) {
	if x.dtype == Float32 {
		addRowsAt(y.f32(), x.f32(), at, n)
	} else {
		addRowsAt(y.f64(), x.f64(), at, n)
	}
}

func (cpu) scatter(x, y *Tensor, at []int, n int) {
	if x.dtype != Float32 || n < 8 {
		y.clear()
		cpu{}.putBack(x, y, at, n)
		return
	}
	// Each row of y in turn: its rows of x, in their order, follow each other in a
	// list that is sorted by counting.
	rows := y.size / n
	list := ints(rows + 1 + len(at))
	ends, sorted := list[:rows+1], list[rows+1:]
	clear(ends)
	for _, r := range at {
		ends[r+1]++
	}
	for r := range rows {
		ends[r+1] += ends[r]
	}
	for i, r := range at {
		sorted[ends[r]] = i
		ends[r]++
	}
	// Now ends[r] is the end of the list of row r, and that of the row before it is
	// its beginning.
	share(rows, rowGrain(n), pass{f: scatterPass, dst: y.f32(), a: x.f32(), at: list, n: n, m: rows})
}

func scatterPass(p *pass, lo, hi int) {
	ends, sorted := p.at[:p.m], p.at[p.m+1:]
	from := 0
	if lo > 0 {
		from = ends[lo-1]
	}
	for r := lo; r < hi; r++ {
		row := p.dst[r*p.n : (r+1)*p.n]
		if from == ends[r] {
			clear(row)
			continue
		}
		copy(row, p.a[sorted[from]*p.n:])
		for from++; from < ends[r]; from++ {
			vec.Add(row, row, p.a[sorted[from]*p.n:][:p.n])
		}
	}
}

// addRowsAt adds rows of n elements of x to those of dst at the given positions.
// Each thread has columns of its own, so that a row that is named twice has the
// same sum whatever their number.
func addRowsAt[T float](dst, x []T, at []int, n int) {
	if few(len(x)) {
		addColumnsAt(dst, x, at, n, 0, n)
		return
	}
	grain := max(64, elementGrain/max(1, len(at))) // whole cache lines
	parallel.For(n, grain, func(lo, hi int) { addColumnsAt(dst, x, at, n, lo, hi) })
}

func addColumnsAt[T float](dst, x []T, at []int, n, lo, hi int) {
	if n == 1 {
		for i, r := range at {
			dst[r] += x[i]
		}
		return
	}
	for i, r := range at {
		addRow(dst[r*n+lo:r*n+hi], x[i*n+lo:i*n+hi])
	}
}

// addRow adds x to dst.
func addRow[T float](dst, x []T) {
	if y, ok := any(dst).([]float32); ok {
		vec.Add(y, y, any(x).([]float32))
		return
	}
	for i, v := range x {
		dst[i] += v
	}
}
