package dl

import "fmt"

// Roll moves elements along an axis by a number of places; those that leave it
// at the end come back at the beginning. A negative number moves the other way.
func (t *Tensor) Roll(shift, axis int) *Tensor {
	axis = t.axis("Roll", axis)
	n := t.shape[axis]
	if n == 0 {
		return t
	}
	at := (n - shift%n) % n
	return Concat(axis, t.Slice(axis, at, n), t.Slice(axis, 0, at))
}

// Flip turns the order of elements around along axes, or along all when none is
// given.
func (t *Tensor) Flip(axes ...int) *Tensor {
	if len(axes) == 0 {
		for axis := range t.Rank() {
			axes = append(axes, axis)
		}
	}
	t.reduced("Flip", axes) // checks them
	for _, axis := range axes {
		axis = t.axis("Flip", axis)
		at := ints(t.shape[axis])
		for i := range at {
			at[i] = len(at) - 1 - i
		}
		t = t.along("Flip", axis, at)
	}
	return t
}

// Tile returns t several times beside itself, a number for each axis. More
// numbers than axes make new ones in front, as in NumPy.
func (t *Tensor) Tile(times ...int) *Tensor {
	for t.Rank() < len(times) {
		t = t.Unsqueeze(0)
	}
	skip := t.Rank() - len(times)
	for i, k := range times {
		if k < 0 {
			shapePanic("Tile", fmt.Sprintf("%d times are impossible", k), t)
		}
		if k == 1 {
			continue
		}
		at := ints(t.grown("Tile", skip+i, k) * t.shape[skip+i])
		for j := range at {
			at[j] = j % t.shape[skip+i]
		}
		t = t.along("Tile", skip+i, at)
	}
	return t
}

// grown returns n if there is memory for n times the positions of an axis.
func (t *Tensor) grown(op string, axis, n int) int {
	shape := append(newShape(len(t.shape) + 1)[:0], n)
	for i, size := range t.shape {
		if size > 0 || i == axis { // places are counted, also where there are no elements
			shape = append(shape, max(1, size))
		}
	}
	shape.fits(op, t.dtype)
	shapeOf(n, t.shape[axis]).fits(op, Int64)
	return n
}

// Repeat returns each position of an axis n times in a row, as numpy.repeat and
// torch.repeat_interleave do; for torch's Tensor.repeat see [Tensor.Tile].
func (t *Tensor) Repeat(n, axis int) *Tensor {
	axis = t.axis("Repeat", axis)
	if n < 0 {
		shapePanic("Repeat", fmt.Sprintf("%d times are impossible", n), t)
	}
	at := ints(t.grown("Repeat", axis, n) * t.shape[axis])
	for i := range at {
		at[i] = i / n
	}
	return t.along("Repeat", axis, at)
}

// PadConstant surrounds t with a value: before and after hold a number for each
// axis.
func (t *Tensor) PadConstant(before, after []int, v float64) *Tensor {
	out := t.Pad(before, after)
	if v == 0 {
		return out
	}
	outside := New(Bool, out.shape...)
	outside.fill(1)
	inside := viewOf(outside, outside.inside(before, t.shape))
	inside.fill(0)
	return out.MaskedFill(outside, v)
}

// PadReflect surrounds t with its elements mirrored at the edges, which are not
// repeated: before and after hold a number for each axis, smaller than its size.
func (t *Tensor) PadReflect(before, after []int) *Tensor {
	return t.padded("PadReflect", before, after, 1, func(i, n int) int {
		if i < 0 {
			return -i
		}
		return min(i, 2*(n-1)-i)
	})
}

// PadReplicate surrounds t with copies of its edges: before and after hold a
// number for each axis.
func (t *Tensor) PadReplicate(before, after []int) *Tensor {
	return t.padded("PadReplicate", before, after, -1, func(i, n int) int { return max(0, min(i, n-1)) })
}

// PadCircular surrounds t with its elements from the other side: before and
// after hold a number for each axis, at most its size.
func (t *Tensor) PadCircular(before, after []int) *Tensor {
	return t.padded("PadCircular", before, after, 0, func(i, n int) int { return (i + n) % n })
}

// padded pads each axis with elements of t. The numbers must be at most the size
// less the given one, unless that is negative.
func (t *Tensor) padded(op string, before, after []int, less int, place func(i, n int) int) *Tensor {
	if len(before) != t.Rank() || len(after) != t.Rank() {
		shapePanic(op, "a number before and after is needed for each axis", t)
	}
	for axis, n := range t.shape {
		b, a := before[axis], after[axis]
		if b < 0 || a < 0 {
			shapePanic(op, "numbers must not be negative", t)
		}
		if most := n - less; less >= 0 && max(a, b) > max(most, 0) {
			shapePanic(op, fmt.Sprintf("along axis %d at most %d can be added on a side, not %d", axis, max(most, 0), max(a, b)), t)
		}
		if a+b == 0 {
			continue
		}
		if n == 0 {
			shapePanic(op, fmt.Sprintf("axis %d has no elements to be repeated", axis), t)
		}
		t.grown(op, axis, max(a, b))
		at := ints(b + n + a)
		for i := range at {
			at[i] = place(i-b, n)
		}
		t = t.along(op, axis, at)
	}
	return t
}

// SwapAxes returns a view with two axes exchanged.
func (t *Tensor) SwapAxes(a, b int) *Tensor {
	a, b = t.axis("SwapAxes", a), t.axis("SwapAxes", b)
	order := newShape(len(t.shape))
	for i := range order {
		order[i] = i
	}
	order[a], order[b] = b, a
	return t.permute("SwapAxes", order)
}

// MoveAxis returns a view with an axis at another place; the others keep their
// order.
func (t *Tensor) MoveAxis(from, to int) *Tensor {
	from, to = t.axis("MoveAxis", from), t.axis("MoveAxis", to)
	order := newShape(len(t.shape))
	for i, axis := 0, 0; i < len(order); i++ {
		if i == to {
			order[i] = from
			continue
		}
		if axis == from {
			axis++
		}
		order[i] = axis
		axis++
	}
	return t.permute("MoveAxis", order)
}

// Tril returns the lower triangles of the last two axes, with zeros above the
// k-th diagonal: 0 is the main one, 1 that above it.
func (t *Tensor) Tril(k int) *Tensor { return t.triangle("Tril", k, true) }

// Triu returns the upper triangles of the last two axes, with zeros below the
// k-th diagonal.
func (t *Tensor) Triu(k int) *Tensor { return t.triangle("Triu", k, false) }

func (t *Tensor) triangle(op string, k int, lower bool) *Tensor {
	n := t.Rank()
	if n < 2 {
		shapePanic(op, "at least two axes are needed", t)
	}
	keep := tri(Bool, t.shape[n-2], t.shape[n-1], k)
	if !lower {
		keep = tri(Bool, t.shape[n-2], t.shape[n-1], k-1).Not()
	}
	return Where(keep, t, constant(t.dtype, 0))
}

// Tri returns a float32 matrix of ones on and below the k-th diagonal, and zeros
// above it.
func Tri(rows, columns, k int) *Tensor { return tri(Float32, rows, columns, k) }

func tri(d DType, rows, columns, k int) *Tensor {
	t := New(d, rows, columns)
	for i := range rows {
		if n := max(0, min(columns, i+k+1)); n > 0 {
			row := viewOf(t, layout{Shape{n}, Shape{1}, i * columns})
			row.fill(1)
		}
	}
	return t
}

// DiagEmbed returns matrices with the last axis of t on the k-th diagonal of two
// new ones, and zeros elsewhere; [Tensor.Diagonal] goes back.
func (t *Tensor) DiagEmbed(k int) *Tensor {
	if t.Rank() < 1 {
		shapePanic("DiagEmbed", "at least one axis is needed", t)
	}
	m := t.shape[len(t.shape)-1]
	n := m + max(k, -k)
	outer := t.size / max(1, m)
	index := make([]int, 0, t.size)
	for o := range outer {
		for i := range m {
			index = append(index, o*n*n+(i+max(-k, 0))*n+i+max(k, 0))
		}
	}
	shape := append(shapeOf(t.shape[:len(t.shape)-1]...), n, n)
	if !t.dtype.IsFloat() || t.dtype.isHalf() {
		return t.To(Float64).scattered(shape, index, 1).To(t.dtype)
	}
	return t.scattered(shape, index, 1)
}

// Outer returns the products of all elements of two vectors: a matrix.
func (t *Tensor) Outer(u *Tensor) *Tensor {
	if t.Rank() != 1 || u.Rank() != 1 {
		shapePanic("Outer", "the operands are vectors", t, u)
	}
	return t.Unsqueeze(1).Mul(u)
}

// Kron returns the Kronecker product: every element of t times the whole of u.
// The one of fewer axes gets axes of size 1 at the front.
func (t *Tensor) Kron(u *Tensor) *Tensor {
	t.check()
	u.check()
	n := max(t.Rank(), u.Rank())
	left, right, shape := make([]int, 0, 2*n), make([]int, 0, 2*n), make([]int, n)
	for i := range n {
		a, b := 1, 1
		if k := i - n + t.Rank(); k >= 0 {
			a = t.shape[k]
		}
		if k := i - n + u.Rank(); k >= 0 {
			b = u.shape[k]
		}
		left, right, shape[i] = append(left, a, 1), append(right, 1, b), a*b
	}
	return t.Reshape(left...).Mul(u.Reshape(right...)).Reshape(shape...)
}

// Cross returns the cross products of the vectors of 3 along an axis.
func (t *Tensor) Cross(u *Tensor, axis int) *Tensor {
	i, j := t.axis("Cross", axis), u.axis("Cross", axis)
	if t.Rank() != u.Rank() || t.shape[i] != 3 || u.shape[j] != 3 {
		shapePanic("Cross", fmt.Sprintf("the operands have as many axes, and 3 elements along axis %d", axis), t, u)
	}
	return t.Roll(-1, i).Mul(u.Roll(-2, j)).Sub(t.Roll(-2, i).Mul(u.Roll(-1, j)))
}

// Diff returns the differences of neighbours along an axis, which is one shorter.
func (t *Tensor) Diff(axis int) *Tensor {
	axis = t.axis("Diff", axis)
	n := t.shape[axis]
	if n == 0 {
		return t
	}
	return t.Slice(axis, 1, n).Sub(t.Slice(axis, 0, n-1))
}
