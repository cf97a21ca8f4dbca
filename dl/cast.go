package dl

// To returns t as another dtype (t itself if it has it). Between float types
// gradients flow. Floats become the nearest integer towards 0, the type's
// largest or smallest beyond its range, and 0 for NaN; integers that do not fit
// into a smaller integer type lose their upper bits, as in Go; anything but 0
// is true.
func (t *Tensor) To(d DType) *Tensor {
	t.check()
	d.check("To")
	if d == t.dtype {
		return t
	}
	out := result(d, t.shape)
	t.into(out)
	if d.IsFloat() && recording(t) {
		r := castKind.new()
		r.x = t
		attach(out, "To", r)
	}
	return out
}

// castRecord is the record of To.
type castRecord struct {
	node
	x *Tensor
}

var castKind = newKind[castRecord]()

func (r *castRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *castRecord) backward(b *sweep, dy *Tensor) { b.addAs(r.x, dy) }

func (r *castRecord) gradients(dy *Tensor) []*Tensor { return []*Tensor{dy.To(r.x.dtype.gradient())} }
