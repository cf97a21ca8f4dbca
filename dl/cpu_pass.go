package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
)

// A pass is a loop over elements or rows that the threads share. f is a
// top-level function and what it needs stands in the fields, so that a pass,
// which is used again by the next one, allocates nothing.
type pass struct {
	f          func(p *pass, lo, hi int)
	dst        []float32
	a, b, c, d []float32
	part       []float32 // results of chunks, to be added up in their order
	sums       []float64
	at, more   []int
	places     []int64
	t          [3]*Tensor
	n, m       int
	s          params
	key        uint64
	rule       *rule
	pair       *pairRule
	flag       bool
	inner      *pass // what is done with a part of a part
}

func (p *pass) Range(lo, hi int) { p.f(p, lo, hi) }

var passes = sync.Pool{New: func() any { return new(pass) }}

// elementGrain is the number of elements worth a thread.
const elementGrain = 1 << 13

// share runs p over 0 <= i < n in parts of at least grain.
func share(n, grain int, p pass) {
	q := keep(p)
	parallel.Run(n, max(grain, 1), q)
	q.release()
}

// keep returns a copy of p in memory that is used again after release.
func keep(p pass) *pass {
	q := passes.Get().(*pass)
	*q = p
	return q
}

func (p *pass) release() {
	*p = pass{}
	passes.Put(p)
}

// rowGrain is the number of rows of n elements worth a thread.
func rowGrain(n int) int { return max(1, elementGrain/max(n, 1)) }

// chunkRows is how many rows of n elements are added up together before the
// sums of the chunks are: it does not depend on the number of threads, so
// results do not either.
func chunkRows(n int) int { return max(1, 1<<15/max(n, 1)) }

// few reports whether n elements are worth one thread only. Elementwise
// operations then call their function without a pass: in a step of many small
// operations that is most of their time.
func few(n int) bool { return n < 2*elementGrain }

// widestStrip is how many columns go together at most, so that what is known of them stays in the first cache.
const widestStrip = 1 << 10

// strip is how many of some columns go together where they do not depend on each other: whole cache lines, and on several
// threads so few that the others need not wait for one that begins late.
func strip(columns int) int {
	if parallel.Threads() == 1 {
		return min(columns, widestStrip)
	}
	return min(columns, max((columns/parallel.Parts()+15)&^15, 128), widestStrip)
}
