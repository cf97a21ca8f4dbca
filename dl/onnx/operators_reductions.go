package onnx

import "modelbook/dl"

// reductions are the operators that leave out axes.
func reductions() map[string]signature {
	return map[string]signature{
		"ReduceSum":  reduction((*dl.Tensor).Sum),
		"ReduceMean": reduction((*dl.Tensor).Mean),
		"ReduceMax":  reduction((*dl.Tensor).Max),
		"ReduceMin":  reduction((*dl.Tensor).Min),
		"ReduceProd": reduction((*dl.Tensor).Prod),
		"ReduceL2": reduction(func(x *dl.Tensor, axes ...int) *dl.Tensor {
			return x.Square().Sum(axes...).Sqrt()
		}),
		"ReduceLogSumExp": reduction((*dl.Tensor).LogSumExp),
		"ReduceSumSquare": reduction(func(x *dl.Tensor, axes ...int) *dl.Tensor { return x.Square().Sum(axes...) }),
		"ArgMax":          extreme((*dl.Tensor).ArgMax),
		"ArgMin":          extreme((*dl.Tensor).ArgMin),
		"CumSum": {run: func(c *call) []*dl.Tensor {
			if c.int("exclusive", 0) != 0 || c.int("reverse", 0) != 0 {
				c.fail("exclusive and reverse are not supported")
			}
			return []*dl.Tensor{c.in[0].CumSum(c.axis(int(c.scalar(1)), c.in[0].Rank()))}
		}, least: 2, most: 2},
	}
}

// reduction takes its axes as an input, since version 13 or 18, or as an attribute.
func reduction(f func(x *dl.Tensor, axes ...int) *dl.Tensor) signature {
	return signature{run: func(c *call) []*dl.Tensor {
		x := c.in[0]
		axes := c.ints("axes")
		if c.in[1] != nil {
			axes = c.integers(1)
		}
		if len(axes) == 0 && c.int("noop_with_empty_axes", 0) != 0 {
			return []*dl.Tensor{x}
		}
		left := map[int]bool{}
		for _, a := range axes {
			if a = c.axis(a, x.Rank()); left[a] {
				c.fail("the axes %v name one twice", axes)
			}
			left[a] = true
		}
		var all, shape []int
		for i, d := range x.Shape() {
			if len(axes) == 0 || left[i] {
				all, d = append(all, i), 1
			}
			shape = append(shape, d)
		}
		if len(all) == 0 {
			return []*dl.Tensor{x}
		}
		y := f(x, all...)
		if c.int("keepdims", 1) != 0 {
			y = y.Reshape(append([]int{}, shape...)...)
		}
		return []*dl.Tensor{y}
	}, least: 1, most: 2}
}

func extreme(f func(x *dl.Tensor, axis int) *dl.Tensor) signature {
	return with(func(c *call, x *dl.Tensor) *dl.Tensor {
		axis := c.axis(c.int("axis", 0), x.Rank())
		y := f(x, axis).To(dl.Int64)
		if c.int("select_last_index", 0) != 0 {
			c.fail("select_last_index is not supported")
		}
		if c.int("keepdims", 1) != 0 {
			y = y.Unsqueeze(axis)
		}
		return y
	})
}
