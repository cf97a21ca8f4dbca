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

// undefinedLike is a tensor of the shape of x whose elements are to be written.
func undefinedLike(x *dl.Tensor, d dl.DType) *dl.Tensor { return scratch.Like(x, d).(*dl.Tensor) }

// undefinedVector is a vector of n elements that are to be written, beside x.
func undefinedVector(x *dl.Tensor, n int, d dl.DType) *dl.Tensor {
	return undefinedLike(fullRows(x, 1, n, 0).Squeeze(0), d)
}

// vectorOf is a vector of values, of the dtype of x.
func vectorOf(x *dl.Tensor, values ...float64) *dl.Tensor {
	v := undefinedVector(x, len(values), dl.Float64)
	copy(v.Float64s(), values)
	return v.To(x.DType())
}

// floats are the elements of x, in row-major order, to read.
func floats(x *dl.Tensor) []float32 { return x.Detach().To(dl.Float32).Contiguous().Float32s() }

// doubles are floats with all their digits.
func doubles(x *dl.Tensor) []float64 { return x.Detach().To(dl.Float64).Contiguous().Float64s() }

// integers are the elements of x, which holds some kind of them, to read.
func integers(x *dl.Tensor) []int64 { return x.Detach().To(dl.Int64).Contiguous().Int64s() }

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
