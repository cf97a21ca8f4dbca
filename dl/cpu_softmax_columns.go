package dl

import (
	"math"
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// A columnSoftmax is a softmax along another axis than the last under way, or its gradient. It goes over blocks of columns
// twice: groups of rows of a block are added up in the order in which they lie in memory, and then the results, which need
// the sums of all groups, are written. What is known of the columns stays in the first cache. How rows are grouped depends
// on the shape only, so results do not depend on the threads.
type columnSoftmax struct {
	softmax
	x, dy, dst []float32 // x is the operand, or the result whose gradient is computed
	blocks     int       // of columns, in a row
	units      int       // blocks in all
	groups     int       // of rows, in a block
	sums       []float32 // of each group of a unit: the largest elements, where they are needed, and the sums
	write      bool      // the second time
}

const (
	softmaxBlock = 512 // columns that go together
	softmaxTile  = 16  // rows whose largest elements are found before they are added up
	softmaxRun   = 64  // rows that are added up before their sums are
)

var columnSoftmaxes = sync.Pool{New: func() any { return new(columnSoftmax) }}

// softmaxColumns does j, in memory that is used again.
func softmaxColumns(j columnSoftmax) {
	p := columnSoftmaxes.Get().(*columnSoftmax)
	*p = j
	p.run()
	*p = columnSoftmax{}
	columnSoftmaxes.Put(p)
}

func (j *columnSoftmax) run() {
	j.blocks = (j.inner + softmaxBlock - 1) / softmaxBlock
	j.units = len(j.x) / (j.n * j.inner) * j.blocks
	j.groups = max(1, min(j.n/softmaxRun, (16+j.units-1)/j.units))
	j.sums = result(Float32, shapeOf(j.units*j.groups, 2*softmaxBlock)).f32()
	grain := max(1, elementGrain*j.groups/(4*j.n*min(j.inner, softmaxBlock)))
	parallel.Run(j.units*j.groups, grain, j)
	if j.groups > 1 {
		for unit := range j.units {
			j.join(unit)
		}
		j.write = true
		parallel.Run(j.units*j.groups, grain, j)
	}
}

// Range does groups of rows, and writes their results where these need no other group.
func (j *columnSoftmax) Range(lo, hi int) {
	for ; lo < hi; lo++ {
		unit, group := lo/j.groups, lo%j.groups
		first, width := j.columns(unit)
		from, to := first+j.n*group/j.groups*j.inner, first+j.n*(group+1)/j.groups*j.inner
		if !j.write {
			j.add(lo, from, to, width)
		}
		if j.groups == 1 {
			j.join(unit)
		}
		if j.write || j.groups == 1 {
			top, sum := j.room(unit*j.groups, width)
			for ; from < to; from += j.inner {
				j.row(j.dst[from:][:width], from, top, sum)
			}
		}
	}
}

// columns returns where a block begins and how wide it is.
func (j *columnSoftmax) columns(unit int) (first, width int) {
	column := unit % j.blocks * softmaxBlock
	return unit/j.blocks*j.n*j.inner + column, min(softmaxBlock, j.inner-column)
}

// room returns where the largest elements and the sums of a group are kept.
func (j *columnSoftmax) room(group, width int) (top, sum []float32) {
	at := j.sums[group*2*softmaxBlock:]
	return at[:width], at[softmaxBlock:][:width]
}

// add adds up a group, the rows of width elements that begin at from and before to.
func (j *columnSoftmax) add(group, from, to, width int) {
	top, sum := j.room(group, width)
	room := takePart(2 * width)
	part, before := room[:width], room[width:]
	vec.Fill(top, -math.MaxFloat32) // not infinity, from which others have no distance
	clear(sum)
	height := softmaxRun
	if j.dy == nil {
		height = softmaxTile
	}
	for ; from < to; from += height * j.inner {
		rows := (min(from+height*j.inner, to) - from + j.inner - 1) / j.inner
		size := (rows-1)*j.inner + width
		clear(part)
		switch {
		case j.dy == nil:
			copy(before, top)
			vec.MaximumRows(top, j.x[from:][:size], j.inner)
			for i := range rows {
				vec.AddExp(part, j.x[from+i*j.inner:][:width], top)
			}
			vec.ExpTimes(sum, before, top, sum)
		case j.logarithm:
			vec.SumRowsStrided(part, j.dy[from:][:size], j.inner)
		default:
			vec.MulAddRows(part, j.x[from:][:size], j.dy[from:][:size], j.inner)
		}
		vec.Add(sum, sum, part)
	}
	releasePart(room)
}

// join puts what the results need of all groups of a unit in the place of the sums of the first.
func (j *columnSoftmax) join(unit int) {
	_, width := j.columns(unit)
	top, sum := j.room(unit*j.groups, width)
	for g := 1; g < j.groups; g++ {
		other, more := j.room(unit*j.groups+g, width)
		if j.dy == nil {
			part := takePart(width)
			copy(part, top)
			vec.Maximum(top, top, other)
			vec.ExpTimes(sum, part, top, sum)
			vec.ExpTimes(more, other, top, more)
			releasePart(part)
		}
		vec.Add(sum, sum, more)
	}
	if j.dy == nil && j.logarithm {
		vec.Log(sum, sum)
	} else if j.dy == nil {
		for i, v := range sum {
			sum[i] = 1 / v
		}
	}
}

// row writes the results of a row.
func (j *columnSoftmax) row(dst []float32, at int, top, sum []float32) {
	x := j.x[at:][:len(dst)]
	switch {
	case j.dy == nil && j.logarithm:
		vec.SubTwo(dst, x, top, sum)
	case j.dy == nil:
		vec.ExpTimes(dst, x, top, sum)
	case j.logarithm: // x is the logarithm
		vec.LogSoftmaxGradRow(dst, x, j.dy[at:], sum)
	default:
		vec.SoftmaxGradRow(dst, x, j.dy[at:], sum)
	}
}
