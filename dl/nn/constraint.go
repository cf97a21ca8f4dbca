package nn

import (
	"fmt"
	"math"
	"strings"

	"modelbook/dl"
)

func init() { addKinds(map[string]kind{"Constrained": kindOf[Constrained]()}) }

// Constraint brings a parameter back to where it must be, after each step of training. Norms are those of what leads to
// one output: over all axes but the last.
type Constraint interface {
	Constrain(w *dl.Tensor) *dl.Tensor
}

// MaxNorm scales down what has a norm above Max (Srebro, Rennie and Jaakkola, 2005).
type MaxNorm struct {
	Max float64 // 0: 2, as in Keras
}

// NonNeg sets negative values to 0.
type NonNeg struct{}

// UnitNorm scales to the norm 1.
type UnitNorm struct{}

// MinMaxNorm scales to a norm from Min to Max.
type MinMaxNorm struct {
	Min  float64
	Max  float64 // 0: 1, as in Keras
	Rate float64 // how much of the way is gone in a step; 0: 1, all of it
}

// Constrain returns the nearest allowed value: see [Constraint].
func (c MaxNorm) Constrain(w *dl.Tensor) *dl.Tensor {
	mustConstrain(c)
	limit := c.Max
	if limit == 0 {
		limit = 2
	}
	norm := outputNorms(w)
	return w.Mul(norm.Clip(0, limit).Div(norm.AddScalar(1e-7)))
}

// Constrain returns the nearest allowed value: see [Constraint].
func (NonNeg) Constrain(w *dl.Tensor) *dl.Tensor { return w.ReLU() }

// Constrain returns the nearest allowed value: see [Constraint].
func (UnitNorm) Constrain(w *dl.Tensor) *dl.Tensor { return w.Div(outputNorms(w).AddScalar(1e-7)) }

// Constrain returns the nearest allowed value: see [Constraint].
func (c MinMaxNorm) Constrain(w *dl.Tensor) *dl.Tensor {
	mustConstrain(c)
	limit, rate := c.Max, c.Rate
	if limit == 0 {
		limit = 1
	}
	if rate == 0 {
		rate = 1
	}
	norm := outputNorms(w)
	wanted := norm.Clip(c.Min, limit).MulScalar(rate).Add(norm.MulScalar(1 - rate))
	return w.Mul(wanted.Div(norm.AddScalar(1e-7)))
}

// outputNorms are the norms of what leads to each output, in a shape that can be broadcast.
func outputNorms(w *dl.Tensor) *dl.Tensor {
	if w.Rank() < 2 {
		return w.Square().Sum().Sqrt()
	}
	axes := make([]int, w.Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	return w.Square().Sum(axes...).Sqrt()
}

// mustConstrain panics for limits that are impossible.
func mustConstrain(c Constraint) {
	if err := checkConstraint(c); err != nil {
		dl.PanicValue("nn.Constraint", "%v", err)
	}
}

// checkConstraint says whether the limits of a constraint are possible.
func checkConstraint(c Constraint) error {
	bad := func(v float64) bool { return !(v >= 0) || math.IsInf(v, 0) }
	switch c := c.(type) {
	case MaxNorm:
		if bad(c.Max) {
			return fmt.Errorf("the Max of MaxNorm is %v; it must not be negative", c.Max)
		}
	case MinMaxNorm:
		if bad(c.Min) || bad(c.Max) || c.Max != 0 && c.Min > c.Max || !(c.Rate >= 0 && c.Rate <= 1) {
			return fmt.Errorf("MinMaxNorm needs 0 <= Min <= Max and a Rate from 0 to 1, not %v, %v and %v", c.Min, c.Max, c.Rate)
		}
	}
	return nil
}

// Constrained is a layer with constraints of its weights (parameters whose names end in "weight", Keras's kernels) and
// its biases:
//
//	nn.Constrained{Layer: nn.Dense{Units: 64}, Weight: nn.MaxNorm{Max: 3}}
//
// A Trainer keeps to them after each step; elsewhere call [Constrain]. A file can hold the constraints here.
type Constrained struct {
	Layer  Layer
	Weight Constraint
	Bias   Constraint

	wrapped
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Constrained) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	for _, rule := range []Constraint{c.Weight, c.Bias} {
		if err := checkConstraint(rule); err != nil {
			return nil, nil, err
		}
	}
	out, err := c.wrap(c.Layer, in, b)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range parametersOf(c.body) {
		switch {
		case strings.HasSuffix(p.own, "weight") && c.Weight != nil:
			p.Constraint = c.Weight
		case strings.HasSuffix(p.own, "bias") && c.Bias != nil:
			p.Constraint = c.Bias
		}
	}
	return &c, out, nil
}

// Forward computes the outputs for a batch.
func (c *Constrained) Forward(x *dl.Tensor) *dl.Tensor {
	y, _ := c.masked(x, nil, false)
	return y
}

func (c *Constrained) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	return c.through("nn.Constrained", x, mask, headless)
}

// Logits computes the outputs without the layer's activation: see [Headed].
func (c *Constrained) Logits(x *dl.Tensor) *dl.Tensor {
	y, _ := c.masked(x, nil, true)
	return y
}

func (c *Constrained) inUse() (Module, bool) {
	body, ok := inUse(c.body)
	if !ok {
		return nil, false
	}
	return &Constrained{Layer: c.Layer, Weight: c.Weight, Bias: c.Bias, wrapped: c.with(body)}, true
}

// Constrain brings the parameters of a module to where their constraints say, after a step of an optimizer. Frozen ones
// stay as they are.
func Constrain(m Module) {
	mustGive("nn.Constrain", m)
	for _, p := range parametersOf(m) {
		p.constrain()
	}
}

func (p *Parameter) constrain() {
	if p.Constraint == nil || !p.trained() {
		return
	}
	dl.NoGrad(func() { p.Value.CopyFrom(p.Constraint.Constrain(p.Value)) })
}

// MarshalJSON describes the layer and its constraints.
func (c *Constrained) MarshalJSON() ([]byte, error) {
	return c.ruledJSON(c.Layer, c.Weight, c.Bias, nil)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (c *Constrained) UnmarshalJSON(text []byte) error {
	var e struct {
		Layer  layerEntry `json:"layer"`
		Weight *ruleEntry `json:"weight,omitempty"`
		Bias   *ruleEntry `json:"bias,omitempty"`
	}
	if err := strictly(text, &e); err != nil {
		return err
	}
	var err error
	if c.Layer, err = layerOf(e.Layer); err != nil {
		return err
	}
	if c.Weight, err = readRule[Constraint](e.Weight); err != nil {
		return err
	}
	c.Bias, err = readRule[Constraint](e.Bias)
	return err
}
