package dl

// A backend has the memory of tensors and computes with the elements in it.
// Operations check their operands, take memory, call the backend and record;
// they do not ask where elements are. The processor's is the only one (its code
// is in the files cpu_*.go); a second one, for tests, checks what the operations
// ask for.
//
// Arguments are tensors that fit each other: the operation has looked at their
// shapes and dtypes, and, unless a method says otherwise, they are contiguous and
// of one float type. Results are written as a whole and may be undefined before.
type backend interface {
	memory
	products
	images
	reductions

	// loop runs an elementwise loop in parts of at least grain of its iterations.
	loop(j *loop, iterations, grain int)
}

var device backend = cpu{}

// products are those of matrices.
type products interface {
	// multiply computes c = a*b (+ c when add is set), m x n with depth k.
	multiply(c matrix, m, n, k int, a, b matrix, add bool)
	// batch computes count such products; the matrices of one lie sc, sa and sb
	// behind those of the one before, and no two have the same result.
	batch(count int, c matrix, sc, m, n, k int, a matrix, sa int, b matrix, sb int, add bool)
	affine(a affine)
	// activationGrad multiplies dy by the derivative of an activation: t is the
	// result of a ReLU, or the argument of a GELU.
	activationGrad(dy, t *Tensor, act Fusion)
}

// An affine layer is y = act(before), before = x*w + b; the two are one tensor
// except for GELU. The bias may be nil.
type affine struct {
	x, w, b, before, y *Tensor
	act                Fusion
}

// memory has elements.
type memory interface {
	// alloc returns memory for n elements, all zeros: a slice of their Go type.
	alloc(d DType, n int) any
	// undefined is told that an operation will write the first n elements of s
	// before it reads them.
	undefined(s *storage, n int)
}

// images are convolutions and poolings of [N, H, W, C].
type images interface {
	convolve(c convolution)
	convolveGrad(c convolutionGrad)
	// contract sums up x*w*y over all taps, for each element of the part of in
	// that is not given: it is the result.
	contract(g windows, part int, in [3]*Tensor)
	// maxPool writes the largest elements of windows, and the taps, [KH, KW],
	// where they are, as Int32.
	maxPool(g windows, x, y, where *Tensor)
	// maxPoolGrad writes the gradient of x. Unless y, the result, is nil, a ReLU
	// made x, and the gradient is that in front of it.
	maxPoolGrad(g windows, dy, y, where, dx *Tensor)
	// maxPoolPlaces makes taps places in x.
	maxPoolPlaces(g windows, where *Tensor, at []int)
	averagePool(g windows, x, y *Tensor)
	averagePoolGrad(g windows, dy, dx *Tensor)
}

// A convolution is y = x*w + b, and max(y, 0) with relu. The bias may be nil.
type convolution struct {
	windows
	x, w, b, y *Tensor
	relu       bool
}

// A convolutionGrad is about the gradients dx, dw and db; those that are nil
// are not asked for. Unless y, the result, is nil, a ReLU made it, and dy is
// the gradient behind that. dy may be overwritten.
type convolutionGrad struct {
	windows
	x, w, dy, y *Tensor
	dx, dw, db  *Tensor
}

// reductions are sums.
type reductions interface {
	// sumRows writes the sums of the columns of x, rows as long as sums.
	sumRows(x, sums *Tensor)
}
