package dl

import (
	"sync"
	"sync/atomic"

	"modelbook/dl/internal/parallel"
)

// A gatherLoop is a gathering under way: a walk over what it reads or adds, the index, and where in x the places of the
// index begin.
type gatherLoop struct {
	walk
	gathering
	y            *Tensor
	size, stride int // of the axis
	run          func(j *gatherLoop, lo, hi int)
	bad          atomic.Int64 // the least number of an index that is none
}

var gatherLoops = sync.Pool{New: func() any { return new(gatherLoop) }}

func (j *gatherLoop) Range(lo, hi int) { j.run(j, lo, hi) }

// over runs a gathering on the threads: as many rows as it has, but for those of a gradient in which others add to the
// same elements.
func (g gathering) over(y *Tensor, run func(j *gatherLoop, lo, hi int), apart bool) int {
	if y.size == 0 {
		return -1
	}
	j := gatherLoops.Get().(*gatherLoop)
	j.gathering, j.y, j.run = g, y, run
	steps := strides(g.x.shape)
	j.size, j.stride = g.x.shape[g.axis], steps[g.axis]
	steps = shapeOf(steps...)
	steps[g.axis] = 0
	j.walk = newWalk("Gather", y.layout(), g.index.layout(), layout{y.shape, steps, g.x.offset})
	j.bad.Store(int64(y.size))
	n, rows := j.shape[j.axes-1], j.rows()
	if apart && g.axis != len(y.shape)-1 {
		run(j, 0, rows)
	} else {
		parallel.Run(rows, max(1, 1<<13/n), j)
	}
	bad := int(j.bad.Load())
	j.gathering, j.y = gathering{}, nil
	gatherLoops.Put(j)
	if bad < y.size {
		return bad
	}
	return -1
}

func (cpu) gather(g gathering, y *Tensor) (bad int) {
	return g.over(y, cpuTypes[y.dtype].gather, false)
}

func (j *gatherLoop) isBad(at int) {
	for {
		old := j.bad.Load()
		if int64(at) >= old || j.bad.CompareAndSwap(old, int64(at)) {
			return
		}
	}
}

// gatherRows does rows of the result.
func gatherRows[T Element](j *gatherLoop, lo, hi int) {
	y, index, x := j.y.data.([]T), j.index.data.([]int64), j.x.data.([]T)
	n, steps := j.inner()
	c := j.start(lo)
	for ; lo < hi; lo++ {
		at, row := index[c.at[1]:][:n], y[c.at[0]:][:n]
		bad := -1
		if j.stride == 1 && steps[2] == 0 {
			bad = gatherRow(row, at, x[c.at[2]:][:j.size])
		} else {
			from := c.at[2]
			for i, v := range at {
				if v < 0 {
					v += int64(j.size)
				}
				if uint64(v) >= uint64(j.size) {
					bad = i
					break
				}
				row[i] = x[from+int(v)*j.stride]
				from += steps[2]
			}
		}
		if bad >= 0 {
			j.isBad(c.at[1] - j.index.offset + bad)
		}
		j.next(&c)
	}
}

// gatherRow reads elements of x and returns the first place of the index that there is none of, or -1.
func gatherRow[T Element](y []T, index []int64, x []T) int {
	y = y[:len(index)]
	for i, v := range index {
		if uint64(v) >= uint64(len(x)) {
			if v += int64(len(x)); uint64(v) >= uint64(len(x)) {
				return i
			}
		}
		y[i] = x[v]
	}
	return -1
}

func (cpu) gatherGrad(g gathering, dy *Tensor) {
	if g.x.dtype == Float32 {
		g.over(dy, gatherGradRows[float32], true)
	} else {
		g.over(dy, gatherGradRows[float64], true)
	}
}

// gatherGradRows adds rows of dy to x.
func gatherGradRows[T float](j *gatherLoop, lo, hi int) {
	dy, index, x := j.y.data.([]T), j.index.data.([]int64), j.x.data.([]T)
	n, steps := j.inner()
	c := j.start(lo)
	for ; lo < hi; lo++ {
		at, row, from := index[c.at[1]:][:n], dy[c.at[0]:][:n], c.at[2]
		for i, v := range at {
			if v < 0 {
				v += int64(j.size)
			}
			x[from+int(v)*j.stride] += row[i]
			from += steps[2]
		}
		j.next(&c)
	}
}
