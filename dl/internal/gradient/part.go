package gradient

// Part is the gradient of some elements of a tensor, Lo <= i < Hi of those in row-major order, where ranks that train
// together share the work of the optimizer. It is Values, or, where these are nil, the product X^T DY of matrices with
// Samples rows. Where Next is not nil, it is the pieces that Next fills in, one after the other, until it reports false: so
// ranks with memory in common can divide the work as they go.
type Part struct {
	Lo, Hi  int
	Values  []float32
	X, DY   []float32
	Samples int
	Next    func(piece *Part) bool
}

// Factors returns the matrices whose product X^T DY is the gradient of a float32 *dl.Tensor, where Backward has left out to
// compute it, and else nil. Package dl sets it.
var Factors func(tensor any) (x, dy []float32, samples int)

// Share leaves a float32 *dl.Tensor the gradient of a part alone, which is all that Visit then hands out, until ZeroGrad.
// Package dl sets it.
var Share func(tensor any, part Part)

// Lay lets the elements of a float32 *dl.Tensor, and of its views, lie in other memory of the same length from now on, and
// returns the memory in which they lay. It copies nothing. It returns nil, and does nothing, for a tensor that is a part of
// another. Package dl sets it.
var Lay func(tensor any, memory []float32) (before []float32)

// Elementwise reports whether an optimizer changes every value by that value's gradient alone, so that it may be given a
// part. Package optim sets it.
var Elementwise func(optimizer any) bool
