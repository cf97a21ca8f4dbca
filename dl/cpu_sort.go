package dl

import (
	"math"
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/radix"
)

func (cpu) order(s sorting) { cpuTypes[s.x.dtype].order(s) }

// laneBlock is how many lanes whose elements lie beside each other are sorted together: a line of the cache has theirs.
const laneBlock = 16

// A laneRoom is where the lanes of a block are sorted.
type laneRoom struct {
	keys, room  []uint64
	pairs, more []radix.Pair
	sorted      [laneBlock][]uint64
	ordered     [laneBlock][]radix.Pair
}

var laneRooms = sync.Pool{New: func() any { return new(laneRoom) }}

// A lanes is a sort under way.
type lanes[T number] struct {
	sorting
	elements, y      []T
	places           []int64
	n, inner, block  int
	least, most      int64 // of integers
	wide, descending bool
}

// orderLanes sorts all lanes, on all threads.
func orderLanes[T number](s sorting) {
	j := lanes[T]{sorting: s, elements: elements[T](s.x), n: s.x.shape[s.axis], inner: Shape(s.x.shape[s.axis+1:]).Size(), descending: s.descending}
	if s.y != nil {
		j.y = elements[T](s.y)
	}
	if s.places != nil {
		j.places = s.places.i64()
	}
	j.block = max(1, min(laneBlock, j.inner, 1<<18/j.n))
	switch x := any(j.elements).(type) {
	case []float32:
	case []float64:
		j.wide = true
	default:
		_ = x
		j.least, j.most = math.MaxInt64, math.MinInt64
		for _, v := range j.elements {
			j.least, j.most = min(j.least, int64(v)), max(j.most, int64(v))
		}
		j.wide = uint64(j.most-j.least) > math.MaxUint32
	}
	blocks := (j.inner + j.block - 1) / j.block
	units := len(j.elements) / (j.n * j.inner) * blocks
	parallel.For(units, max(1, elementGrain/16/(j.n*j.block)), func(lo, hi int) {
		room := laneRooms.Get().(*laneRoom)
		for k := lo; k < hi; k++ {
			j.sortBlock(room, k/blocks, k%blocks*j.block)
		}
		laneRooms.Put(room)
	})
}

// sortBlock sorts lanes that lie beside each other.
func (j *lanes[T]) sortBlock(room *laneRoom, outer, column int) {
	count := min(j.block, j.inner-column)
	first := outer*j.n*j.inner + column
	to := outer*j.k*j.inner + column
	if j.wide {
		room.pairs, room.more = grown(room.pairs, count*j.n), grown(room.more, count*j.n)
		j.widePairs(room.pairs, first, count)
		for l := range count {
			room.ordered[l] = radix.Pairs(room.pairs[l*j.n:(l+1)*j.n], room.more[l*j.n:(l+1)*j.n])
		}
	} else {
		room.keys, room.room = grown(room.keys, count*j.n), grown(room.room, count*j.n)
		if x, ok := any(j.elements).([]float32); ok && j.inner == 1 && j.k < j.n/8 {
			room.sorted[0] = leastOf(room.keys, x[first:first+j.n], j.k, j.descending)
			j.write(room, first, to, count)
			return
		}
		j.packedKeys(room.keys, first, count)
		for l := range count {
			keys := room.keys[l*j.n : (l+1)*j.n]
			if j.k < j.n/8 {
				room.sorted[l] = radix.Least(keys, j.k)
			} else {
				room.sorted[l] = radix.Packed(keys, room.room[l*j.n:(l+1)*j.n])
			}
		}
	}
	j.write(room, first, to, count)
}

// leastOf returns the keys of the k elements of a lane that come first, in their order: most elements are seen to be
// none of them by one comparison of numbers.
func leastOf(keys []uint64, x []float32, k int, descending bool) []uint64 {
	if k == 0 {
		return nil
	}
	turn := uint32(0)
	if descending {
		turn = math.MaxUint32
	}
	at := min(len(x), 8*k+64)
	for i, v := range x[:at] {
		keys[i] = radix.Pack(floatKey(v)^turn, i)
	}
	found := radix.Least(keys[:at], k)
	for at < len(x) {
		limit := x[uint32(found[k-1])]
		next := 0 // elements that may come before the last of those found, at most k: then there is a better limit
		for ; at < len(x) && next < k; at++ {
			v := x[at]
			if descending && v <= limit || !descending && v >= limit {
				continue
			}
			keys[k+next] = radix.Pack(floatKey(v)^turn, at)
			next++
		}
		found = radix.Least(keys[:k+next], k)
	}
	return found
}

// write writes what was sorted.
func (j *lanes[T]) write(room *laneRoom, first, to, count int) {
	for i := range j.k {
		for l := range count {
			var place int
			if j.wide {
				place = int(room.ordered[l][i].Number)
			} else {
				place = int(uint32(room.sorted[l][i]))
			}
			from, at := first+place*j.inner+l, to+i*j.inner+l
			if j.y != nil {
				j.y[at] = j.elements[from]
			}
			if j.places != nil {
				j.places[at] = int64(place)
			}
			if j.where != nil {
				j.where[at] = from
			}
		}
	}
}

// grown returns room for n elements.
func grown[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// packedKeys writes the keys of lanes, one lane after the other: of float32, or of integers that are near each other.
func (j *lanes[T]) packedKeys(keys []uint64, first, count int) {
	turn := uint32(0)
	if j.descending {
		turn = math.MaxUint32
	}
	n := j.n
	if x, ok := any(j.elements).([]float32); ok {
		for i := range n {
			for l, v := range x[first+i*j.inner:][:count] {
				keys[l*n+i] = radix.Pack(floatKey(v)^turn, i)
			}
		}
		return
	}
	for i := range n {
		for l, v := range j.elements[first+i*j.inner:][:count] {
			keys[l*n+i] = radix.Pack(uint32(int64(v)-j.least)^turn, i)
		}
	}
}

// floatKey is a number that grows with v: one for both zeros, and the largest for NaN.
func floatKey(v float32) uint32 {
	b := math.Float32bits(v + 0) // 0 for -0
	if v != v {
		return math.MaxUint32
	}
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// widePairs writes the keys of float64, or of integers that are far from each other.
func (j *lanes[T]) widePairs(pairs []radix.Pair, first, count int) {
	turn := uint64(0)
	if j.descending {
		turn = math.MaxUint64
	}
	n := j.n
	for i := range n {
		for l, v := range j.elements[first+i*j.inner:][:count] {
			var key uint64
			if dtypeOf[T]().IsFloat() {
				f := float64(v)
				b := math.Float64bits(f + 0)
				if key = b ^ (uint64(int64(b)>>63) | 1<<63); f != f {
					key = math.MaxUint64
				}
			} else {
				key = uint64(int64(v)) ^ 1<<63
			}
			pairs[l*n+i] = radix.Pair{Key: key ^ turn, Number: uint32(i)}
		}
	}
}
