package dl

import "sync"

// move copies elements from one layout to another, or adds them, on all
// threads. Both storages have the same dtype. Elements of to must be at
// different places.
func move(to *storage, tl layout, from *storage, fl layout, add bool) {
	if Shape(tl.shape).Size() == 0 {
		return
	}
	j := loops.Get().(*loop)
	j.s[0], j.s[1], j.add = to, from, add
	j.walk = newWalk("Copy", tl, fl)
	kernels := &dtypes[to.dtype]
	j.run = kernels.move
	n, steps := j.inner()
	rows := j.rows()
	if rows > 1 && steps[0] == 1 && steps[1] != 1 && j.tile() {
		j.run = kernels.moveTiles
		m := j.shape[j.axes-2]
		n, rows = tileSize*n, rows/m*((m+tileSize-1)/tileSize)
	} else if j.whole = rows == 1; j.whole {
		n, rows = 1, n
	}
	device.loop(j, rows, max(1, 1<<15/n))
	j.release()
}

// moveInto copies elements of the same dtype and shape.
func moveInto(to, from *Tensor) { move(to.storage, to.layout(), from.storage, from.layout(), false) }

// A loop is an elementwise operation under way: on a result, s[0], and up to
// three operands.
type loop struct {
	walk
	s      [4]*storage
	run    func(j *loop, lo, hi int)
	whole  bool // there is one row, of which the threads take parts
	add    bool // to the result
	second bool // the derivative by the second operand
	rule   *pairRule
	order  ordering
}

// over runs the operation on all threads.
func (j *loop) over(run func(j *loop, lo, hi int)) {
	j.run = run
	n, _ := j.inner()
	rows := j.rows()
	if j.whole = rows == 1; j.whole {
		n, rows = 1, n
	}
	device.loop(j, rows, max(1, 1<<14/max(n, 1)))
	j.release()
}

// part returns the beginning of the first row of a part, how many rows it has
// and how long they are.
func (j *loop) part(lo, hi int) (c cursor, rows, n int) {
	n, steps := j.inner()
	if !j.whole {
		return j.start(lo), hi - lo, n
	}
	c = j.start(0)
	for k := range c.at {
		c.at[k] += lo * steps[k]
	}
	return c, 1, hi - lo
}

func (j *loop) release() {
	*j = loop{}
	loops.Put(j)
}

func (j *loop) Range(lo, hi int) { j.run(j, lo, hi) }

var loops = sync.Pool{New: func() any { return new(loop) }}

// moveRows does rows of a copy, or a part of its only row.
func moveRows[T any](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	_, steps := j.inner()
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
		v, row := from[s], to[d:d+n]
		for i := range row {
			row[i] = v
		}
	default:
		for range n {
			to[d] = from[s]
			d, s = d+ds, s+ss
		}
	}
}

// addRows is moveRows that adds.
func addRows[T float](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		d, s := c.at[0], c.at[1]
		if steps[0] == 1 && steps[1] == 1 {
			row := to[d : d+n]
			for i, v := range from[s : s+n] {
				row[i] += v
			}
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
// the cache lines read for one row of a square serve the others.
const tileSize = 32

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

// moveTiles copies transposed matrices; a row is tileSize rows of one.
func moveTiles[T any](j *loop, lo, hi int) {
	to, from := j.s[0].data.([]T), j.s[1].data.([]T)
	n, inner := j.inner()
	m, outer := j.shape[j.axes-2], j.steps[j.axes-2]
	strips := (m + tileSize - 1) / tileSize
	matrices := j.walk
	matrices.axes--
	for ; lo < hi; lo++ {
		c := matrices.start(lo / strips)
		for i := 0; i < n; i += tileSize {
			width := min(tileSize, n-i)
			for q := lo % strips * tileSize; q < min((lo%strips+1)*tileSize, m); q++ {
				d, s := c.at[0]+q*outer[0]+i, c.at[1]+q*outer[1]+i*inner[1]
				for k := range width {
					to[d+k] = from[s]
					s += inner[1]
				}
			}
		}
	}
}
