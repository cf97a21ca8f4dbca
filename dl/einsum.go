package dl

import "slices"

// Einsum adds up products of elements by Einstein's convention: the indices of
// each operand, then those of the result, as letters:
//
//	dl.Einsum("ij,jk->ik", a, b)   // a matrix product
//	dl.Einsum("bij,bjk->bik", a, b) // of batches
//	dl.Einsum("ii->i", a)          // the diagonal
//	dl.Einsum("i,j->ij", a, b)     // the outer product
//
// An index that the result does not have is summed over. Without an arrow the
// result has the indices that occur once, in alphabetical order. "..." stands
// for any axes, which are broadcast, and summed over where the result has none. An index that is 1 long in an operand
// stretches to its size in the others, as in PyTorch and NumPy. Several operands are contracted from left to right.
func Einsum(equation string, operands ...*Tensor) *Tensor {
	p := planOf(equation, operands)
	sizes := p.sizes(operands)
	sum := operands[0].joined(p.terms[0].joins)
	for i, c := range p.products {
		sum = c.of(sum, operands[i+1].joined(p.terms[i+1].joins), sizes)
	}
	return sum.summed(p.over).permuted(p.order)
}

// sizes are those of the indices: the one that is not 1, where an index has another in some operand.
func (p *einsumPlan) sizes(operands []*Tensor) []int {
	sizes := ints(len(p.letters))
	for i := range sizes {
		sizes[i] = 1
	}
	for i, t := range p.terms {
		for k, l := range t.labels {
			n := operands[i].shape[k]
			if first := slices.Index(t.labels[:k], l); first >= 0 && operands[i].shape[first] != n { // a diagonal does not stretch
				p.fail("index %q is %d and %d long in one operand", string(p.letters[l]), operands[i].shape[first], n)
			}
			switch known := sizes[l]; {
			case known == 1:
				sizes[l] = n
			case n != known && n != 1:
				p.fail("index %q is %d long in one operand, and %d in another", string(p.letters[l]), known, n)
			}
		}
	}
	return sizes
}

// joined makes pairs of axes one: see [einsumTerm].
func (t *Tensor) joined(pairs [][2]int) *Tensor {
	for _, p := range pairs {
		t = t.reframe("Einsum", func(l layout) layout { return l.diagonal(0, p[0], p[1]) })
	}
	return t
}

// summed is Sum, but of no axes it is t.
func (t *Tensor) summed(axes []int) *Tensor {
	if len(axes) == 0 {
		return t
	}
	return t.Sum(axes...)
}

// permuted is Permute, but in the order that is there already it is t.
func (t *Tensor) permuted(axes []int) *Tensor {
	for i, a := range axes {
		if i != a {
			return t.permute("Einsum", axes)
		}
	}
	return t
}

// of multiplies two terms as a batch of matrix products.
func (c *einsumProduct) of(a, b *Tensor, sizes []int) *Tensor {
	x := a.summed(c.left.over).arranged(&c.left, sizes, c.batch, c.rows, c.inner)
	y := b.summed(c.right.over).arranged(&c.right, sizes, c.batch, c.inner, c.columns)
	return x.MatMul(y).reshape(sizesOf(sizes, c.out))
}

// arranged brings a factor into three axes, each made of several indices.
func (t *Tensor) arranged(f *einsumFactor, sizes, batch, rows, columns []int) *Tensor {
	t = t.permuted(f.order)
	if whole := sizesOf(sizes, f.labels); !whole.Equal(t.shape) {
		t = t.Expand(whole...)
	}
	return t.reshape(shapeOf(sizesOf(sizes, batch).Size(), sizesOf(sizes, rows).Size(), sizesOf(sizes, columns).Size()))
}

// sizesOf are the sizes of some indices.
func sizesOf(sizes, labels []int) Shape {
	s := newShape(len(labels))
	for i, l := range labels {
		s[i] = sizes[l]
	}
	return s
}
