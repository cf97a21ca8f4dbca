package onnx

import (
	"modelbook/dl"
)

// products are the operators that multiply matrices or normalise rows.
func products() map[string]signature {
	return map[string]signature{
		"MatMul": {run: func(c *call) []*dl.Tensor { return []*dl.Tensor{c.matMul(c.in[0], c.in[1])} }, least: 2, most: 2},
		"Gemm":   {run: gemm, least: 2, most: 3},
		"Softmax": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return x.Softmax(c.axis(c.int("axis", -1), x.Rank()))
		}),
		"LogSoftmax": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return x.LogSoftmax(c.axis(c.int("axis", -1), x.Rank()))
		}),
		"LayerNormalization":    {run: layerNorm, least: 2, most: 3},
		"BatchNormalization":    {run: batchNorm, least: 5, most: 5},
		"InstanceNormalization": {run: instanceNorm, least: 3, most: 3},
		"GroupNormalization":    {run: groupNorm, least: 3, most: 3},
		"LRN":                   with(localResponse),
		"Einsum":                {run: einsum, least: 1, most: 2},
	}
}

// matMul is NumPy's: vectors are rows on the left and columns on the right.
func (c *call) matMul(x, y *dl.Tensor) *dl.Tensor {
	if x.Rank() == 0 || y.Rank() == 0 {
		c.fail("a number is no matrix")
	}
	left, right := x.Rank() == 1, y.Rank() == 1
	if left {
		x = x.Unsqueeze(0)
	}
	if right {
		y = y.Unsqueeze(1)
	}
	n := 1
	for _, t := range []*dl.Tensor{x, y} {
		for _, d := range t.Shape()[:t.Rank()-1] {
			n = min(limit, n*max(d, 1))
		}
	}
	c.size([]int{min(n, limit), y.Dim(-1)})
	var z *dl.Tensor
	if y.Rank() == 2 && x.Rank() > 2 && x.Dim(-1) == y.Dim(0) { // one matrix for all rows
		shape := append(x.Shape()[:x.Rank()-1:x.Rank()-1], y.Dim(1))
		z = x.Reshape(-1, y.Dim(0)).MatMul(y).Reshape(shape...)
	} else {
		z = x.MatMul(y)
	}
	if left {
		z = z.Squeeze(-2)
	}
	if right {
		z = z.Squeeze(-1)
	}
	return z
}

func gemm(c *call) []*dl.Tensor {
	x, y := c.in[0], c.in[1]
	if x.Rank() != 2 || y.Rank() != 2 {
		c.fail("%v and %v are not matrices", x.Shape(), y.Shape())
	}
	if c.int("transA", 0) != 0 {
		x = x.T()
	}
	if c.int("transB", 0) != 0 && !c.turned {
		y = y.T()
	}
	alpha, beta := c.float("alpha", 1), c.float("beta", 1)
	b := c.in[2]
	c.size([]int{x.Dim(0), y.Dim(1)})
	if alpha == 1 && beta == 1 && b != nil && b.Rank() == 1 && b.Dim(0) == y.Dim(1) {
		return []*dl.Tensor{dl.Affine(x, y, b, dl.NoFusion)}
	}
	z := x.MatMul(y)
	if alpha != 1 {
		z = z.MulScalar(alpha)
	}
	if b != nil {
		if beta != 1 {
			b = b.MulScalar(beta)
		}
		z = c.binary(z, b, (*dl.Tensor).Add)
	}
	return []*dl.Tensor{z}
}

func layerNorm(c *call) []*dl.Tensor {
	x, gamma, beta := c.in[0], c.in[1], c.in[2]
	axis := c.axis(c.int("axis", -1), x.Rank())
	n := 1
	for _, d := range x.Shape()[axis:] {
		n *= d
	}
	if beta == nil {
		beta = dl.ZerosLike(gamma)
	}
	if gamma.Size() != n || beta.Size() != n || n == 0 {
		c.fail("%v cannot be scaled by %v and shifted by %v", x.Shape(), gamma.Shape(), beta.Shape())
	}
	shape := x.Shape().Clone()
	y := dl.LayerNorm(x.Reshape(append(shape[:axis:axis], n)...), gamma.Reshape(n), beta.Reshape(n), c.float("epsilon", 1e-5))
	return []*dl.Tensor{y.Reshape(shape...)}
}

func batchNorm(c *call) []*dl.Tensor {
	x := c.in[0]
	if x.Rank() < 2 {
		c.fail("%v has no channels", x.Shape())
	}
	for i := 1; i < 5; i++ {
		if c.in[i].Rank() != 1 || c.in[i].Dim(0) != x.Dim(1) {
			c.fail("input %d is %v; a value for each channel of %v is needed", i+1, c.in[i].Shape(), x.Shape())
		}
	}
	if c.int("training_mode", 0) != 0 {
		c.fail("the training mode is not supported")
	}
	y := dl.BatchNorm(x.MoveAxis(1, -1), c.in[1], c.in[2], c.in[3].Detach(), c.in[4].Detach(), dl.BatchNormOptions{Epsilon: c.float("epsilon", 1e-5)})
	return []*dl.Tensor{y.MoveAxis(-1, 1)}
}

func instanceNorm(c *call) []*dl.Tensor {
	x, gamma, beta := c.in[0], c.in[1], c.in[2]
	if x.Rank() < 3 || gamma.Rank() != 1 || beta.Rank() != 1 || gamma.Dim(0) != x.Dim(1) || beta.Dim(0) != x.Dim(1) {
		c.fail("%v cannot be scaled by %v and shifted by %v", x.Shape(), gamma.Shape(), beta.Shape())
	}
	var axes, ones []int
	for i := 2; i < x.Rank(); i++ {
		axes, ones = append(axes, i), append(ones, 1)
	}
	d := x.Sub(dl.KeepDim(x.Mean, axes...))
	d = d.Mul(dl.KeepDim(d.Square().Mean, axes...).AddScalar(c.float("epsilon", 1e-5)).Rsqrt())
	channel := append([]int{x.Dim(1)}, ones...)
	return []*dl.Tensor{d.Mul(gamma.Reshape(channel...)).Add(beta.Reshape(channel...))}
}

// groupNorm takes a scale and a shift for each channel, as opset 21 has them, or for each group, as 18.
func groupNorm(c *call) []*dl.Tensor {
	x, gamma, beta, groups := c.in[0], c.in[1], c.in[2], c.int("num_groups", 0)
	if x.Rank() < 2 || groups < 1 || x.Dim(1)%groups != 0 || !gamma.Shape().Equal(beta.Shape()) || gamma.Rank() != 1 {
		c.fail("%v in %d groups cannot be scaled by %v and shifted by %v", x.Shape(), groups, gamma.Shape(), beta.Shape())
	}
	channels := x.Dim(1)
	each := func(t *dl.Tensor) *dl.Tensor {
		if t.Dim(0) == groups && groups != channels {
			return t.Unsqueeze(1).Expand(groups, channels/groups).Reshape(channels)
		}
		return t
	}
	return []*dl.Tensor{dl.GroupNorm(x.MoveAxis(1, -1), each(gamma), each(beta), groups, c.float("epsilon", 1e-5)).MoveAxis(-1, 1)}
}

// localResponse divides by the squares of neighbouring channels: an even size reaches one channel further up, in dl down.
func localResponse(c *call, x *dl.Tensor) *dl.Tensor {
	size := c.int("size", 0)
	if x.Rank() < 2 || size < 1 {
		c.fail("%v has no neighbourhoods of %d channels", x.Shape(), size)
	}
	turn := func(x *dl.Tensor) *dl.Tensor { return x }
	if size%2 == 0 {
		turn = func(x *dl.Tensor) *dl.Tensor { return x.Flip(-1) }
	}
	y := dl.LocalResponseNorm(turn(x.MoveAxis(1, -1)), size, c.float("alpha", 1e-4), c.float("beta", 0.75), c.float("bias", 1))
	return turn(y).MoveAxis(-1, 1)
}
