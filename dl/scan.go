package dl

// A scan computes running sums or products along an axis of x, from the first
// element on or, in reverse, from the last. x and y are contiguous, of Float32,
// Float64 or Int64.
type scan struct {
	x, y             *Tensor
	axis             int
	product, reverse bool
	last             bool // y has only the last result of each lane, and not the axis
}

// CumSum returns the sums of the elements along an axis up to each. Those of
// integers, and of bools, are Int64.
func (t *Tensor) CumSum(axis int) *Tensor {
	axis = t.axis("CumSum", axis)
	if t.dtype.isHalf() {
		return t.To(Float32).CumSum(axis).To(t.dtype)
	}
	return t.cumSum("CumSum", axis, false)
}

func (t *Tensor) cumSum(op string, axis int, reverse bool) *Tensor {
	out, t := t.scanned(op, axis, scan{axis: axis, reverse: reverse})
	return derive(op, out, []*Tensor{t}, func(dy *Tensor) []*Tensor {
		return []*Tensor{dy.cumSum(op, axis, !reverse)}
	})
}

// CumProd returns the products of the elements along an axis up to each. Those
// of integers, and of bools, are Int64.
func (t *Tensor) CumProd(axis int) *Tensor {
	axis = t.axis("CumProd", axis)
	if t.dtype.isHalf() {
		return t.To(Float32).CumProd(axis).To(t.dtype)
	}
	out, t := t.scanned("CumProd", axis, scan{axis: axis, product: true})
	if recording(t) {
		r := cumProdKind.new()
		r.x, r.axis = t, axis
		r.keep(t, out)
		attach(out, "CumProd", r)
	}
	return out
}

// scanned returns the result of a scan, and the operand as it was read.
func (t *Tensor) scanned(op string, axis int, s scan) (out, x *Tensor) {
	if !t.dtype.IsFloat() {
		t = t.To(Int64)
	}
	s.x = t.Contiguous()
	s.y = result(t.dtype, t.shape)
	if s.y.size > 0 {
		device.scan(s)
	}
	return s.y, s.x
}

// cumProdRecord is the record of CumProd.
type cumProdRecord struct {
	node
	x    *Tensor
	axis int
}

var cumProdKind = newKind[cumProdRecord]()

func (r *cumProdRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *cumProdRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	if g.size > 0 {
		device.scanGrad(scan{x: r.x, y: r.out, axis: r.axis, product: true}, dy, g)
	}
	b.add(r.x, g)
}

// compose multiplies one position after the other.
func (r *cumProdRecord) compose() *Tensor {
	n := r.x.shape[r.axis]
	if n == 0 {
		return r.x
	}
	parts := []*Tensor{r.x.Slice(r.axis, 0, 1)}
	for i := 1; i < n; i++ {
		parts = append(parts, parts[i-1].Mul(r.x.Slice(r.axis, i, i+1)))
	}
	return Concat(r.axis, parts...)
}

// Prod returns the product over axes, or over all when none is given. The axes
// disappear from the shape. Products of integers, and of bools, are Int64.
func (t *Tensor) Prod(axes ...int) *Tensor {
	shape := t.reduced("Prod", axes)
	dtype := t.dtype
	t = t.last(axes, shape)
	if n := t.shape[len(t.shape)-1]; n > 0 && !recording(t) {
		return t.product().To(productType(dtype))
	}
	t = t.CumProd(-1)
	n := t.shape[len(t.shape)-1]
	if n == 0 {
		out := New(t.dtype, shape...)
		out.fill(1)
		return out
	}
	t = t.Select(-1, n-1)
	if dtype.isHalf() {
		return t.To(dtype)
	}
	return t
}

// last brings axes that a reduction to a shape takes away to the end, as one.
func (t *Tensor) last(axes []int, shape Shape) *Tensor {
	if len(axes) == 0 {
		return t.Reshape(t.Size())
	}
	over := make([]bool, len(t.shape))
	for _, a := range axes {
		over[t.axis("", a)] = true
	}
	var order []int
	for _, reduced := range []bool{false, true} {
		for i := range over {
			if over[i] == reduced {
				order = append(order, i)
			}
		}
	}
	n := 1
	for i, size := range t.shape {
		if over[i] {
			n *= size
		}
	}
	return t.permute("", order).Reshape(append(shape.Clone(), n)...)
}

// product returns the products over the last axis, without a record.
func (t *Tensor) product() *Tensor {
	switch {
	case t.dtype.isHalf():
		t = t.To(Float32)
	case !t.dtype.IsFloat():
		t = t.To(Int64)
	}
	k := len(t.shape) - 1
	s := scan{x: t.Contiguous(), y: result(t.dtype, t.shape[:k]), axis: k, product: true, last: true}
	if s.y.size > 0 {
		device.scan(s)
	}
	return s.y
}

// productType is the type of products of elements of a type.
func productType(d DType) DType {
	if d.IsFloat() {
		return d
	}
	return Int64
}
