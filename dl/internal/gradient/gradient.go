// Package gradient lets optimizers use gradients that are never written to
// memory, and gives trainers the logits in front of a model's last activation. It
// imports nothing but time; package dl sets its functions.
package gradient

import "time"

// A Visitor uses a gradient part by part. Parts come in any order, from several
// goroutines.
type Visitor interface {
	// Visit gets the gradients of the elements lo <= i < hi of a tensor. It must
	// not keep grad.
	Visit(lo, hi int, grad []float32)
	// Uses returns memory that Visit reads for these elements, or nil: it is
	// fetched beforehand.
	Uses(lo, hi int) [3][]float32
}

// A RowVisitor can leave what it has alone where the gradient is 0, so that rows without a gradient need not be visited.
type RowVisitor interface {
	Visitor
	SkipsZeros() bool
}

// NonZero returns the elements of the gradient of a float32 *dl.Tensor that may be other than 0, for use in place, if
// it is one of rows, such as that of an embedding's table; nil otherwise. Package dl sets it.
var NonZero func(tensor any) []float32

// Visit hands the gradient of a float32 *dl.Tensor to v in parts, on all
// threads, and reports whether there is a gradient: those of large weight
// matrices are computed part by part while v uses them, and never written to
// memory, unless Grad asks for them; of those of rows a RowVisitor gets the rows that there are, if it skips zeros. The
// parts and their values are the same
// for every number of threads. Package dl sets it.
var Visit func(tensor any, v Visitor) bool

// Steady tells that nobody changes the elements of a *dl.Tensor, such as a batch, before the Run of the arena in use ends:
// gradients that are computed from them may be computed as late as that. Package dl sets it.
var Steady func(tensor any)

// Logits returns the *dl.Tensor from which a *dl.Tensor was computed by Softmax
// over its last axis, or by Sigmoid, nil when it was not, when it was not
// recorded, or when hooks wait for its gradient. A loss that is computed from
// it keeps the digits and the gradients that probabilities of nearly 0 and 1
// lose. Package dl sets it.
var Logits func(output any, sigmoid bool) any

// Operation is one by which a tensor was computed.
type Operation struct {
	Name     string // "MatMul"
	Output   any    // *dl.Tensor
	Result   any    // its Key
	Operands []any  // the Keys of those that gradients flow to
	MACs     int64  // products that are added up, in matrix products, convolutions, attention and cells
	View     bool   // the result is memory of an operand
}

// Event is an operation that was computed, or whose gradients were.
type Event struct {
	Operation
	Backward bool
	End      time.Time     // and Took before it: forward, since the operation before
	Took     time.Duration // and what stood between the two
	Work     int64         // its multiply-adds: MACs, or those of its gradients
	Bytes    int64         // of the arena's memory that it took, and what stood before it
}

// Observe calls f for each recorded operation of this goroutine until stop, which the same goroutine calls, beside others
// that observe. Package dl sets it.
var Observe func(f func(Event)) (stop func())

// Walk returns the recorded operations by which a *dl.Tensor was computed, the first one first. Package dl sets it.
var Walk func(output any) []Operation

// Key returns what a *dl.Tensor has in common with others that stand for the same. Package dl sets it.
var Key func(tensor any) any

// Samples is Backward of the sum of values, a float32 *dl.Tensor [N] with a value for each sample, in which each sample
// counts as much as weigh says. It gets the squares of the norms of the samples' gradients, each over all parameters
// together, and overwrites them with the weights: min(1, limit/norm) clips. The gradients of single samples are not kept
// in memory. It panics with a *dl.ValueError that names the parameter where an operation's are not known, where a
// parameter is used in two places, and where samples depend on each other (BatchNorm). Package dl sets it.
var Samples func(values any, weigh func(squares []float64))
