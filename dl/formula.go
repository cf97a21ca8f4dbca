package dl

// A formulaRecord is the record of an operation whose gradients are a formula of
// other operations, which are recorded when they are to be differentiated again.
type formulaRecord struct {
	node
	xs      []*Tensor
	formula func(dy *Tensor) []*Tensor
}

var formulaKind = newKind[formulaRecord]()

// derive records how out was computed from xs: formula returns the gradients of
// xs for that of out, nil for those that it does not have. It returns out.
func derive(op string, out *Tensor, xs []*Tensor, formula func(dy *Tensor) []*Tensor) *Tensor {
	if recording(xs...) {
		r := formulaKind.new()
		r.xs, r.formula = xs, formula
		attach(out, op, r)
		r.keep(xs[:min(len(xs), len(r.kept))]...)
	}
	return out
}

func (r *formulaRecord) operands(list []*Tensor) []*Tensor { return append(list, r.xs...) }

func (r *formulaRecord) backward(b *sweep, dy *Tensor) {
	var grads []*Tensor
	NoGrad(func() { grads = r.formula(dy) })
	for i, g := range grads {
		if g != nil {
			b.addAs(r.xs[i], g.packed())
		}
	}
}

func (r *formulaRecord) gradients(dy *Tensor) []*Tensor { return r.formula(dy) }
