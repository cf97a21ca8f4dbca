package dl

import "modelbook/dl/internal/persample"

func init() {
	persample.Known = func(op string, x, values, grad any) any {
		return known(op, x.(*Tensor), values.(*Tensor), grad.(*Tensor))
	}
	persample.BinaryCrossEntropy = func(p, target any) any {
		return p.(*Tensor).binary(&bceRule, target.(*Tensor).Detach())
	}
}

// known records values, one for each sample of x, whose gradients by the elements of x are computed with them.
func known(op string, x, values, grad *Tensor) *Tensor {
	if recording(x) {
		r := knownKind.new()
		r.x, r.grad = x, grad
		attach(values, op, r)
	}
	return values
}

// knownRecord is the record of what known returns.
type knownRecord struct {
	node
	x, grad *Tensor
}

var knownKind = newKind[knownRecord]()

func (r *knownRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*knownRecord) reads() {}

func (r *knownRecord) backward(b *sweep, dy *Tensor) { b.hand(r.x, r.shared(dy)) }

func (r *knownRecord) gradients(dy *Tensor) []*Tensor { return []*Tensor{r.shared(dy)} }

// shared gives each sample its share of dy.
func (r *knownRecord) shared(dy *Tensor) *Tensor {
	for len(dy.shape) < len(r.grad.shape) {
		dy = dy.Unsqueeze(-1)
	}
	return r.grad.Mul(dy)
}
