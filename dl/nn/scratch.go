package nn

import (
	"slices"
	"sync"

	"modelbook/dl"
	"modelbook/dl/internal/scratch"
)

// Tensors to compute with that are no results of operations: see [scratch].

// fullLike is dl.FullLike in the memory of an arena.
func fullLike(x *dl.Tensor, v float64) *dl.Tensor { return scratch.Full(x, v).(*dl.Tensor) }

// fullRows is [rows, columns] of the dtype of x.
func fullRows(x *dl.Tensor, rows, columns int, v float64) *dl.Tensor {
	return scratch.Rows(x, rows, columns, v).(*dl.Tensor)
}

// normalsLike are normally distributed numbers of the shape and dtype of x.
func normalsLike(x *dl.Tensor, r *dl.Rand, mean, deviation float64) *dl.Tensor {
	return scratch.Normals(x, r, mean, deviation).(*dl.Tensor)
}

// uniformsLike are uniformly distributed numbers of the shape and dtype of x.
func uniformsLike(x *dl.Tensor, r *dl.Rand, lo, hi float64) *dl.Tensor {
	return scratch.Uniforms(x, r, lo, hi).(*dl.Tensor)
}

// A tensorList is a list whose memory is used again.
type tensorList struct{ all []*dl.Tensor }

var tensorLists = sync.Pool{New: func() any { return new(tensorList) }}

// newTensorList returns a list of n, all nil.
func newTensorList(n int) *tensorList {
	l := tensorLists.Get().(*tensorList)
	l.all = slices.Grow(l.all, n)[:n]
	return l
}

// done says that the list is of no more use.
func (l *tensorList) done() {
	clear(l.all)
	l.all = l.all[:0]
	tensorLists.Put(l)
}
