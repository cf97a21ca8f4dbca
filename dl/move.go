package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
)

// move copies elements from one layout to another, or adds them, on all
// threads. Both storages have the same dtype. Elements of to must be at
// different places.
func move(to *storage, tl layout, from *storage, fl layout, add bool) {
	if Shape(tl.shape).Size() == 0 {
		return
	}
	j := movers.Get().(*mover)
	j.to, j.from, j.add = to, from, add
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
	parallel.Run(rows, max(1, 1<<15/n), j)
	*j = mover{}
	movers.Put(j)
}

// moveInto copies elements of the same dtype and shape.
func moveInto(to, from *Tensor) { move(to.storage, to.layout(), from.storage, from.layout(), false) }

// A mover is a copy under way.
type mover struct {
	walk
	to, from *storage
	add      bool
	whole    bool // there is one row, of which the threads take parts
	run      func(j *mover, lo, hi int)
}

func (j *mover) Range(lo, hi int) { j.run(j, lo, hi) }

var movers = sync.Pool{New: func() any { return new(mover) }}

// moveRows does rows of a copy, or a part of its only row.
func moveRows[T any](j *mover, lo, hi int) {
	to, from := j.to.data.([]T), j.from.data.([]T)
	n, steps := j.inner()
	d, s := steps[0], steps[1]
	if j.whole {
		c := j.start(0)
		moveRow(to, c.at[0]+lo*d, d, from, c.at[1]+lo*s, s, hi-lo)
		return
	}
	for c := j.start(lo); lo < hi; lo++ {
		moveRow(to, c.at[0], d, from, c.at[1], s, n)
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
func addRows[T float](j *mover, lo, hi int) {
	to, from := j.to.data.([]T), j.from.data.([]T)
	n, steps := j.inner()
	c := j.start(lo)
	if j.whole {
		c = j.start(0)
		c.at[0] += lo * steps[0]
		c.at[1] += lo * steps[1]
		n, lo, hi = hi-lo, 0, 1
	}
	for ; lo < hi; lo++ {
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
func moveFloats[T float](j *mover, lo, hi int) {
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
func (j *mover) tile() bool {
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
func moveTiles[T any](j *mover, lo, hi int) {
	to, from := j.to.data.([]T), j.from.data.([]T)
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
