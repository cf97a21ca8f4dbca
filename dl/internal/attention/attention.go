// Package attention computes scaled dot-product attention by blocks, as
// FlashAttention does (Dao et al., 2022): the matrix of scores exists one block
// at a time, in the first caches. The forward pass keeps the logarithm of each
// row's sum of exponentials; the backward pass computes the scores again from
// it. Heads are read and written in place, by strides, through gemm's micro-kernel.
// Threads share batch and heads; each head is computed in order, so results do not
// depend on the number of threads.
//
// It imports packages gemm, parallel, vec and freelist. Its tests are those of
// attention in package dl.
package attention

import (
	"math"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
	"modelbook/internal/freelist"
)

// Block sizes: a block of scores, queries x keys, lies in the L1 or L2 cache.
const (
	queryBlock = 64
	keyBlock   = 256
	// scoreStride keeps the rows of a block of scores from a power of two apart.
	scoreStride = keyBlock + 16
)

// Shape describes queries [Batch, Queries, Heads*Size], keys and values
// [Batch, Keys, Heads*Size], and the output, which is as the queries. Rows of
// an operand lie a stride apart, batches Queries or Keys strides.
type Shape struct {
	Batch, Heads, Queries, Keys, Size int
	Causal                            bool // query i sees the keys 0..i
}

// An Operand is a matrix of rows that begin Stride apart.
type Operand struct {
	Data   []float32
	Stride int
}

// A job is one call. Threads take heads from it.
type job struct {
	Shape
	q, k, v, out, dout, dq, dk, dv Operand
	lse                            []float32 // [Batch, Heads, Queries]
	backward                       bool
}

var jobs freelist.List[job]

// Forward writes softmax(q k^T / sqrt(Size)) v to out, for each head, and the
// logarithms of the sums of exponentials to lse [Batch, Heads, Queries].
func Forward(s Shape, q, k, v, out Operand, lse []float32) {
	run(job{Shape: s, q: q, k: k, v: v, out: out, lse: lse})
}

// Backward writes the gradients of the operands of a Forward.
func Backward(s Shape, q, k, v, out Operand, lse []float32, dout, dq, dk, dv Operand) {
	if s.Queries == 0 { // no query used the keys and values
		for row := range s.Batch * s.Keys {
			clear(dk.Data[row*dk.Stride:][:s.Heads*s.Size])
			clear(dv.Data[row*dv.Stride:][:s.Heads*s.Size])
		}
		return
	}
	run(job{Shape: s, q: q, k: k, v: v, out: out, lse: lse, dout: dout, dq: dq, dk: dk, dv: dv, backward: true})
}

func run(j job) {
	if j.Queries == 0 || j.Size == 0 {
		return
	}
	p := jobs.Take()
	*p = j
	parallel.Run(j.Batch*j.Heads, 1, p)
	*p = job{}
	jobs.Put(p)
}

// Range does heads lo to hi of all batches.
func (j *job) Range(lo, hi int) {
	w := workers.Take()
	for i := lo; i < hi; i++ {
		h := head{Shape: j.Shape, lse: j.lse[i*j.Queries : (i+1)*j.Queries]}
		batch, column := i/j.Heads, i%j.Heads*j.Size
		part := func(o Operand, rows int) Operand {
			if o.Data == nil {
				return o
			}
			return Operand{o.Data[batch*rows*o.Stride+column:], o.Stride}
		}
		h.q, h.out, h.dout, h.dq = part(j.q, j.Queries), part(j.out, j.Queries), part(j.dout, j.Queries), part(j.dq, j.Queries)
		h.k, h.v, h.dk, h.dv = part(j.k, j.Keys), part(j.v, j.Keys), part(j.dk, j.Keys), part(j.dv, j.Keys)
		if j.backward {
			w.backward(&h)
		} else {
			w.forward(&h)
		}
	}
	workers.Put(w)
}

// A head is one head of one batch.
type head struct {
	Shape
	q, k, v, out, dout, dq, dk, dv Operand
	lse                            []float32
}

// visible is how many of the keys k0..k0+n query i sees.
func (h *head) visible(i, k0, n int) int {
	if !h.Causal {
		return n
	}
	return min(max(i-k0+1, 0), n)
}

// A worker is one thread's memory.
type worker struct {
	tile          gemm.Tile
	kt, vt        []float32 // keys and values transposed: [Size, Keys]
	scores, grads [queryBlock * scoreStride]float32
	largest, sum  [queryBlock]float32
}

var workers freelist.List[worker]

// product computes rows x n of c = a*b, or adds it: strides of a along rows and
// depth, of b along depth. limit, unless nil, says for the tile of rows lo..hi
// how many columns, and span which part of the depth, are needed.
func (w *worker) product(rows, n, depth int, a []float32, ai, ak int, b []float32, bk int, c []float32, ldc int, add bool, part func(lo, hi int) (n, from, to int)) {
	kernel, t := gemm.Best(), &w.tile
	tiles := (rows + kernel.Rows - 1) / kernel.Rows
	for tile := range tiles {
		lo, hi := rows*tile/tiles, rows*(tile+1)/tiles
		cols, from, to := n, 0, depth
		if part != nil {
			cols, from, to = part(lo, hi)
		}
		if cols <= 0 || from >= to {
			continue
		}
		*t = gemm.Tile{K: int64(to - from), A: &a[lo*ai+from*ak], AI: int64(ai), AK: int64(ak),
			B: &b[from*bk], BK: int64(bk), BN: int64(kernel.Cols), C: &c[lo*ldc], Ldc: int64(ldc)}
		if add {
			t.Flags = gemm.Add
		}
		kernel.Run(t, hi-lo, cols)
	}
	*t = gemm.Tile{}
}

func grown(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func (w *worker) forward(h *head) {
	scale := float32(1 / math.Sqrt(float64(h.Size)))
	w.kt = grown(w.kt, h.Size*h.Keys)
	gemm.Transpose(w.kt, h.Keys, h.k.Data, h.k.Stride, h.Keys, h.Size)
	for q0 := 0; q0 < h.Queries; q0 += queryBlock {
		rows := min(queryBlock, h.Queries-q0)
		out := h.out.Data[q0*h.out.Stride:]
		vec.Fill(w.largest[:rows], float32(math.Inf(-1)))
		clear(w.sum[:rows])
		for k0 := 0; k0 < h.Keys; k0 += keyBlock {
			n := h.visible(q0+rows-1, k0, min(keyBlock, h.Keys-k0))
			if n == 0 {
				break
			}
			w.computeScores(h, q0, rows, k0, n)
			for i := range rows {
				w.row(h, out[i*h.out.Stride:][:h.Size], i, h.visible(q0+i, k0, n), n, scale, k0 > 0)
			}
			w.product(rows, h.Size, n, w.scores[:], scoreStride, 1, h.v.Data[k0*h.v.Stride:], h.v.Stride, out, h.out.Stride, k0 > 0,
				func(_, hi int) (int, int, int) { return h.Size, 0, h.visible(q0+hi-1, k0, n) })
		}
		for i := range rows {
			row := out[i*h.out.Stride:][:h.Size]
			vec.Scale(row, 1/w.sum[i], row)
			h.lse[q0+i] = w.largest[i] + float32(math.Log(float64(w.sum[i])))
		}
	}
}

// computeScores computes the products of a block of queries and keys, where
// they are needed.
func (w *worker) computeScores(h *head, q0, rows, k0, n int) {
	w.product(rows, n, h.Size, h.q.Data[q0*h.q.Stride:], h.q.Stride, 1, w.kt[k0:], h.Keys, w.scores[:], scoreStride, false,
		func(_, hi int) (int, int, int) { return h.visible(q0+hi-1, k0, n), 0, h.Size })
}

// row makes the scores of query i exponentials, and scales what is already in
// out to the new largest score.
func (w *worker) row(h *head, out []float32, i, seen, n int, scale float32, more bool) {
	scores := w.scores[i*scoreStride:][:span(seen, n)]
	if seen == 0 {
		clear(scores)
		return
	}
	vec.Fill(scores[seen:], hidden)
	before := w.largest[i]
	w.largest[i] = max(before, scale*vec.Max(scores))
	if more && w.largest[i] > before {
		f := float32(math.Exp(float64(before - w.largest[i])))
		w.sum[i] *= f
		vec.Scale(out, f, out)
	}
	w.sum[i] += vec.ExpSum(scores, scores, scale, w.largest[i])
}

// hidden is the score of a key that is not seen: its exponential is 0.
var hidden = float32(math.Inf(-1))

// span is how far a row that sees some of n keys is filled: so far as the rows
// of its tile may see, and to whole vectors, which spares their remainders.
func span(seen, n int) int { return (min(n, seen+15) + 15) &^ 15 }

func (w *worker) backward(h *head) {
	scale := float32(1 / math.Sqrt(float64(h.Size)))
	w.kt, w.vt = grown(w.kt, h.Size*h.Keys), grown(w.vt, h.Size*h.Keys)
	gemm.Transpose(w.kt, h.Keys, h.k.Data, h.k.Stride, h.Keys, h.Size)
	gemm.Transpose(w.vt, h.Keys, h.v.Data, h.v.Stride, h.Keys, h.Size)
	for i := range h.Keys {
		clear(h.dk.Data[i*h.dk.Stride:][:h.Size])
		clear(h.dv.Data[i*h.dv.Stride:][:h.Size])
	}
	for q0 := 0; q0 < h.Queries; q0 += queryBlock {
		rows := min(queryBlock, h.Queries-q0)
		out, dout, q := h.out.Data[q0*h.out.Stride:], h.dout.Data[q0*h.dout.Stride:], h.q.Data[q0*h.q.Stride:]
		for i := range rows { // the share of each row's softmax in its own gradient
			w.sum[i] = float32(vec.Dot(out[i*h.out.Stride:][:h.Size], dout[i*h.dout.Stride:][:h.Size]))
		}
		for k0 := 0; k0 < h.Keys; k0 += keyBlock {
			n := h.visible(q0+rows-1, k0, min(keyBlock, h.Keys-k0))
			if n == 0 {
				break
			}
			w.computeScores(h, q0, rows, k0, n)
			w.product(rows, n, h.Size, dout, h.dout.Stride, 1, w.vt[k0:], h.Keys, w.grads[:], scoreStride, false,
				func(_, hi int) (int, int, int) { return h.visible(q0+hi-1, k0, n), 0, h.Size })
			for i := range rows {
				seen := h.visible(q0+i, k0, n)
				p, d := w.scores[i*scoreStride:][:span(seen, n)], w.grads[i*scoreStride:][:span(seen, n)]
				vec.Fill(p[seen:], hidden)
				clear(d[seen:])
				vec.ExpSum(p, p, scale, h.lse[q0+i])
				vec.SoftmaxGrad(d, p, d, w.sum[i], scale)
			}
			w.product(rows, h.Size, n, w.grads[:], scoreStride, 1, h.k.Data[k0*h.k.Stride:], h.k.Stride, h.dq.Data[q0*h.dq.Stride:], h.dq.Stride, k0 > 0,
				func(_, hi int) (int, int, int) { return h.Size, 0, h.visible(q0+hi-1, k0, n) })
			// Keys lo..hi are seen by the queries from lo on.
			seers := func(lo, _ int) (int, int, int) {
				if h.Causal {
					return h.Size, max(0, k0+lo-q0), rows
				}
				return h.Size, 0, rows
			}
			w.product(n, h.Size, rows, w.grads[:], 1, scoreStride, q, h.q.Stride, h.dk.Data[k0*h.dk.Stride:], h.dk.Stride, true, seers)
			w.product(n, h.Size, rows, w.scores[:], 1, scoreStride, dout, h.dout.Stride, h.dv.Data[k0*h.dv.Stride:], h.dv.Stride, true, seers)
		}
	}
}
