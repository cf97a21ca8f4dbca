package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// shapes are the operators that move elements and compute with shapes.
func shapes() map[string]signature {
	return map[string]signature{
		"Constant": {run: func(c *call) []*dl.Tensor { return []*dl.Tensor{constantOf(c.nodeProto)} }, check: func(n *nodeProto) error {
			if a := n.attr("value"); a != nil && a.t != nil {
				_, err := a.t.tensor()
				return err
			}
			if constantOf(n) == nil {
				return fmt.Errorf("a constant of a kind that is not supported")
			}
			return nil
		}},
		"ConstantOfShape": {run: func(c *call) []*dl.Tensor {
			value := dl.Scalar(0)
			if a := c.attr("value"); a != nil && a.t != nil {
				t, err := a.t.tensor()
				if err != nil || t.Size() != 1 {
					c.fail("the value is not one number: %v", err)
				}
				value = t.Reshape()
			}
			return []*dl.Tensor{value.Expand(c.size(c.integers(0))...)}
		}, least: 1, most: 1},
		"Shape": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			start, end := c.int("start", 0), c.int("end", x.Rank())
			clip := func(i int) int {
				if i < 0 {
					i += x.Rank()
				}
				return max(0, min(i, x.Rank()))
			}
			var sizes []int64
			for i := clip(start); i < clip(end); i++ {
				sizes = append(sizes, int64(x.Dim(i)))
			}
			return ofInt64(sizes)
		}),
		"Size":    with(func(_ *call, x *dl.Tensor) *dl.Tensor { return dl.Of([]int64{int64(x.Size())}).Reshape() }),
		"Reshape": {run: reshape, least: 2, most: 2},
		"Flatten": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			axis, rows := c.int("axis", 1), 1
			if axis < 0 {
				axis += x.Rank()
			}
			if axis < 0 || axis > x.Rank() {
				c.fail("the axis %d is not one of %d", axis, x.Rank())
			}
			for _, d := range x.Shape()[:axis] {
				rows *= d
			}
			if x.Size() == 0 {
				columns := 1
				for _, d := range x.Shape()[axis:] {
					columns *= d
				}
				return x.Reshape(rows, columns)
			}
			return x.Reshape(rows, -1)
		}),
		"Squeeze": {run: func(c *call) []*dl.Tensor {
			x, axes := c.in[0], c.integers(1)
			var named []int
			for _, a := range axes {
				if a = c.axis(a, x.Rank()); x.Dim(a) != 1 {
					c.fail("axis %d of %v is not of size 1", a, x.Shape())
				}
				named = append(named, a)
			}
			var shape = []int{}
			for i, d := range x.Shape() {
				if named == nil && d == 1 || contains(named, i) {
					continue
				}
				shape = append(shape, d)
			}
			return []*dl.Tensor{x.Reshape(shape...)}
		}, least: 1, most: 2},
		"Unsqueeze": {run: func(c *call) []*dl.Tensor {
			x, axes := c.in[0], c.integers(1)
			rank := x.Rank() + len(axes)
			if rank > maxRank {
				c.fail("%d axes are too many", rank)
			}
			shape := make([]int, rank)
			for _, a := range axes {
				if a = c.axis(a, rank); shape[a] != 0 {
					c.fail("the axes %v name one twice", axes)
				}
				shape[a] = -1
			}
			k := 0
			for i := range shape {
				if shape[i] == -1 {
					shape[i] = 1
				} else {
					shape[i] = x.Dim(k)
					k++
				}
			}
			return []*dl.Tensor{x.Reshape(shape...)}
		}, least: 2, most: 2},
		"Transpose": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			perm := c.ints("perm")
			if perm == nil {
				for i := range x.Rank() {
					perm = append(perm, x.Rank()-1-i)
				}
			}
			return x.Permute(perm...)
		}),
		"Concat": {run: func(c *call) []*dl.Tensor {
			for _, x := range c.in {
				if x == nil || x.Rank() == 0 {
					c.fail("an input is left out, or has no axes")
				}
			}
			return []*dl.Tensor{dl.Concat(c.axis(c.int("axis", 0), c.in[0].Rank()), c.in...)}
		}, least: 1, most: variadic},
		"Split":           {run: split, least: 1, most: 2},
		"Slice":           {run: slice, least: 3, most: 5},
		"Gather":          {run: gather, least: 2, most: 2},
		"ScatterElements": {run: scatterElements, least: 3, most: 3},
		"GatherElements": {run: func(c *call) []*dl.Tensor {
			axis := c.axis(c.int("axis", 0), c.in[0].Rank())
			return []*dl.Tensor{c.in[0].Gather(axis, c.fromEnd(c.in[1], c.in[0].Dim(axis)))}
		}, least: 2, most: 2},
		"Expand": {run: func(c *call) []*dl.Tensor {
			x, shape := c.in[0], c.integers(1)
			if c.size(shape); len(shape) < x.Rank() {
				shape = append(ones(x.Rank()-len(shape)), shape...)
			}
			for i := range x.Rank() { // a 1 in the shape leaves the size as it is
				if k := i + len(shape) - x.Rank(); shape[k] == 1 {
					shape[k] = x.Dim(i)
				}
			}
			return []*dl.Tensor{x.Expand(c.size(shape)...)}
		}, least: 2, most: 2},
		"Tile": {run: func(c *call) []*dl.Tensor {
			times := c.integers(1)
			if len(times) != c.in[0].Rank() {
				c.fail("%v is repeated %v times", c.in[0].Shape(), times)
			}
			var shape []int
			for i, n := range times {
				if n < 1 {
					c.fail("%v is repeated %v times", c.in[0].Shape(), times)
				}
				c.size([]int{c.in[0].Dim(i), n})
				shape = append(shape, c.in[0].Dim(i)*n)
			}
			c.size(shape)
			if len(times) == 0 {
				return c.in[:1]
			}
			return []*dl.Tensor{c.in[0].Tile(times...)}
		}, least: 2, most: 2},
		"Range": {run: func(c *call) []*dl.Tensor {
			lo, hi, step := c.scalar(0), c.scalar(1), c.scalar(2)
			if n := math.Ceil((hi - lo) / step); !(n < limit) || step == 0 {
				c.fail("from %v to %v by %v are too many", lo, hi, step)
			} else if n <= 0 {
				return []*dl.Tensor{dl.New(c.in[0].DType(), 0)}
			}
			return []*dl.Tensor{dl.Range(lo, hi, step).To(c.in[0].DType())}
		}, least: 3, most: 3},
		"Trilu": {run: func(c *call) []*dl.Tensor {
			k := 0
			if c.in[1] != nil {
				k = int(max(-limit, min(limit, c.scalar(1))))
			}
			if c.in[0].Rank() < 2 {
				c.fail("%v is no matrix", c.in[0].Shape())
			}
			if c.int("upper", 1) != 0 {
				return []*dl.Tensor{c.in[0].Triu(k)}
			}
			return []*dl.Tensor{c.in[0].Tril(k)}
		}, least: 1, most: 2},
		"Pad": {run: pad, least: 2, most: 4},
	}
}

func contains(list []int, v int) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func ones(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = 1
	}
	return all
}

func ofInt64(values []int64) *dl.Tensor {
	if len(values) == 0 {
		return dl.New(dl.Int64, 0)
	}
	return dl.Of(values)
}

// constantOf is the value of a Constant, nil where it is of no known kind.
func constantOf(n *nodeProto) *dl.Tensor {
	for i := range n.attrs {
		switch a := &n.attrs[i]; a.name {
		case "value":
			if a.t == nil {
				return nil
			}
			t, err := a.t.tensor()
			if err != nil {
				return nil
			}
			return t
		case "value_float":
			return dl.Scalar(float64(a.f))
		case "value_int":
			return dl.Of([]int64{a.i}).Reshape()
		case "value_ints":
			return ofInt64(a.ints)
		case "value_floats":
			if len(a.floats) == 0 {
				return dl.New(dl.Float32, 0)
			}
			return dl.Of(a.floats)
		}
	}
	return nil
}

func reshape(c *call) []*dl.Tensor {
	x, shape := c.in[0], c.integers(1)
	free, n := -1, 1
	for i, d := range shape {
		switch {
		case d == 0 && c.int("allowzero", 0) == 0:
			if i >= x.Rank() {
				c.fail("%v has no axis %d whose size could be kept", x.Shape(), i)
			}
			shape[i] = x.Dim(i)
		case d == -1 && free < 0:
			free = i
			continue
		case d < 0:
			c.fail("the shape %v is impossible", shape)
		}
		n *= max(shape[i], 1)
		if n > limit {
			c.fail("the shape %v is impossible", shape)
		}
	}
	if free >= 0 {
		if x.Size()%n != 0 {
			c.fail("%v does not become %v", x.Shape(), shape)
		}
		shape[free] = x.Size() / n
	}
	if len(shape) == 0 {
		shape = []int{}
	}
	return []*dl.Tensor{x.Reshape(c.size(shape)...)}
}

func split(c *call) []*dl.Tensor {
	x := c.in[0]
	axis := c.axis(c.int("axis", 0), x.Rank())
	sizes := c.integers(1)
	if sizes == nil {
		n := len(c.out)
		each := (x.Dim(axis) + n - 1) / n
		for i := range n {
			sizes = append(sizes, max(0, min(each, x.Dim(axis)-i*each)))
		}
	}
	var parts []*dl.Tensor
	at := 0
	for _, n := range sizes {
		if n < 0 || at+n > x.Dim(axis) {
			c.fail("axis %d of %v is not of the sizes %v", axis, x.Shape(), sizes)
		}
		parts = append(parts, x.Slice(axis, at, at+n))
		at += n
	}
	if at != x.Dim(axis) {
		c.fail("axis %d of %v is not of the sizes %v", axis, x.Shape(), sizes)
	}
	return parts
}

func slice(c *call) []*dl.Tensor {
	x, starts, ends, axes, steps := c.in[0], c.integers(1), c.integers(2), c.integers(3), c.integers(4)
	for i := range starts {
		axis, step := i, 1
		if len(ends) != len(starts) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
			c.fail("there are %d starts, %d ends, %d axes and %d steps", len(starts), len(ends), len(axes), len(steps))
		}
		if axes != nil {
			axis = axes[i]
		}
		if steps != nil {
			step = steps[i]
		}
		axis = c.axis(axis, x.Rank())
		n := x.Dim(axis)
		lo, hi := starts[i], ends[i]
		if lo < 0 {
			lo += n
		}
		if hi < 0 {
			hi += n
		}
		switch {
		case step == 0:
			c.fail("a step of 0")
		case step > 0:
			lo, hi = max(0, min(lo, n)), max(0, min(hi, n))
		default:
			lo, hi = max(-1, min(lo, n-1)), max(-1, min(hi, n-1))
		}
		if step == 1 {
			x = x.Slice(axis, lo, max(lo, hi))
			continue
		}
		var at []int
		for k := lo; step > 0 && k < hi || step < 0 && k > hi; k += step {
			at = append(at, k)
		}
		if at == nil {
			x = x.Slice(axis, 0, 0)
			continue
		}
		x = x.IndexSelect(axis, at)
	}
	return []*dl.Tensor{x}
}

// fromEnd counts indices from the end if they are negative.
func (c *call) fromEnd(index *dl.Tensor, n int) *dl.Tensor {
	if index.DType().IsFloat() {
		c.fail("indices are of %v", index.DType())
	}
	negative := false
	for _, v := range dl.Values[int64](index) {
		if v < int64(-n) || v >= int64(n) {
			c.fail("the index %d is not one of %d", v, n)
		}
		negative = negative || v < 0
	}
	if negative {
		return index.To(dl.Int64).Remainder(dl.Of([]int64{int64(n)}).Reshape())
	}
	return index
}

// scatterElements puts elements in the place of others, or reduces them with these.
func scatterElements(c *call) []*dl.Tensor {
	x, src := c.in[0], c.in[2]
	axis := c.axis(c.int("axis", 0), x.Rank())
	index := c.fromEnd(c.in[1], x.Dim(axis))
	reductions := map[string]dl.ScatterReduction{"add": dl.ScatterSum, "mul": dl.ScatterProd, "max": dl.ScatterMax, "min": dl.ScatterMin}
	how := c.text("reduction", "none")
	reduce, ok := reductions[how]
	switch {
	case ok:
		return []*dl.Tensor{x.ScatterReduce(axis, index, src, dl.ScatterOptions{Reduce: reduce})}
	case how != "none":
		c.fail("the reduction %.40q is not supported", how)
	}
	return []*dl.Tensor{x.Scatter(axis, index, src)}
}

func gather(c *call) []*dl.Tensor {
	x := c.in[0]
	axis := c.axis(c.int("axis", 0), x.Rank())
	index := c.fromEnd(c.in[1], x.Dim(axis))
	c.size([]int{index.Size(), x.Size() / max(1, x.Dim(axis))})
	if axis == 0 && x.Rank() == 2 && x.DType() == dl.Float32 && index.Rank() > 0 {
		return []*dl.Tensor{dl.Embedding(x, index)}
	}
	at := make([]int, index.Size())
	for i, v := range dl.Values[int64](index) {
		at[i] = int(v)
	}
	shape := append(append(x.Shape()[:axis:axis], index.Shape()...), x.Shape()[axis+1:]...)
	if len(at) == 0 {
		return []*dl.Tensor{dl.New(x.DType(), shape...)}
	}
	return []*dl.Tensor{x.IndexSelect(axis, at).Reshape(shape...)}
}

func pad(c *call) []*dl.Tensor {
	x, sizes := c.in[0], c.integers(1)
	axes := c.integers(3)
	if axes == nil {
		for i := range x.Rank() {
			axes = append(axes, i)
		}
	}
	if len(sizes) != 2*len(axes) {
		c.fail("%v is padded by %v on %d axes", x.Shape(), sizes, len(axes))
	}
	before, after, shape := make([]int, x.Rank()), make([]int, x.Rank()), x.Shape().Clone()
	for i, a := range axes {
		a = c.axis(a, x.Rank())
		before[a], after[a] = sizes[i], sizes[len(axes)+i]
		if before[a] < 0 || after[a] < 0 {
			c.fail("a padding of %v is not supported", sizes)
		}
		shape[a] += before[a] + after[a]
	}
	c.size(shape)
	switch mode := c.text("mode", "constant"); mode {
	case "constant":
		v := 0.0
		if c.in[2] != nil {
			v = c.scalar(2)
		}
		return []*dl.Tensor{x.PadConstant(before, after, v)}
	case "reflect":
		return []*dl.Tensor{x.PadReflect(before, after)}
	case "edge":
		return []*dl.Tensor{x.PadReplicate(before, after)}
	default:
		c.fail("the mode %q is not supported", mode)
		return nil
	}
}
