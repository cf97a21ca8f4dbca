package dl

import "modelbook/dl/internal/gradient"

// products are those of matrices.
type products interface {
	multiply(p product)
	// multiplyShared computes products of one b, or of parts of it.
	multiplyShared(p sharedProducts)
	batch(b batch)
	affine(a affine)
	multiplyQuantized(p quantizedProduct)
	// dequantize writes the weights to y, [Out, In].
	dequantize(w *QuantizedMatrix, y *Tensor)
	// activationGrad multiplies dy by the derivative of an activation: t is the
	// result of a ReLU, or the argument of a GELU.
	activationGrad(dy, t *Tensor, act Fusion)
	// visit hands the elements of a float32 gradient to v in parts, on all threads.
	visit(grad *Tensor, v gradient.Visitor)
	// visitRows hands over those that are not 0: dy, in the given rows.
	visitRows(rows, dy *Tensor, v gradient.Visitor)
	// visitProduct hands those of the product x^T dy, which it computes meanwhile.
	visitProduct(x, dy *Tensor, v gradient.Visitor)
}

// A product is c = a*b, or is added to c; c is m x n, and the depth is k.
type product struct {
	c, a, b matrix
	m, n, k int
	add     bool
}

// sharedProducts are products x^T dy of one dy of two axes, or of some of its rows and of its first columns: those without
// rows are none. What the rows of dy add up to is written to sums, unless that is nil.
type sharedProducts struct {
	dy, sums *Tensor
	each     [2]product
}

// upright returns the same product with a result that is not turned: where it is,
// the operands change places.
func (p product) upright() product {
	if p.c.turned {
		p.c, p.a, p.b, p.m, p.n = p.c.turn(), p.b.turn(), p.a.turn(), p.n, p.m
	}
	return p
}

// A batch is count products; the matrices of one lie stepC, stepA and stepB
// behind those of the one before, and no two have the same result.
type batch struct {
	product
	count, stepC, stepA, stepB int
}

// at is one of the products.
func (b *batch) at(i int) product {
	p := b.product
	p.c.at, p.a.at, p.b.at = p.c.at+i*b.stepC, p.a.at+i*b.stepA, p.b.at+i*b.stepB
	return p
}

// An affine layer is y = act(before), before = x*w + b; the two are one tensor
// except for GELU. The bias may be nil, and so may what is added to the result of
// one without an activation.
type affine struct {
	x, w, b, added, before, y *Tensor
	act                       Fusion
}

// A quantizedProduct is y = x w^T + b for rows x. The bias may be nil.
type quantizedProduct struct {
	x, b, y *Tensor
	w       *QuantizedMatrix
}
