package dl

import (
	"sync"
	"sync/atomic"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// A gatherLoop is a gathering under way: a walk over what it reads or adds, the index, and where in x the places of the
// index begin. It is done in blocks: rows, or for a gradient along another axis than the last one columns of the rows that
// lead to the same rows of x, so that no two blocks add to the same elements.
type gatherLoop struct {
	walk
	gathering
	y            *Tensor
	size, stride int // of the axis
	depth, width int // of a block
	blocks       int // in a row
	run          func(j *gatherLoop, lo, hi int)
	clears       bool         // rows of x are cleared before something is added
	bad          atomic.Int64 // the least number of an index that is none
}

var gatherLoops = sync.Pool{New: func() any { return new(gatherLoop) }}

func (j *gatherLoop) Range(lo, hi int) { j.run(j, lo, hi) }

// begin prepares a gathering of an index that has elements. apart is false where the blocks of a gradient may lead to the
// same elements of x.
func (g gathering) begin(y *Tensor, run func(j *gatherLoop, lo, hi int), adds bool) (j *gatherLoop, apart bool) {
	j = gatherLoops.Get().(*gatherLoop)
	j.gathering, j.y, j.run, j.clears = g, y, run, false
	steps := strides(g.x.shape)
	j.size, j.stride = g.x.shape[g.axis], steps[g.axis]
	steps = shapeOf(steps...)
	steps[g.axis] = 0
	j.walk = newWalk("Gather", y.layout(), g.index.layout(), layout{y.shape, steps, g.x.offset})
	j.bad.Store(int64(y.size))
	n, _ := j.inner()
	j.depth, j.width, j.blocks = 1, n, 1
	apart = g.axis == len(y.shape)-1
	if last := j.axes - 1; adds && last > 0 && !apart && j.steps[last-1][2] == 0 {
		j.depth, j.width = j.shape[last-1], min(n, max(64, (n+7)/8)) // whole cache lines, parts for threads
		j.blocks = (n + j.width - 1) / j.width
		apart = true
	}
	return j, apart
}

// do runs a gathering on the threads, or on one, and returns the number of the first place of the index that there is none
// of, or -1.
func (j *gatherLoop) do(threads bool) int {
	items, size := j.rows()/j.depth*j.blocks, j.y.size
	if threads {
		parallel.Run(items, max(1, 1<<13/(j.depth*j.width)), j)
	} else {
		j.run(j, 0, items)
	}
	bad := int(j.bad.Load())
	j.gathering, j.y = gathering{}, nil
	gatherLoops.Put(j)
	if bad < size {
		return bad
	}
	return -1
}

// part returns the first row and the number of rows of block k, and its columns. Blocks of whole single rows are taken
// together, up to the one before hi.
func (j *gatherLoop) part(k, hi int) (c cursor, rows, from, n, next int) {
	if j.depth == 1 && j.blocks == 1 {
		return j.start(k), hi - k, 0, j.width, hi
	}
	whole, _ := j.inner()
	from = k % j.blocks * j.width
	return j.start(k / j.blocks * j.depth), j.depth, from, min(j.width, whole-from), k + 1
}

func (cpu) gather(g gathering, y *Tensor) (bad int) {
	if y.size == 0 {
		return -1
	}
	j, _ := g.begin(y, cpuTypes[y.dtype].gather, false)
	return j.do(true)
}

func (j *gatherLoop) isBad(at int) {
	for {
		old := j.bad.Load()
		if int64(at) >= old || j.bad.CompareAndSwap(old, int64(at)) {
			return
		}
	}
}

// gatherRows does blocks of the result.
func gatherRows[T Element](j *gatherLoop, lo, hi int) {
	y, index, x := j.y.data.([]T), j.index.data.([]int64), j.x.data.([]T)
	y32, single := any(y).([]float32)
	x32, _ := any(x).([]float32)
	_, steps := j.inner()
	for lo < hi {
		c, rows, from, n, next := j.part(lo, hi)
		for ; rows > 0; rows-- {
			at, base, bad := index[c.at[1]+from:][:n], c.at[2]+from*steps[2], -1
			if single {
				bad = vec.Gather(y32[c.at[0]+from:][:n], at, x32[base:], j.size, j.stride, steps[2])
			} else {
				bad = gatherRow(y[c.at[0]+from:][:n], at, x[base:], j.size, j.stride, steps[2])
			}
			if bad >= 0 {
				j.isBad(c.at[1] + from - j.index.offset + bad)
			}
			j.next(&c)
		}
		lo = next
	}
}

// gatherRow is vec.Gather of other elements.
func gatherRow[T Element](y []T, index []int64, x []T, size, stride, step int) int {
	y = y[:len(index)]
	for i, v := range index {
		if v < 0 {
			v += int64(size)
		}
		if uint64(v) >= uint64(size) {
			return i
		}
		y[i] = x[int(v)*stride+i*step]
	}
	return -1
}

func (cpu) gatherGrad(g gathering, dy *Tensor, fresh bool) {
	if dy.size == 0 {
		if fresh {
			g.x.clear()
		}
		return
	}
	run := gatherGradRows[float64]
	if g.x.dtype == Float32 {
		run = gatherGradRows[float32]
	}
	j, apart := g.begin(dy, run, true)
	_, steps := j.inner()
	// Each row of x has one of the index: it is cleared when it comes into the cache.
	j.clears = fresh && j.stride == 1 && steps[2] == 0 && dy.size/dy.shape[g.axis] == g.x.size/j.size
	if fresh && !j.clears {
		g.x.clear()
	}
	j.do(apart)
}

// gatherGradRows adds blocks of dy to x.
func gatherGradRows[T float](j *gatherLoop, lo, hi int) {
	dy, index, x := j.y.data.([]T), j.index.data.([]int64), j.x.data.([]T)
	_, steps := j.inner()
	for lo < hi {
		c, rows, from, n, next := j.part(lo, hi)
		for ; rows > 0; rows-- {
			at, row, base := index[c.at[1]+from:][:n], dy[c.at[0]+from:][:n], c.at[2]+from*steps[2]
			if j.stride == 1 && steps[2] == 0 {
				to := x[base:][:j.size]
				if j.clears {
					clear(to)
				}
				addAt(to, row, at)
			} else {
				for i, v := range at {
					if v < 0 {
						v += int64(j.size)
					}
					x[base+int(v)*j.stride] += row[i]
					base += steps[2]
				}
			}
			j.next(&c)
		}
		lo = next
	}
}

// addAt adds elements of dy to those of x at the places of an index.
func addAt[T float](x, dy []T, index []int64) {
	dy = dy[:len(index)]
	for i, v := range index {
		if v < 0 {
			v += int64(len(x))
		}
		x[v] += dy[i]
	}
}
