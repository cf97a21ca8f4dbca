package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// A summing is a sum over some axes of a tensor of floats under way. It reads
// the elements where they are, in any layout. How it is split into parts
// depends on the layout only, so the sums do not depend on the threads.
type summing struct {
	kept    walk // over the sums and where the elements of each begin
	reduced walk // over the elements of one sum
	x       *storage
	sums    []float64 // of groups, one after the other
	count   int       // of sums
	groups  int       // into which the elements of a sum are split
	height  int       // elements of a sum in a group
	block   int       // sums beside each other that are added up together
	blocks  int       // of these in a row
}

// sumChunk is how many elements are added up before their sum is added to one of
// twice the digits.
const sumChunk = 1 << 15

var summings = sync.Pool{New: func() any { return new(summing) }}

// axisSums writes the sums over the axes that reduced has of the elements of x,
// for each place in kept, in row-major order. sums are float64.
func axisSums(sums, x *Tensor, kept, reduced layout) {
	if x.size == 0 {
		clear(sums.f64())
		return
	}
	j := summings.Get().(*summing)
	defer func() {
		*j = summing{}
		summings.Put(j)
	}()
	order := rowMajor(kept.shape)
	kept.sort(&order)
	reduced.sort(nil)
	j.kept, j.reduced = newWalk("Sum", order, kept), newWalk("Sum", reduced)
	j.x, j.sums, j.count, j.block = x.storage, sums.f64(), sums.size, 1
	n, steps := j.kept.inner()
	m, step := j.reduced.inner()
	elements := m * j.reduced.rows()
	if x.dtype == Float32 && step[0] != 1 && steps[1] == 1 && n >= 16 {
		j.block = min(n, 1<<12)
	}
	j.blocks = (n + j.block - 1) / j.block
	units := j.kept.rows() * j.blocks
	// A few long sums are split among the threads.
	j.groups = max(1, min(elements*j.block/sumChunk, (16+units-1)/units))
	j.height = (elements + j.groups - 1) / j.groups
	if j.groups > 1 {
		j.sums = result(Float64, shapeOf(j.groups, j.count)).f64()
	}
	parallel.Run(units*j.groups, max(1, elementGrain*j.groups/(elements*j.block)), j)
	if j.groups == 1 {
		return
	}
	total := sums.f64()
	copy(total, j.sums)
	for g := 1; g < j.groups; g++ {
		for i, v := range j.sums[g*j.count : (g+1)*j.count] {
			total[i] += v
		}
	}
}

// parted splits the layout of t into the axes that a reduction keeps, those
// with a stride in its result, and those that it reduces.
func (t *Tensor) parted(result Shape) (kept, reduced layout) {
	l := t.layout()
	kept.offset = l.offset
	kept.shape, kept.strides = newShape(len(l.shape))[:0], newShape(len(l.shape))[:0]
	reduced.shape, reduced.strides = newShape(len(l.shape))[:0], newShape(len(l.shape))[:0]
	for i, n := range l.shape {
		if result[i] != 0 {
			kept.shape, kept.strides = append(kept.shape, n), append(kept.strides, l.strides[i])
		} else {
			reduced.shape, reduced.strides = append(reduced.shape, n), append(reduced.strides, l.strides[i])
		}
	}
	return kept, reduced
}

// scaleInto writes f times the elements of t, float64, to out.
func (t *Tensor) scaleInto(out *Tensor, f float64) {
	if sums := t.f64(); out.dtype == Float32 {
		for i, y := 0, out.f32(); i < len(y); i++ {
			y[i] = float32(f * sums[i])
		}
	} else {
		for i, y := 0, out.f64(); i < len(y); i++ {
			y[i] = f * sums[i]
		}
	}
}

// sort puts the axes in the order of their distances in memory, the nearest
// last, and those of another layout of the same shape in the same order. What
// lies together can then be read together.
func (l *layout) sort(with *layout) {
	l.shape, l.strides = shapeOf(l.shape...), shapeOf(l.strides...)
	if with != nil {
		with.shape, with.strides = l.shape, shapeOf(with.strides...)
	}
	farther := func(a, b int) bool { // a stretched axis is the farthest
		return l.strides[b] != 0 && (l.strides[a] == 0 || l.strides[a] > l.strides[b])
	}
	for i := range l.shape {
		for k := i; k > 0 && farther(k, k-1); k-- {
			l.shape[k], l.shape[k-1] = l.shape[k-1], l.shape[k]
			l.strides[k], l.strides[k-1] = l.strides[k-1], l.strides[k]
			if with != nil {
				with.strides[k], with.strides[k-1] = with.strides[k-1], with.strides[k]
			}
		}
	}
}

// Range computes parts of the sums: a group of a block of them each.
func (j *summing) Range(lo, hi int) {
	n, steps := j.kept.inner()
	elements := j.reduced.rows() * j.reduced.shape[j.reduced.axes-1]
	last := -1
	var c cursor
	for ; lo < hi; lo++ {
		group, unit := lo%j.groups, lo/j.groups
		row, first := unit/j.blocks, unit%j.blocks*j.block
		if row != last {
			if row == last+1 && last >= 0 {
				j.kept.next(&c)
			} else {
				c = j.kept.start(row)
			}
			last = row
		}
		from, to := group*j.height, min((group+1)*j.height, elements)
		sums, x := j.sums[group*j.count:], c.at[1]+first*steps[1]
		at := c.at[0] + first*steps[0]
		switch data := j.x.data.(type) {
		case []float64:
			sums[at] = sumPart(j, data, x, from, to, nil)
		case []float32:
			if j.block == 1 {
				sums[at] = sumPart(j, data, x, from, to, vec.Sum)
			} else {
				j.columns(sums, at, steps[0], data[x:], min(j.block, n-first), from, to)
			}
		}
	}
}

// each calls f for the elements from <= i < to of a sum, those that follow each
// other step apart.
func (j *summing) each(from, to int, f func(at, n, step int)) {
	m, step := j.reduced.inner()
	c := j.reduced.start(from / m)
	for i := from % m; from < to; i = 0 {
		n := min(m-i, to-from)
		f(c.at[0]+i*step[0], n, step[0])
		from += n
		j.reduced.next(&c)
	}
}

// sumPart adds up some elements of one sum, rows with a kernel.
func sumPart[T float](j *summing, data []T, at, from, to int, row func(x []T) float64) (sum float64) {
	j.each(from, to, func(first, n, step int) {
		if step == 1 && row != nil {
			sum += row(data[at+first : at+first+n])
			return
		}
		part := 0.0
		for i := at + first; n > 0; n-- {
			part += float64(data[i])
			i += step
		}
		sum += part
	})
	return sum
}

// columns adds up some elements of n sums whose elements lie beside each other.
func (j *summing) columns(sums []float64, at, step int, x []float32, n, from, to int) {
	room := takePart(3 * n)
	part, sum, lost := room[:n], room[n:2*n], room[2*n:]
	clear(sum)
	clear(lost)
	height := max(1, sumChunk/n)
	for ; from < to; from += height {
		clear(part)
		j.each(from, min(from+height, to), func(first, rows, stride int) {
			if stride > 0 {
				vec.SumRowsStrided(part, x[first:first+(rows-1)*stride+n], stride)
				return
			}
			for range rows {
				vec.Add(part, part, x[first:first+n])
			}
		})
		vec.AddExact(sum, lost, part)
	}
	for k, v := range sum {
		sums[at+k*step] = float64(v) + float64(lost[k])
	}
	releasePart(room)
}
