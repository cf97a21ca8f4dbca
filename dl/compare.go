package dl

// An ordering is a comparison of two elements.
type ordering uint8

const (
	equal ordering = iota
	unequal
	greater
	greaterEqual
	less
	lessEqual
)

// compare returns a bool tensor. The operands, broadcast, are compared in the
// type that they promote to, so that integers keep all of their bits.
func compare(op string, t, u *Tensor, o ordering) *Tensor {
	t.check()
	u.check()
	d := dtypes[Promote(t.dtype, u.dtype)].compute
	t, u = t.To(d), u.To(d)
	out := result(Bool, broadcast(op, t, u))
	if out.size == 0 {
		return out
	}
	device.compare(o, t, u, out)
	return out
}

// Eq returns t == u as Bool.
func (t *Tensor) Eq(u *Tensor) *Tensor { return compare("Eq", t, u, equal) }

// Ne returns t != u as Bool.
func (t *Tensor) Ne(u *Tensor) *Tensor { return compare("Ne", t, u, unequal) }

// Gt returns t > u as Bool.
func (t *Tensor) Gt(u *Tensor) *Tensor { return compare("Gt", t, u, greater) }

// Ge returns t >= u as Bool.
func (t *Tensor) Ge(u *Tensor) *Tensor { return compare("Ge", t, u, greaterEqual) }

// Lt returns t < u as Bool.
func (t *Tensor) Lt(u *Tensor) *Tensor { return compare("Lt", t, u, less) }

// Le returns t <= u as Bool.
func (t *Tensor) Le(u *Tensor) *Tensor { return compare("Le", t, u, lessEqual) }
