package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// call is the use of an operator.
type call struct {
	*node
	in []*dl.Tensor // nil: left out; as many as the operator has at most
}

// operator computes the outputs of a node. It panics as dl does, by dl.PanicValue.
type operator func(c *call) []*dl.Tensor

// signature is an operator with the number of inputs that it needs and can have.
type signature struct {
	run         operator
	least, most int
	check       func(n *nodeProto) error // of attributes, when a file is read; may be nil
}

// variadic stands for any number of inputs.
const variadic = 1 << 20

func (c *call) fail(format string, args ...any) { dl.PanicValue("onnx."+c.op, format, args...) }

// limit is the number of elements that an operator may make of smaller inputs.
const limit = 1 << 28

// size checks a shape that comes from the values of tensors, or from shapes that stretch one another.
func (c *call) size(shape []int) []int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > limit || d > 0 && n > limit/d {
			c.fail("the result %v is impossible, or larger than %d elements", shape, limit)
		}
		n *= max(d, 1)
	}
	if len(shape) > maxRank {
		c.fail("%d axes are too many", len(shape))
	}
	return shape
}

// integers are the values of a tensor that says where or how many; nil if it is left out.
func (c *call) integers(i int) []int {
	t := c.in[i]
	if t == nil {
		return nil
	}
	if t.Size() > 1<<20 || t.DType().IsFloat() {
		c.fail("input %d is %v of %v; a few integers are needed", i+1, t.Shape(), t.DType())
	}
	all := make([]int, t.Size())
	for k, v := range dl.Values[int64](t) {
		all[k] = int(max(math.MinInt32, min(math.MaxInt32, v))) // beyond any size
	}
	return all
}

// axis counts one from the end if it is negative.
func (c *call) axis(axis, rank int) int {
	if axis < -rank || axis >= rank {
		c.fail("the axis %d is not one of %d", axis, rank)
	}
	return (axis + rank) % rank
}

// one makes an operator of a function of one tensor.
func one(f func(x *dl.Tensor) *dl.Tensor) signature {
	return signature{run: func(c *call) []*dl.Tensor { return []*dl.Tensor{unary(c.in[0], f)} }, least: 1, most: 1}
}

// with makes an operator of a function of one tensor and the node's attributes.
func with(f func(c *call, x *dl.Tensor) *dl.Tensor) signature {
	return signature{run: func(c *call) []*dl.Tensor { return []*dl.Tensor{f(c, c.in[0])} }, least: 1, most: 1}
}

// two makes an operator of a function of two tensors that stretch one another.
func two(f func(c *call, x, y *dl.Tensor) *dl.Tensor) signature {
	return signature{run: func(c *call) []*dl.Tensor {
		return []*dl.Tensor{c.binary(c.in[0], c.in[1], func(x, y *dl.Tensor) *dl.Tensor { return f(c, x, y) })}
	}, least: 2, most: 2}
}

// several makes an operator of a function that is applied from tensor to tensor.
func several(f func(x, y *dl.Tensor) *dl.Tensor) signature {
	return signature{run: func(c *call) []*dl.Tensor {
		x := c.in[0]
		for i := range c.in[1:] {
			x = c.binary(x, c.in[i+1], f)
		}
		return []*dl.Tensor{x}
	}, least: 1, most: variadic}
}

// channelsLast is a tensor [N, C, ...] as [N, ..., C], and whether its elements lie in that order: images do, because
// dl's layers for them make them so.
func channelsLast(x *dl.Tensor) (*dl.Tensor, bool) {
	if x.Rank() < 3 {
		return x, false
	}
	y := x.MoveAxis(1, -1)
	return y, y.IsContiguous() && !x.IsContiguous()
}

// unary applies f element by element, in the order in which the elements lie.
func unary(x *dl.Tensor, f func(x *dl.Tensor) *dl.Tensor) *dl.Tensor {
	if y, ok := channelsLast(x); ok {
		return f(y).MoveAxis(-1, 1)
	}
	return f(x)
}

// binary applies f element by element to tensors that stretch one another.
func (c *call) binary(x, y *dl.Tensor, f func(x, y *dl.Tensor) *dl.Tensor) *dl.Tensor {
	if x == nil || y == nil {
		c.fail("an input is left out")
	}
	a, b := x.Shape(), y.Shape()
	if a.Equal(b) {
		u, first := channelsLast(x)
		v, second := channelsLast(y)
		if first || second {
			return f(u, v).MoveAxis(-1, 1)
		}
		return f(x, y)
	}
	out := make([]int, max(len(a), len(b)))
	for i := range out {
		d, e := 1, 1
		if k := i - len(out) + len(a); k >= 0 {
			d = a[k]
		}
		if k := i - len(out) + len(b); k >= 0 {
			e = b[k]
		}
		if out[i] = max(d, e); d == 0 || e == 0 {
			out[i] = 0
		}
	}
	c.size(out)
	return f(x, y)
}

// divide is Div: that of integers leaves out the rest.
func divide(c *call, x, y *dl.Tensor) *dl.Tensor {
	if x.DType().IsFloat() || y.DType().IsFloat() {
		return x.Div(y)
	}
	for _, v := range dl.Values[int64](y) {
		if v == 0 {
			c.fail("an integer is divided by 0")
		}
	}
	return x.To(dl.Float64).Div(y.To(dl.Float64)).Trunc().To(x.DType())
}

// operators are those that can be read.
var operators = map[string]signature{}

func init() {
	for name, s := range elementwise() {
		operators[name] = s
	}
	for name, s := range reductions() {
		operators[name] = s
	}
	for name, s := range products() {
		operators[name] = s
	}
	for name, s := range images() {
		operators[name] = s
	}
	for name, s := range shapes() {
		operators[name] = s
	}
	for name, s := range recurrent() {
		operators[name] = s
	}
}

func elementwise() map[string]signature {
	identity := func(x *dl.Tensor) *dl.Tensor { return x }
	return map[string]signature{
		"Identity": one(identity),
		"Dropout": {run: func(c *call) []*dl.Tensor {
			if c.in[0] == nil || len(c.out) < 2 {
				return c.in[:1]
			}
			return []*dl.Tensor{c.in[0], dl.New(dl.Bool, c.in[0].Shape()...).Not()}
		}, least: 1, most: 3},
		"Abs": one((*dl.Tensor).Abs), "Neg": one((*dl.Tensor).Neg), "Exp": one((*dl.Tensor).Exp), "Log": one((*dl.Tensor).Log),
		"Sqrt": one((*dl.Tensor).Sqrt), "Reciprocal": one((*dl.Tensor).Reciprocal), "Erf": one((*dl.Tensor).Erf),
		"Floor": one((*dl.Tensor).Floor), "Ceil": one((*dl.Tensor).Ceil), "Round": one((*dl.Tensor).Round), "Sign": one((*dl.Tensor).Sign),
		"Sin": one((*dl.Tensor).Sin), "Cos": one((*dl.Tensor).Cos), "Tan": one((*dl.Tensor).Tan), "Tanh": one((*dl.Tensor).Tanh),
		"Relu": one((*dl.Tensor).ReLU), "Sigmoid": one((*dl.Tensor).Sigmoid), "Softplus": one((*dl.Tensor).Softplus), "Not": one((*dl.Tensor).Not),
		"IsNaN":    one((*dl.Tensor).IsNaN),
		"Softsign": one(func(x *dl.Tensor) *dl.Tensor { return x.Div(x.Abs().AddScalar(1)) }),
		"HardSwish": one(func(x *dl.Tensor) *dl.Tensor {
			return x.Mul(x.AddScalar(3).Clip(0, 6).MulScalar(1.0 / 6))
		}),
		"Mish": one(func(x *dl.Tensor) *dl.Tensor { return x.Mul(x.Softplus().Tanh()) }),
		"LeakyRelu": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return unary(x, func(x *dl.Tensor) *dl.Tensor { return x.LeakyReLU(c.float("alpha", 0.01)) })
		}),
		"Elu": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return unary(x, func(x *dl.Tensor) *dl.Tensor { return elu(x, c.float("alpha", 1)) })
		}),
		"Celu": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			alpha := c.float("alpha", 1)
			return unary(x, func(x *dl.Tensor) *dl.Tensor {
				return x.ReLU().Add(x.Clip(math.Inf(-1), 0).MulScalar(1 / alpha).Expm1().MulScalar(alpha))
			})
		}),
		"Shrink": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			limit, bias := c.float("lambd", 0.5), c.float("bias", 0)
			return unary(x, func(x *dl.Tensor) *dl.Tensor {
				above, below := x.Gt(dl.Scalar(limit)).To(x.DType()), x.Lt(dl.Scalar(-limit)).To(x.DType())
				return x.AddScalar(-bias).Mul(above).Add(x.AddScalar(bias).Mul(below))
			})
		}),
		"Selu": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return unary(x, func(x *dl.Tensor) *dl.Tensor {
				return elu(x, c.float("alpha", 1.6732631921768188)).MulScalar(c.float("gamma", 1.0507010221481323))
			})
		}),
		"HardSigmoid": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return unary(x, func(x *dl.Tensor) *dl.Tensor {
				return x.MulScalar(c.float("alpha", 0.2)).AddScalar(c.float("beta", 0.5)).Clip(0, 1)
			})
		}),
		"Gelu": with(func(c *call, x *dl.Tensor) *dl.Tensor {
			return unary(x, func(x *dl.Tensor) *dl.Tensor {
				if c.text("approximate", "none") == "tanh" {
					inner := x.Add(x.Pow(3).MulScalar(0.044715)).MulScalar(math.Sqrt(2 / math.Pi))
					return x.MulScalar(0.5).Mul(inner.Tanh().AddScalar(1))
				}
				return x.GELU()
			})
		}),
		"PRelu": two(func(_ *call, x, slope *dl.Tensor) *dl.Tensor {
			return x.ReLU().Sub(slope.Mul(x.Neg().ReLU()))
		}),
		"Clip": {run: func(c *call) []*dl.Tensor {
			lo, hi := math.Inf(-1), math.Inf(1)
			if c.in[1] != nil {
				lo = c.scalar(1)
			}
			if c.in[2] != nil {
				hi = c.scalar(2)
			}
			if lo > hi || math.IsNaN(lo) || math.IsNaN(hi) {
				c.fail("the bounds are %v and %v", lo, hi)
			}
			return []*dl.Tensor{unary(c.in[0], func(x *dl.Tensor) *dl.Tensor { return x.Clip(lo, hi) })}
		}, least: 1, most: 3},
		"Add": two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Add(y) }),
		"Sub": two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Sub(y) }),
		"Mul": two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Mul(y) }),
		"Div": two(divide),
		"Pow": two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return power(x, y) }),
		"Mod": two(func(c *call, x, y *dl.Tensor) *dl.Tensor {
			if !y.DType().IsFloat() {
				for _, v := range dl.Values[int64](y) {
					if v == 0 {
						c.fail("an integer is divided by 0")
					}
				}
			}
			if c.int("fmod", 0) != 0 {
				return x.Fmod(y)
			}
			return x.Remainder(y)
		}),
		"Equal":          two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Eq(y) }),
		"Less":           two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Lt(y) }),
		"LessOrEqual":    two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Le(y) }),
		"Greater":        two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Gt(y) }),
		"GreaterOrEqual": two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Ge(y) }),
		"And":            two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.And(y) }),
		"Or":             two(func(_ *call, x, y *dl.Tensor) *dl.Tensor { return x.Or(y) }),
		"Min":            several((*dl.Tensor).Minimum),
		"Max":            several((*dl.Tensor).Maximum),
		"Sum":            several((*dl.Tensor).Add),
		"Where": {run: func(c *call) []*dl.Tensor {
			c.binary(c.in[0], c.in[1], func(x, y *dl.Tensor) *dl.Tensor { return nil })
			c.binary(c.in[1], c.in[2], func(x, y *dl.Tensor) *dl.Tensor { return nil })
			c.binary(c.in[0], c.in[2], func(x, y *dl.Tensor) *dl.Tensor { return nil })
			return []*dl.Tensor{dl.Where(c.in[0], c.in[1], c.in[2])}
		}, least: 3, most: 3},
		"Cast": {run: func(c *call) []*dl.Tensor {
			return []*dl.Tensor{c.in[0].To(types[int64(c.int("to", 0))])}
		}, least: 1, most: 1, check: func(n *nodeProto) error {
			if to := n.int("to", 0); to == 0 || int64(to) == 0 || !hasType(to) {
				return fmt.Errorf("the type of elements %d is not supported", to)
			}
			return nil
		}},
	}
}

func hasType(to int) bool { _, ok := types[int64(to)]; return ok }

func elu(x *dl.Tensor, alpha float64) *dl.Tensor {
	return x.ReLU().Add(x.Clip(math.Inf(-1), 0).Expm1().MulScalar(alpha))
}

func power(x, y *dl.Tensor) *dl.Tensor {
	if y.Size() == 1 && y.Rank() == 0 && x.DType().IsFloat() {
		return unary(x, func(x *dl.Tensor) *dl.Tensor { return x.Pow(y.Item()) })
	}
	return dl.Pow(x, y.To(x.DType()))
}

// scalar is the one value of an input.
func (c *call) scalar(i int) float64 {
	if c.in[i].Size() != 1 {
		c.fail("input %d is %v; one value is needed", i+1, c.in[i].Shape())
	}
	return c.in[i].Item()
}
