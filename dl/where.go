package dl

// Where returns a where the Bool tensor cond is true, and b elsewhere. The
// three are broadcast. What is not chosen gets the gradient 0; if it was
// computed by an operation whose derivative is infinite there, as Sqrt at 0 or
// Log of a negative number, the gradient behind that is 0 times infinity, NaN,
// as in PyTorch: choose what goes into the operation, too,
//
//	dl.Where(x.Gt(zero), dl.Where(x.Gt(zero), x, one).Sqrt(), x)
func Where(cond, a, b *Tensor) *Tensor {
	checkAll(cond, a, b)
	if cond.dtype != Bool {
		dtypePanic("Where", "the condition must be bool", cond)
	}
	d := Promote(a.dtype, b.dtype)
	a, b = a.To(d), b.To(d)
	shape, ok := broadcastShapes(a.shape, b.shape)
	if ok {
		shape, ok = broadcastShapes(shape, cond.shape)
	}
	if !ok {
		shapePanic("Where", "sizes of the condition and of both choices must be equal or 1, counted from the last axis", cond, a, b)
	}
	out := result(d, shape)
	out.choose(cond, a, b)
	if recording(a, b) {
		r := whereKind.new()
		r.cond, r.a, r.b = cond, a, b
		attach(out, "Where", r)
		r.keep(cond)
	}
	return out
}

// choose writes a or b, all broadcast to out.
func (out *Tensor) choose(cond, a, b *Tensor) {
	for _, t := range [3]*Tensor{cond, a, b} {
		t.check()
	}
	if out.size == 0 {
		return
	}
	device.choose(cond, a, b, out)
}

// whereRecord is the record of Where.
type whereRecord struct {
	node
	cond, a, b *Tensor
}

var whereKind = newKind[whereRecord]()

func (r *whereRecord) operands(list []*Tensor) []*Tensor { return append(list, r.a, r.b) }

func (r *whereRecord) backward(b *sweep, dy *Tensor) {
	nothing := result(dy.dtype, nil)
	nothing.set(0, 0)
	for k, x := range [2]*Tensor{r.a, r.b} {
		if !b.wants(x) {
			continue
		}
		g := result(dy.dtype, dy.shape)
		if k == 0 {
			g.choose(r.cond, dy, nothing)
		} else {
			g.choose(r.cond, nothing, dy)
		}
		b.add(x, g.sumTo(x.shape))
	}
}

func (r *whereRecord) gradients(dy *Tensor) []*Tensor {
	none := New(dy.dtype)
	return []*Tensor{Where(r.cond, dy, none).unstretched(r.a.shape), Where(r.cond, none, dy).unstretched(r.b.shape)}
}
