// Package scratch gives package nn tensors to compute with that are no results of operations, such as noise: inside an
// Arena they are the arena's memory, as results are, where those of constructors such as dl.Ones are the caller's to
// keep. It imports nothing; package dl sets its functions.
package scratch

// Full returns a *dl.Tensor of the shape and dtype of another with every element v.
var Full func(like any, v float64) any

// Rows returns a *dl.Tensor [rows, columns] of the dtype of another with every element v.
var Rows func(like any, rows, columns int, v float64) any

// Normals returns a *dl.Tensor of the shape and dtype of another with the numbers that Normals of a *dl.Rand returns.
var Normals func(like, rand any, mean, deviation float64) any

// Uniforms returns a *dl.Tensor of the shape and dtype of another with the numbers that Uniforms of a *dl.Rand returns.
var Uniforms func(like, rand any, lo, hi float64) any

// Like returns a *dl.Tensor of the shape of another and of a dl.DType, whose elements are undefined.
var Like func(like, dtype any) any
