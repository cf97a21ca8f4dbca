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
	movement
	elementwise
	reductions
	products
	images
	norms
	sequences
	losses
	linear
	samples
}

var device backend = cpu{}

// memory has elements.
type memory interface {
	// alloc returns memory for n elements, all zeros.
	alloc(d DType, n int) any
	// undefined is told that an operation will write the first n elements of s
	// before it reads them.
	undefined(s *storage, n int)
	// host returns the elements as a slice of their Go type, which the caller may
	// read and write.
	host(s *storage) any
	// get and put are about one element, which put converts as To does.
	get(s *storage, at int) float64
	put(s *storage, at int, v float64)
	// bits and setBits are about an element as it stands in files.
	bits(s *storage, at int) uint64
	setBits(s *storage, at int, bits uint64)
}

// movement brings elements of any dtype to other places.
type movement interface {
	// move copies elements between places, or adds floats, of one dtype and shape.
	move(to, from region, add bool)
	// copy is move for contiguous floats.
	copy(x, y *Tensor)
	// convert is copy to another dtype.
	convert(x, y *Tensor)
	// clear writes zeros.
	clear(t *Tensor)
	// take writes rows of n elements of x, those at the given positions.
	take(x, y *Tensor, at []int, n int)
	// gather writes the elements of a gathering, of any dtype, to y, and returns the number of the first place of the index
	// that there is none of, or -1.
	gather(g gathering, y *Tensor) (bad int)
	// places writes the elements of an index, contiguous Int64, as places below size, of which negative ones count from the
	// end, and returns the number of the first that there is none of, or -1.
	places(index *Tensor, size int, at []int) (bad int)
	// gatherGrad adds dy, floats, to the elements of x, in the order of the index. The elements of a fresh x are undefined
	// and count as 0.
	gatherGrad(g gathering, dy *Tensor, fresh bool)
	// putBack adds rows of x to those of y at the given positions, in their order.
	putBack(x, y *Tensor, at []int, n int)
	// scatter writes such sums, and zeros to the rows of y without a position.
	scatter(x, y *Tensor, at []int, n int)
	// scatterProducts writes products: see productScatter. y is of the dtype of the factors.
	scatterProducts(s productScatter, y *Tensor)
	// scatterProductsGrad writes the gradients of the factors of floats.
	scatterProductsGrad(s productScatter, dy, dt, dsrc *Tensor)
}

// elementwise operations take operands of any layout, which are broadcast to the
// result, unless they say otherwise.
type elementwise interface {
	// unary is about floats, or contiguous Int64. y is contiguous, and may be x.
	unary(u unary)
	// unaryGrad writes dx, dy times the derivative. All but x are contiguous.
	unaryGrad(u unary, dy, dx *Tensor)
	// pair is about operands of one dtype.
	pair(p pair)
	// pairGrad writes dy times the derivative by a, or by b, in the shape of dy.
	pairGrad(p pair, second bool, dy, dx *Tensor)
	// compare writes bools.
	compare(o ordering, a, b, y *Tensor)
	// choose writes a where cond is true and b elsewhere.
	choose(cond, a, b, y *Tensor)
	// add adds x to sum; both are contiguous floats.
	add(x, sum *Tensor)
	// dropout sets elements of y to 0 and multiplies the others of x by
	// 1/(1-rate). Which ones depends on key and the element's place.
	dropout(x, y *Tensor, rate float64, key uint64)
	// hasNaN looks for a NaN among floats.
	hasNaN(t *Tensor) bool
}

// A unary operation is y = rule(x), with the rule's parameters.
type unary struct {
	rule *rule
	p    params
	x, y *Tensor
}

// A pair is an operation of two operands, y = rule(a, b).
type pair struct {
	rule    *pairRule
	a, b, y *Tensor
}

// reductions are over axes.
type reductions interface {
	// sum writes the factor times the sums of x, of any layout. Those of Int64
	// have the factor 1.
	sum(r reduction)
	// sumGrad writes the gradient of x.
	sumGrad(r reduction, dy, dx *Tensor)
	// sumTo sums up x, of any layout, over the axes along which y would be
	// stretched to its shape.
	sumTo(x, y *Tensor)
	// measure writes a measure of the rows of x, contiguous and of float32, that the elements of y stand for.
	measure(m measure, r reduction)
	// extreme writes the largest elements (factor 1) or smallest ones (-1) of x, of
	// any layout and any dtype but halves, and which of its elements in row-major
	// order they are, of equal ones the first. NaN wins. where may be nil.
	extreme(r reduction, where []int)
	// argExtreme writes the places along the one axis of those, as Int64.
	argExtreme(r reduction)
	scan(s scan)
	// runningExtreme writes the places of the largest, with sign -1 of the smallest, so far along an axis, in y, Int64.
	runningExtreme(s scan, sign float64)
	// scanGrad writes the gradient of x of running products.
	scanGrad(s scan, dy, dx *Tensor)
	order(s sorting)
}

// A reduction is one of x over some axes, which y has not; over all when there
// are none.
type reduction struct {
	x, y   *Tensor
	axes   []int
	factor float64
}

// images are convolutions and poolings of [N, H, W, C].
type images interface {
	convolve(c convolution)
	convolveGrad(c convolutionGrad)
	// packFilters quantizes filters for bytes of the given scale, of which zero means 0.
	packFilters(w, b *Tensor, scale float64, zero int) any
	convolveQuantized(c quantizedConvolution)
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
	// averagePool writes the means of windows: sums divided by the number of pixels
	// that lie inside the image, or by the whole size.
	averagePool(g windows, x, y *Tensor, whole bool)
	averagePoolGrad(g windows, dy, dx *Tensor, whole bool)
	// mix applies a mixture, or, backwards, carries the gradient x of its result to y.
	mix(m mixture, x, y *Tensor, back bool)
}

// A convolution is y = x*w + b, and max(y, 0) with relu. The bias may be nil.
type convolution struct {
	windows
	x, w, b, y *Tensor
	relu       bool
}

// A quantizedConvolution is y = x*f, and max(y, 0) with relu; bytes is scratch, in the shape of x.
type quantizedConvolution struct {
	windows
	x, bytes, y *Tensor
	f           *QuantizedFilters
	relu        bool
}

// A convolutionGrad is about the gradients dx, dw and db; those that are nil
// are not asked for. Unless y, the result, is nil, a ReLU made it, and dy is
// the gradient behind that. dy may be overwritten.
// Unless norm is nil, a norm is behind that, and dy is the gradient behind the norm.
type convolutionGrad struct {
	windows
	x, w, dy, y *Tensor
	dx, dw, db  *Tensor
	norm        *normInput
	before      *normSums // to be taken of dx, or nil
}

// norms are normalisations.
type norms interface {
	batchNorm(b batchNorm)
	batchNormGrad(b batchNormGrad)
	// beginBatchNormGrad works out of input, and of what is behind sums, what does not depend on dy.
	beginBatchNormGrad(b batchNormGrad)
	// batchNormInput writes dx from dy, in whose memory it may be.
	batchNormInput(n *normInput, dy, dx *Tensor)
	layerNorm(l layerNorm)
	layerNormGrad(l layerNormGrad)
	groupNorm(l groupNorm)
	groupNormGrad(l groupNormGrad)
	rmsNorm(l rmsNorm)
	rmsNormGrad(l rmsNormGrad)
}

// A groupNorm is y = (x-mean)*scale*gamma + beta for groups of channels in each
// sample of x, [N, ..., C]. It writes moments, [N, groups, 2], the mean and
// 1/sqrt(variance+eps) as float64. gamma and beta may be nil.
type groupNorm struct {
	x, gamma, beta, moments, y *Tensor
	groups                     int
	eps                        float64
}

// A groupNormGrad is about its gradients: dx, unless it is nil, and sums, [2, C],
// those of gamma and beta as float64.
type groupNormGrad struct {
	groupNorm
	dy, dx, sums *Tensor
}

// An rmsNorm is y = x/sqrt(mean(x*x)+eps)*gamma for each row of x, its last axis.
// It writes scales, what the rows are multiplied by.
type rmsNorm struct {
	x, gamma, scales, y *Tensor
	eps                 float64
}

// An rmsNormGrad is about its gradients; those that are nil are not asked for.
// With add it adds to dx.
type rmsNormGrad struct {
	x, gamma, scales, dy *Tensor
	dx, dgamma           *Tensor
	add                  bool
}

// A batchNorm is y = gamma*(x-mean)*scale + beta for each channel of x, its last
// axis. It writes mean and scale, 1/sqrt(variance+eps), both float64: of x in
// training, and of the running mean and variance otherwise. update, in training,
// moves the running ones, of any dtype, towards those of x.
type batchNorm struct {
	x, gamma, beta   *Tensor
	mean, scale, y   *Tensor
	running          [2]*Tensor
	training, update bool
	relu             bool // what is negative in y becomes 0
	momentum, eps    float64
}

// A batchNormGrad is about its gradients: those of gamma and beta as float64, and
// dx, of float64 unless it is nil. Of float32 it works out input.
type batchNormGrad struct {
	x, gamma, beta, mean, scale, dy *Tensor
	dx, dgamma, dbeta               *Tensor
	input                           *normInput
	sums                            *normSums // nil: the way back begins here
	training, relu                  bool
}

// normSums are the sums of gradients, [2, C] of float64, with which a norm begins its way back, if they are done.
type normSums struct {
	input *normInput
	sums  *Tensor
	done  bool
}

// A normInput is what a float32 BatchNorm, perhaps with a ReLU behind it, does to each element of a gradient on the way
// back to its operand x, when all sums are known. The rows of numbers are the backend's.
type normInput struct {
	x, rows *Tensor
	relu    bool
}

// A layerNorm is y = (x-mean)/sqrt(variance+eps)*gamma + beta for each row of x,
// its last axis. It writes moments, mean and 1/deviation of each row.
type layerNorm struct {
	x, gamma, beta, moments, y *Tensor
	eps                        float64
}

// A layerNormGrad is about its gradients; those that are nil are not asked for.
// With add it adds to dx.
type layerNormGrad struct {
	x, gamma, moments, dy *Tensor
	dx, dgamma, dbeta     *Tensor
	add                   bool
}

// sequences are attention and what is done with tokens.
type sequences interface {
	// attend writes y and sums.
	attend(a attended)
	// attendGrad writes the gradients of q, k and v, which lie in d as those do in
	// a, and may be one tensor, and, unless it is nil, that of the mask, for [Batch,
	// Heads, Queries, Keys].
	attendGrad(a attended, dy *Tensor, d [3]*Tensor, dmask *Tensor)
	// recur does the steps of a recurrent layer: it writes out, hidden, cells and
	// extra, and gates, which hold what inputs and bias contribute. work is scratch,
	// [N, 2*H].
	recur(r recurrence, work *Tensor)
	// recurGrad takes them back. work and shared, [N, H], are scratch.
	recurGrad(g recurrenceGrad, work, shared *Tensor)
	// rotate writes y, which is contiguous; x may be a view whose last axis has no
	// gaps.
	rotate(r rotation)
	softmax(s softmax)
	// softmaxGrad reads y and dy.
	softmaxGrad(s softmax, dy, dx *Tensor)
	// outside returns the first place of an element of t, of any layout, that is
	// not an integer from 0 to n-1 when its fraction is cut off, or -1.
	outside(t *Tensor, n int) int
	// oneHot writes rows that are 1 at t's element, and 0 elsewhere.
	oneHot(t, out *Tensor)
	// embed writes the rows of a table that tokens, integers, name.
	embed(table, tokens, out *Tensor)
	// embedGrad adds the rows of dy to those of the table's gradient.
	embedGrad(dy, tokens, dtable *Tensor)
	// sortRows writes the places of tokens, sorted by these, to sorted, and to starts where each of n different ones
	// begins, and the end.
	sortRows(tokens *Tensor, sorted, starts []int) (n int)
	// sumRows writes the different tokens to rows, and the sums of their rows of dy, in the order of places.
	sumRows(dy *Tensor, sorted, starts []int, tokens, rows, sums *Tensor)
}

// An attended is softmax(Scale q k^T + mask) v for several heads. q, k and v
// begin at the given columns of their rows, and may be views whose last axis has
// no gaps. sums, [Batch, Heads, Queries], are the logarithms of the sums of
// exponentials, or infinity where a query sees no key. The mask, which may be nil,
// is [Batch or 1, Heads or 1, Queries or 1, Keys], of Bool or of the dtype of q.
// Weights are dropped as elements are by dropout, in the order of [Batch, Heads,
// Queries, Keys].
type attended struct {
	heads
	q, k, v, y, sums *Tensor
	at               [3]int
	mask             *Tensor
	rate             float64
	key              uint64
}

// A rotation turns pairs of channels of the first heads of x, [N, T, heads*width],
// as Rotary says, or back. Pair i of the size/2 of each head turns by frequencies[i],
// float64, a position.
type rotation struct {
	x, y, frequencies          *Tensor
	heads, turned, width, size int
	interleaved, back          bool
	offset                     int
	offsets                    []int // nil: offset
}

// A softmax goes over n elements that lie inner apart, everywhere in x.
type softmax struct {
	x, y      *Tensor
	n, inner  int
	logarithm bool
}

// losses write the loss to y and its gradient to grad at the same time.
type losses interface {
	// pointwise is the mean of the rule's function of x and target.
	pointwise(l loss)
	// sparseCrossEntropy is the mean over rows of the cross-entropy of
	// softmax(x) and labels, which are integers. The gradient may take the
	// place of x.
	sparseCrossEntropy(l loss)
	// crossEntropy is that of softmax(x) and probabilities.
	crossEntropy(l loss)
}

// A loss is one of x and of targets, of any dtype. The rule is that of a loss of
// single elements.
type loss struct {
	x, target, grad, y *Tensor
	rule               *pairRule
}

// linear is linear algebra of batches of float64 matrices, whose last two axes
// they are. Where a matrix is singular, not positive definite, or has a NaN, the
// number of the first one is returned, and -1 otherwise.
type linear interface {
	// solve writes the x of a x = b.
	solve(a, b, x *Tensor) (bad int)
	// solveTriangle does so for the triangles of a.
	solveTriangle(a, b, x *Tensor, upper bool) (bad int)
	// determinants writes their signs and the logarithms of their absolute values.
	determinants(a, sign, logAbs *Tensor)
	// cholesky writes the lower triangles l of a = l l^T; of a it reads these.
	cholesky(a, l *Tensor) (bad int)
	qr(a, q, r *Tensor)
	// eigh writes eigenvalues, in ascending order, and eigenvectors in columns; of
	// a it reads the lower triangles.
	eigh(a, w, v *Tensor) (bad int)
	svd(a, u, s, vt *Tensor) (bad int)
}

// samples are about the gradients of parameters by single samples, float32, which are not kept: see samples.go. What is
// called squares is float64, a sum of squares for each sample, to which a method adds.
type samples interface {
	// productSquares is about the products x^T dy of each sample.
	productSquares(p sampleProduct, squares *Tensor)
	// sumSquares is about the sums of the rows dy of each sample.
	sumSquares(p sampleProduct, squares *Tensor)
	// convolutionSquares is about dw and db of n images a sample; those that are nil are not asked for, and others are
	// not written.
	convolutionSquares(c convolutionGrad, n int, squares *Tensor)
	// embeddingSquares is about the gradient of a table of n tokens a sample.
	embeddingSquares(dy, tokens *Tensor, n int, squares *Tensor)
	// addSquares adds the squares of the elements of t, float32 or float64, to those of sample i.
	addSquares(t, squares *Tensor, i int)
	// weighSamples multiplies t, float32, by weights, float64, of the parts of its first axis, or, turned, of its second.
	weighSamples(t, weights *Tensor, turned bool)
}

// A sampleProduct is where the rows [rows, k] of x and [rows, m] of dy of count samples lie: those of a sample stepX and
// stepDY behind those of the one before, their rows a stride apart.
type sampleProduct struct {
	x, dy         matrix
	rows, k, m    int
	count         int
	stepX, stepDY int
}
