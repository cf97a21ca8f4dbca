package dl

import (
	"sync"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
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
	at         []int
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

// copyInto copies x to dst on all threads.
func copyInto(dst, x []float32) {
	if few(len(dst)) {
		copy(dst, x)
		return
	}
	share(len(dst), 4*elementGrain, pass{dst: dst, a: x, f: func(p *pass, lo, hi int) { copy(p.dst[lo:hi], p.a[lo:hi]) }})
}

// columnSums writes the sums of the columns of x, rows of len(dst) elements.
// Chunks of rows are added up in float32, the chunks in float64.
func columnSums(dst, x []float32) {
	n := len(dst)
	if n == 0 || len(x) == 0 {
		clear(dst)
		return
	}
	sums := result(Float64, shapeOf(n)).f64()
	clear(sums)
	if w := wideRows(n); w.n > n {
		w.sums(x, sums, nil, pass{a: x, f: func(p *pass, lo, hi int) { vec.Add(p.part[:hi-lo], p.part[:hi-lo], p.a[lo:hi]) }})
	} else {
		height := chunkRows(n)
		chunks := (len(x)/n + height - 1) / height
		part := result(Float32, shapeOf(chunks, n)).f32()
		share(chunks, 1, pass{part: part, a: x, n: n, m: height, f: func(p *pass, lo, hi int) {
			for k := lo; k < hi; k++ {
				sum := p.part[k*p.n : (k+1)*p.n]
				clear(sum)
				vec.SumRows(sum, p.a[k*p.m*p.n:min((k+1)*p.m*p.n, len(p.a))])
			}
		}})
		for i, v := range part {
			sums[i%n] += float64(v)
		}
	}
	for i, v := range sums {
		dst[i] = float32(v)
	}
}
