// Package attention computes scaled dot-product attention by blocks, as
// FlashAttention does (Dao et al., 2022): the matrix of scores exists one block
// at a time, in the first caches. The forward pass keeps the logarithm of each
// row's sum of exponentials; the backward pass computes the scores again from
// it. Heads are read and written in place, by strides, through gemm's micro-kernel.
// Threads share batch and heads of keys; each of these is computed in order, so results
// do not depend on the number of threads.
//
// It imports packages gemm, parallel, vec and freelist. Its tests are those of
// attention in package dl.
package attention

import (
	"math"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/hugepages"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// Block sizes: a block of scores, queries x keys, lies in the L1 or L2 cache.
const (
	queryBlock = 64
	keyBlock   = 256
	// scoreStride keeps the rows of a block of scores from a power of two apart, and is what vec.Scores needs.
	scoreStride = keyBlock + 16
)

// Shape describes queries [Batch, Queries, Heads*Size], keys and values
// [Batch, Keys, KVHeads*Size], and the output, which is as the queries. Head h
// of the queries has the keys and values of head h/(Heads/KVHeads).
type Shape struct {
	Batch, Heads, KVHeads, Queries, Keys, Size int
}

// An Operand is a matrix of rows that begin Stride apart, for each batch; the
// matrices begin Batch apart.
type Operand struct {
	Data          []float32
	Batch, Stride int
}

// A job is one call. Threads take heads of keys from it.
type job struct {
	Shape
	Rules
	q, k, v, out, dout, dq, dk, dv Operand
	lse                            []float32 // [Batch, Heads, Queries]
	backward                       bool
}

var jobs freelist.List[job]

// Forward writes softmax(Scale q k^T) v to out, for each head and as the rules
// say, and the logarithms of the sums of exponentials to lse [Batch, Heads,
// Queries]. A query that sees no key gets zeros, and infinity as its logarithm.
func Forward(s Shape, r Rules, q, k, v, out Operand, lse []float32) {
	run(job{Shape: s, Rules: r, q: q, k: k, v: v, out: out, lse: lse})
}

// Backward writes the gradients of the operands of a Forward.
func Backward(s Shape, r Rules, q, k, v, out Operand, lse []float32, dout, dq, dk, dv Operand) {
	run(job{Shape: s, Rules: r, q: q, k: k, v: v, out: out, lse: lse, dout: dout, dq: dq, dk: dk, dv: dv, backward: true})
}

func run(j job) {
	if j.Size == 0 || j.Queries == 0 && !j.backward {
		return
	}
	p := jobs.Take()
	*p = j
	parallel.Run(j.Batch*j.KVHeads, 1, p)
	*p = job{}
	jobs.Put(p)
}

// Range does heads lo to hi of the keys of all batches.
func (j *job) Range(lo, hi int) {
	w := workers.Take()
	for i := lo; i < hi; i++ {
		batch, kv := i/j.KVHeads, i%j.KVHeads
		part := func(o Operand, head int) Operand {
			if o.Data == nil {
				return o
			}
			return Operand{Data: o.Data[batch*o.Batch+head*j.Size:], Stride: o.Stride}
		}
		h := head{Shape: j.Shape, sight: j.Rules.sight(j.Shape, batch), batch: batch}
		h.k, h.v, h.dk, h.dv = part(j.k, kv), part(j.v, kv), part(j.dk, kv), part(j.dv, kv)
		w.begin(&h, j.backward)
		written := 0
		group := j.Heads / j.KVHeads
		for h.number = kv * group; h.number < (kv+1)*group; h.number++ {
			h.q, h.out, h.dout, h.dq = part(j.q, h.number), part(j.out, h.number), part(j.dout, h.number), part(j.dq, h.number)
			at := (batch*j.Heads + h.number) * j.Queries
			h.lse = j.lse[at : at+j.Queries]
			if j.backward {
				written = w.backward(&h, &j.Rules, written)
			} else {
				w.forward(&h, &j.Rules)
			}
		}
		if j.backward {
			h.clearKeys(written, j.Keys)
		}
	}
	workers.Put(w)
}

// A head is one head of one batch.
type head struct {
	Shape
	sight
	batch, number                  int
	q, k, v, out, dout, dq, dk, dv Operand
	lse                            []float32
}

// A worker is one thread's memory.
type worker struct {
	tile          gemm.Tile
	kt, vt        []float32 // keys and values transposed: [Size, Keys]
	distances     []float32 // of positions, for slopes: see Rules.slope
	scores, grads [queryBlock * scoreStride]float32
	largest, sum  [queryBlock]float32
	before, part  [queryBlock]float32 // largest of the blocks of keys before, sums of this one; factors
}

var workers freelist.List[worker]

// product computes rows of c = a*b, or adds it: strides of a along rows and
// depth, of b along depth. part says for the tile of rows lo..hi how many columns
// and which part of the depth are needed.
func (w *worker) product(rows int, a []float32, ai, ak int, b []float32, bk int, c []float32, ldc int, add bool, part func(lo, hi int) (n, from, to int)) {
	kernel, t := gemm.Best(), &w.tile
	tiles := (rows + kernel.Rows - 1) / kernel.Rows
	for tile := range tiles {
		lo, hi := rows*tile/tiles, rows*(tile+1)/tiles
		cols, from, to := part(lo, hi)
		if cols <= 0 || from >= to {
			for i := lo; i < hi && cols > 0 && !add; i++ {
				clear(c[i*ldc:][:cols])
			}
			continue
		}
		// Field by field: copied as a whole, the fields would be read by 16 bytes just after they were written by 8, which
		// waits until all stores before, those of the last tile, are in the cache.
		t.K = int64(to - from)
		t.A, t.AI, t.AK = &a[lo*ai+from*ak], int64(ai), int64(ak)
		t.B, t.BK, t.BN = &b[from*bk], int64(bk), int64(kernel.Cols)
		t.C, t.Ldc = &c[lo*ldc], int64(ldc)
		t.Flags = gemm.Flush
		if add {
			t.Flags |= gemm.Add
		}
		kernel.Run(t, hi-lo, cols)
	}
	*t = gemm.Tile{}
}

func grown(s []float32, n int) []float32 {
	if cap(s) < n {
		return hugepages.Make[float32](n)
	}
	return s[:n]
}

// few is the number of queries below which scores are computed key by key: so
// few do not pay for transposing the keys.
const few = 3

// begin prepares the keys and values that the heads of a group share.
func (w *worker) begin(h *head, backward bool) {
	n := h.end(h.Queries - 1)
	if h.Queries >= few || backward {
		w.kt = grown(w.kt, h.Size*n)
		gemm.Transpose(w.kt, n, h.k.Data, h.k.Stride, n, h.Size)
	}
	if !backward {
		return
	}
	w.vt = grown(w.vt, h.Size*n)
	gemm.Transpose(w.vt, n, h.v.Data, h.v.Stride, n, h.Size)
}

// span is how far a row that sees some of n keys is filled: so far as the rows
// of its tile may see, and to whole vectors, which spares their remainders.
func span(seen, n int) int { return (min(n, seen+15) + 15) &^ 15 }

// blocks are the blocks of keys, from a first one on, that hold what the
// queries q0..q0+rows see: n keys from k0 on, n is 0 behind the last.
func (h *head) blocks(q0, rows, k0 int) (from, n int) {
	if k0 < 0 {
		k0 = h.begin(q0) / keyBlock * keyBlock
	}
	return k0, max(0, min(keyBlock, h.end(q0+rows-1)-k0))
}

func (w *worker) forward(h *head, r *Rules) {
	for q0 := 0; q0 < h.Queries; q0 += queryBlock {
		rows := min(queryBlock, h.Queries-q0)
		out := h.out.Data[q0*h.out.Stride:]
		vec.Fill(w.largest[:rows], hidden)
		clear(w.sum[:rows])
		more := false // blocks of keys were seen before
		for k0, n := h.blocks(q0, rows, -1); n > 0; k0, n = h.blocks(q0, rows, k0+keyBlock) {
			w.computeScores(h, q0, rows, k0, n)
			if s, ok := h.plain(r, q0, rows, k0, n); ok {
				w.rows(h, s, r.Scale, out, more)
			} else {
				for i := range rows {
					w.row(h, r, out[i*h.out.Stride:][:h.Size], q0, i, k0, n, more)
				}
			}
			w.product(rows, w.scores[:], scoreStride, 1, h.v.Data[k0*h.v.Stride:], h.v.Stride, out, h.out.Stride, more,
				func(lo, hi int) (int, int, int) { return h.Size, h.from(q0+lo, k0, n), h.to(q0+hi-1, k0, n) })
			more = true
		}
		lse := h.lse[q0:][:rows]
		vec.Log(lse, w.sum[:rows])
		for i := range lse {
			if w.sum[i] == 0 { // no key is seen
				clear(out[i*h.out.Stride:][:h.Size])
				w.part[i], lse[i] = 1, -hidden
				continue
			}
			w.part[i] = 1 / w.sum[i]
			lse[i] += w.largest[i]
		}
		vec.ScaleRows(out, h.out.Stride, h.Size, w.part[:rows])
	}
}

// computeScores computes the products of a block of queries and keys, where
// they are needed.
func (w *worker) computeScores(h *head, q0, rows, k0, n int) {
	q := h.q.Data[q0*h.q.Stride:]
	if h.Queries < few && h.dout.Data == nil {
		for i := range rows {
			for k := h.from(q0+i, k0, n); k < h.to(q0+i, k0, n); k++ {
				w.scores[i*scoreStride+k] = float32(vec.Dot(q[i*h.q.Stride:][:h.Size], h.k.Data[(k0+k)*h.k.Stride:][:h.Size]))
			}
		}
		return
	}
	w.product(rows, q, h.q.Stride, 1, w.kt[k0:], len(w.kt)/h.Size, w.scores[:], scoreStride, false,
		func(_, hi int) (int, int, int) { return h.to(q0+hi-1, k0, n), 0, h.Size })
}

// plain returns what a block of queries sees of n keys, if each sees one and all those before it, and nothing but a scale
// comes between the products and the softmax.
func (h *head) plain(r *Rules, q0, rows, k0, n int) (s vec.Scores, ok bool) {
	if h.window > 0 || r.Slopes != nil || r.Mask.Added != nil || r.Mask.Shown != nil || r.Threshold > 0 {
		return s, false
	}
	s = vec.Scores{Rows: rows, Stride: scoreStride, First: n, Most: n}
	if h.causal {
		s.First, s.More = h.offset+q0+1-k0, 1
	}
	return s, s.First > 0
}

// rows is row for all rows of a block.
func (w *worker) rows(h *head, s vec.Scores, scale float32, out []float32, more bool) {
	if !more {
		s.Exp(w.scores[:], scale, w.largest[:], w.sum[:])
		return
	}
	w.before = w.largest
	s.Exp(w.scores[:], scale, w.largest[:], w.part[:])
	for i := range s.Rows {
		f := float32(1)
		if w.largest[i] > w.before[i] {
			f = float32(math.Exp(float64(w.before[i] - w.largest[i])))
		}
		w.sum[i] = w.sum[i]*f + w.part[i]
		w.part[i] = f
	}
	vec.ScaleRows(out, h.out.Stride, h.Size, w.part[:s.Rows])
}

// row makes the scores of query q0+i exponentials, and scales what is already in
// out to the new largest score.
func (w *worker) row(h *head, r *Rules, out []float32, q0, i, k0, n int, more bool) {
	from, to := h.from(q0+i, k0, n), h.to(q0+i, k0, n)
	scores := w.scores[i*scoreStride:][:span(to, n)]
	if from >= to {
		clear(scores)
		return
	}
	vec.Fill(scores[to:], hidden)
	vec.Fill(scores[:from], hidden)
	scale := w.adjust(h, r, scores[:to], q0+i, k0)
	before := w.largest[i]
	w.largest[i] = max(before, scale*vec.Max(scores))
	if w.largest[i] == hidden { // the mask hides all
		clear(scores)
		return
	}
	if more && w.largest[i] > before {
		f := float32(math.Exp(float64(before - w.largest[i])))
		w.sum[i] *= f
		vec.Scale(out, f, out)
	}
	w.sum[i] += vec.ExpSum(scores, scores, scale, w.largest[i])
	r.drop(h, scores[:to], scores[:to], q0+i, k0)
}

// hidden is the score of a key that is not seen: its exponential is 0.
var hidden = float32(math.Inf(-1))

// backward adds to the gradients of the first written keys and values, and writes
// those of others. It returns how many are written then.
func (w *worker) backward(h *head, r *Rules, written int) int {
	for q0 := 0; q0 < h.Queries; q0 += queryBlock {
		rows := min(queryBlock, h.Queries-q0)
		out, dout, q := h.out.Data[q0*h.out.Stride:], h.dout.Data[q0*h.dout.Stride:], h.q.Data[q0*h.q.Stride:]
		vec.DotPairs(w.sum[:rows], out, h.out.Stride, dout, h.dout.Stride, h.Size) // the share of each row's softmax in its own gradient
		more := false
		for k0, n := h.blocks(q0, rows, -1); n > 0; k0, n = h.blocks(q0, rows, k0+keyBlock) {
			w.computeScores(h, q0, rows, k0, n)
			w.product(rows, dout, h.dout.Stride, 1, w.vt[k0:], len(w.vt)/h.Size, w.grads[:], scoreStride, false,
				func(_, hi int) (int, int, int) { return h.to(q0+hi-1, k0, n), 0, h.Size })
			if s, ok := h.plain(r, q0, rows, k0, n); ok && r.Mask.Grad == nil {
				s.Again(w.scores[:], w.grads[:], r.Scale, h.lse[q0:], w.sum[:], r.Scale)
			} else {
				for i := range rows {
					w.rowGrad(h, r, q0, i, k0, n)
				}
			}
			seen := func(lo, hi int) (int, int, int) { return h.Size, h.from(q0+lo, k0, n), h.to(q0+hi-1, k0, n) }
			w.product(rows, w.grads[:], scoreStride, 1, h.k.Data[k0*h.k.Stride:], h.k.Stride, h.dq.Data[q0*h.dq.Stride:], h.dq.Stride, more, seen)
			h.clearKeys(written, k0)
			written = max(written, k0)
			old := min(written-k0, n)
			w.keyGrads(h, q, dout, q0, rows, k0, 0, old, true)
			w.keyGrads(h, q, dout, q0, rows, k0, old, n, false)
			written = max(written, k0+n)
			more = true
		}
		if !more {
			for i := range rows {
				clear(h.dq.Data[(q0+i)*h.dq.Stride:][:h.Size])
			}
		}
	}
	return written
}

// keyGrads writes the gradients of the keys and values k0+lo to k0+hi-1 that come
// from a block of queries, or adds them.
func (w *worker) keyGrads(h *head, q, dout []float32, q0, rows, k0, lo, hi int, add bool) {
	if lo >= hi {
		return
	}
	seers := func(from, to int) (int, int, int) {
		first, last := h.seers(k0+lo+from, k0+lo+to)
		return h.Size, max(0, first-q0), min(rows, last-q0)
	}
	at := k0 + lo
	w.product(hi-lo, w.grads[lo:], 1, scoreStride, q, h.q.Stride, h.dk.Data[at*h.dk.Stride:], h.dk.Stride, add, seers)
	w.product(hi-lo, w.scores[lo:], 1, scoreStride, dout, h.dout.Stride, h.dv.Data[at*h.dv.Stride:], h.dv.Stride, add, seers)
}

// clearKeys clears the gradients of keys and values from lo to hi-1.
func (h *head) clearKeys(lo, hi int) {
	for i := lo; i < hi; i++ {
		clear(h.dk.Data[i*h.dk.Stride:][:h.Size])
		clear(h.dv.Data[i*h.dv.Stride:][:h.Size])
	}
}

// rowGrad makes of the scores of query q0+i and of the gradients of its weights
// the weights and the gradients of the products.
func (w *worker) rowGrad(h *head, r *Rules, q0, i, k0, n int) {
	from, to := h.from(q0+i, k0, n), h.to(q0+i, k0, n)
	p, d := w.scores[i*scoreStride:][:span(to, n)], w.grads[i*scoreStride:][:span(to, n)]
	if from >= to {
		clear(p)
		clear(d)
		return
	}
	vec.Fill(p[to:], hidden)
	vec.Fill(p[:from], hidden)
	clear(d[to:])
	clear(d[:from])
	scale := w.adjust(h, r, p[:to], q0+i, k0)
	if r.Threshold == 0 && r.Mask.Grad == nil { // nothing comes between the weights and the gradients
		vec.SoftmaxAgain(p, d, scale, h.lse[q0+i], w.sum[i], r.Scale)
		return
	}
	vec.ExpSum(p, p, scale, h.lse[q0+i])
	r.drop(h, d[:to], d[:to], q0+i, k0)
	vec.SoftmaxGrad(d, p, d, w.sum[i], r.Scale)
	r.maskGrad(h, d[from:to], q0+i, k0+from)
	r.drop(h, p[:to], p[:to], q0+i, k0)
}
