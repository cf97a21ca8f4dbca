package gradient

// Part is the gradient of some elements of a tensor, Lo <= i < Hi of those in row-major order, where ranks that train
// together share the work of the optimizer. It is Values, or, where these are nil, the product X^T DY of matrices with
// Samples rows.
type Part struct {
	Lo, Hi  int
	Values  []float32
	X, DY   []float32
	Samples int
}

// Factors returns the matrices whose product X^T DY is the gradient of a float32 *dl.Tensor, where Backward has left out to
// compute it, and else nil. Package dl sets it.
var Factors func(tensor any) (x, dy []float32, samples int)

// Share leaves a float32 *dl.Tensor the gradient of a part alone, which is all that Visit then hands out, until ZeroGrad.
// Package dl sets it.
var Share func(tensor any, part Part)

// Elementwise reports whether an optimizer changes every value by that value's gradient alone, so that it may be given a
// part. Package optim sets it.
var Elementwise func(optimizer any) bool
