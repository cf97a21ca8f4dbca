// Package radix sorts numbers by their bits: a digit of eight bits at a time, the lowest first, each in one pass that
// counts and one that moves. So the sort is stable, and takes time in proportion to the length. It imports the standard
// library alone.
package radix

import "slices"

// few is the length from which digits are faster than comparisons.
const few = 128

// Pack returns what stands for a key and its number, of 32 bits each, in a list to be sorted.
func Pack(key uint32, number int) uint64 { return uint64(key)<<32 | uint64(uint32(number)) }

// Packed sorts keys by their upper half. Those of equal upper halves must be in the order of their lower halves, and
// stay so. room is as long. The result is one of the two.
func Packed(keys, room []uint64) []uint64 {
	if len(keys) <= few {
		slices.Sort(keys) // the lower half decides between equals
		return keys
	}
	var counts [4][256]uint32
	for _, k := range keys {
		counts[0][k>>32&0xff]++
		counts[1][k>>40&0xff]++
		counts[2][k>>48&0xff]++
		counts[3][k>>56]++
	}
	room = room[:len(keys)]
	for digit := range counts {
		count := &counts[digit]
		shift := 32 + 8*digit
		if int(count[keys[0]>>shift&0xff]) == len(keys) {
			continue // all have the same digit
		}
		sums(count)
		for _, k := range keys {
			at := &count[k>>shift&0xff]
			room[*at] = k
			*at++
		}
		keys, room = room, keys
	}
	return keys
}

// sums replaces counts by where each digit begins.
func sums(count *[256]uint32) {
	at := uint32(0)
	for i, n := range count {
		count[i] = at
		at += n
	}
}

// A Pair is a key and its number.
type Pair struct {
	Key    uint64
	Number uint32
}

// Pairs sorts pairs by their keys, of which equal ones stay in their order. room is as long. The result is one of the
// two.
func Pairs(pairs, room []Pair) []Pair {
	if len(pairs) <= few {
		slices.SortStableFunc(pairs, func(a, b Pair) int {
			switch {
			case a.Key < b.Key:
				return -1
			case a.Key > b.Key:
				return 1
			}
			return 0
		})
		return pairs
	}
	var counts [8][256]uint32
	for _, p := range pairs {
		for digit := range counts {
			counts[digit][p.Key>>(8*digit)&0xff]++
		}
	}
	room = room[:len(pairs)]
	for digit := range counts {
		count := &counts[digit]
		shift := 8 * digit
		if int(count[pairs[0].Key>>shift&0xff]) == len(pairs) {
			continue
		}
		sums(count)
		for _, p := range pairs {
			at := &count[p.Key>>shift&0xff]
			room[*at] = p
			*at++
		}
		pairs, room = room, pairs
	}
	return pairs
}

// Least puts the k least of packed keys, all different, first, in their order, and returns them.
func Least(keys []uint64, k int) []uint64 {
	if k <= 0 {
		return nil
	}
	heap := keys[:k] // the largest of the least so far is the first
	for i := k/2 - 1; i >= 0; i-- {
		down(heap, i)
	}
	for _, key := range keys[k:] {
		if key < heap[0] {
			heap[0] = key
			down(heap, 0)
		}
	}
	slices.Sort(heap)
	return heap
}

// down brings an element of a heap to its place.
func down(heap []uint64, i int) {
	v := heap[i]
	for {
		c := 2*i + 1
		if c >= len(heap) {
			break
		}
		if c+1 < len(heap) && heap[c+1] > heap[c] {
			c++
		}
		if heap[c] <= v {
			break
		}
		heap[i] = heap[c]
		i = c
	}
	heap[i] = v
}
