// Package persample gives package nn operations for losses that have a value for each sample. It imports nothing; package
// dl sets its functions.
package persample

// Known returns values, a *dl.Tensor [N] that was computed elsewhere, as the result of an operation on x, a *dl.Tensor
// [N, ...] of the same dtype, whose gradient is known: grad, of the shape of x, is that of each sample's value. grad is a
// constant for derivatives of a higher order.
var Known func(op string, x, values, grad any) any

// A Ranger computes the samples lo <= i < hi.
type Ranger interface{ Range(lo, hi int) }

// Each has n samples computed, on all threads.
var Each func(n int, r Ranger)

// BinaryCrossEntropy is dl.BinaryCrossEntropy without the mean.
var BinaryCrossEntropy func(p, target any) any
