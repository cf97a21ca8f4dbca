// Package dl has tensors with automatic differentiation: what torch is to
// PyTorch. Layers, losses, optimizers and the trainer are in its subpackages
// nn, optim, metric, train and data. FROM.md, beside the package, has idioms and
// names for those who come from Keras or PyTorch; CONTENTS.md has all that there
// is in groups, with the tests that show it and what is missing.
//
// A [Tensor] has a shape, a dtype (float32 unless said otherwise; elementwise
// operations on two of them compute in the one that [Promote] names) and strides
// over a piece of memory; images are [N, H, W, C]. [Tensor.Slice],
// [Tensor.Transpose], [Tensor.Expand] and their like are views: they share the
// memory, so that an assignment to one ([Tensor.Fill], [Tensor.CopyFrom]) is seen
// by all, and a change of what a gradient needs is an error in Backward
// ([ChangedError]). Operations are eager: each returns a new tensor, and what is
// computed from tensors that require a gradient is recorded. [Tensor.Backward]
// follows the record back and leaves the gradient of every leaf in its Grad,
// where the next Backward adds to it unless ZeroGrad was called. The functions
// under the layers ([Affine], [Conv2D], [MaxPool2D], [BatchNorm],
// [SparseCrossEntropy] and others) fuse what belongs together.
//
// What there is, in groups: tensors are made by [Of], [FromSlices], [Range],
// [Linspace] and [Meshgrid], from gonum's matrices ([FromMatrix]), images
// ([FromImage]) and NumPy's files ([LoadNpy], [LoadNpz]), and at random by the
// methods of a [Rand]; elementwise functions ([Tensor.Add], [Tensor.Sin],
// [Tensor.Round], [Pow]) and comparisons ([Tensor.Gt], [Where]); reductions over
// axes ([Tensor.Sum], [Tensor.Std], [Tensor.Norm], [KeepDim]) and running ones
// ([Tensor.CumSum]); sorting and searching ([Tensor.Sort], [Tensor.TopK],
// [Tensor.Unique]); elements by index or mask ([Tensor.Gather], [Tensor.Scatter],
// [Tensor.MaskedSelect]); other places ([Tensor.Roll], [Tensor.PadReflect],
// [Concat]); products ([Tensor.MatMul], [Einsum]) and linear algebra ([Solve],
// [Tensor.SVD], [Tensor.Cholesky]); windows over sequences, images and volumes
// ([Conv1D], [Conv2D], [Conv3D], [ConvTranspose2D], [MaxPool1D], [AvgPool3D],
// [AdaptiveAvgPool]) and other sizes ([Resize], [PixelShuffle]). Their names are
// PyTorch's or NumPy's.
//
// [Grad] returns gradients and leaves every Grad alone. With
// [GradOptions].CreateGraph its result is recorded, so that it can be
// differentiated again: second derivatives, products with Jacobians and
// Hessians, gradient penalties. [Tensor.OnGrad] and [Tensor.AfterGrad] are
// hooks, [Apply] takes an operation of your own, [Checkpoint] computes again
// instead of keeping, and [DetectAnomalies] finds where a NaN was born.
//
// A mistake in shapes or dtypes panics with a [ShapeError] or [DTypeError]
// that names the operation, the shapes and the line of the caller; [Try] makes
// it an error. Files are another matter: [LoadSafetensors] returns errors and
// believes nothing.
//
// A training step inside an [Arena] uses the memory of the step before. The
// work is shared by [Threads] goroutines, always in the same way, so that
// results repeat bit for bit.
//
// Several goroutines may compute at the same time. [NoGrad] and [Arena.Run]
// hold for the goroutine that calls them and no other, as PyTorch's modes hold
// for a thread; tensors may be read by all while nobody writes to them.
//
// The package imports gonum and its own internal packages, and none of those
// built on it. A new operation is a file of its own, or stands with those like
// it; one that is made of others needs no more. What touches elements is a method
// of the backend (backend*.go), for the processor in a file cpu_*.go. A test asks
// for an example, PyTorch's values (testdata/operations.py) and a gradient of each.
package dl
