package dl

// Dropout sets each element to 0 with probability rate and multiplies the
// others by 1/(1-rate), so that the mean stays (Srivastava et al., 2014). Which
// ones depends on the next number of r and on the elements' places alone, not
// on the number of threads or the machine.
func Dropout(x *Tensor, rate float64, r *Rand) *Tensor {
	x = x.Contiguous()
	x.float("Dropout")
	if !(rate >= 0 && rate < 1) {
		shapePanic("Dropout", "the rate must be in [0, 1)", x)
	}
	if rate == 0 {
		return x
	}
	return dropped(x, rate, r.Uint64())
}

// dropped is Dropout with the given random number.
func dropped(x *Tensor, rate float64, key uint64) *Tensor {
	out := result(x.dtype, x.shape)
	device.dropout(x, out, rate, key)
	if recording(x) {
		r := dropoutKind.new()
		r.x, r.rate, r.key = x, rate, key
		attach(out, "Dropout", r)
	}
	return out
}

// dropoutRecord is the record of Dropout. It draws the same numbers again: a
// mask need not be kept.
type dropoutRecord struct {
	node
	x    *Tensor
	rate float64
	key  uint64
}

var dropoutKind = newKind[dropoutRecord]()

func (r *dropoutRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *dropoutRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.dropout(dy, g, r.rate, r.key)
	b.add(r.x, g)
}

func (r *dropoutRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dropped(dy.Contiguous(), r.rate, r.key)}
}
