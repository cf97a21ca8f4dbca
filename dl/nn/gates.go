package nn

import (
	"fmt"
	"math"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"GLU": kindOf[GLU](), "Maxout": kindOf[Maxout](), "PReLU": kindOf[PReLU](), "RReLU": kindOf[RReLU](), "Threshold": kindOf[Threshold]()})
}

// GLU lets the second half of the last axis say how much of the first half passes: a * gate(b) for x = [a, b],
// [N, ..., 2*C] becomes [N, ..., C] (Dauphin et al., 2016). Before it stands a Dense with twice the units.
type GLU struct {
	Gate Activation // Identity: Sigmoid, as in PyTorch and Keras
}

// Gates of other activations (Shazeer, GLU variants improve transformer, 2020).
var (
	SwiGLU = GLU{Gate: SiLU}
	GeGLU  = GLU{Gate: GELU}
	ReGLU  = GLU{Gate: ReLU}
)

// Build makes the layer for inputs of a shape: see [Layer].
func (g GLU) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if g.Gate == Identity {
		g.Gate = Sigmoid
	}
	if err := g.Gate.check(); err != nil {
		return nil, nil, err
	}
	last := len(in) - 1
	if last < 0 || in[last]%2 != 0 {
		return nil, nil, fmt.Errorf("the last axis of %v must have an even size, for two halves", in)
	}
	return &g, append(in[:last:last], in[last]/2), nil
}

// Forward computes the outputs for a batch.
func (g *GLU) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() == 0 || x.Dim(-1)%2 != 0 {
		dl.PanicShape("nn.GLU.Forward", "the last axis must have an even size, for two halves", x)
	}
	n := x.Dim(-1) / 2
	gate := g.Gate
	if gate == Identity { // not built
		gate = Sigmoid
	}
	return x.Narrow(-1, 0, n).Mul(gate.Apply(x.Narrow(-1, n, n)))
}

// Parameters returns the parameters of the layer.
func (g *GLU) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (g *GLU) AnySize() bool  { return true }
func (g *GLU) detail() string { return g.Gate.String() }

// Maxout takes the largest of each Pieces channels that follow each other (Goodfellow et al., 2013): [N, ..., C] becomes
// [N, ..., C/Pieces]. Before it stands a Dense with Pieces times the units.
type Maxout struct {
	Pieces int // 0: 2
}

// Build makes the layer for inputs of a shape: see [Layer].
func (m Maxout) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if m.Pieces == 0 {
		m.Pieces = 2
	}
	last := len(in) - 1
	if m.Pieces < 1 || last < 0 || in[last]%m.Pieces != 0 {
		return nil, nil, fmt.Errorf("Pieces is %d; it must divide the last axis of %v", m.Pieces, in)
	}
	return &m, append(in[:last:last], in[last]/m.Pieces), nil
}

// Forward computes the outputs for a batch.
func (m *Maxout) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() == 0 || m.Pieces < 1 || x.Dim(-1)%m.Pieces != 0 {
		dl.PanicShape("nn.Maxout.Forward", fmt.Sprintf("the last axis must hold pieces of %d channels", m.Pieces), x)
	}
	var shape [8]int // most have fewer axes: nothing is allocated
	last := x.Rank() - 1
	return x.Reshape(append(append(shape[:0], x.Shape()[:last]...), x.Dim(last)/m.Pieces, m.Pieces)...).Max(-1)
}

// Parameters returns the parameters of the layer.
func (m *Maxout) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (m *Maxout) AnySize() bool  { return true }
func (m *Maxout) detail() string { return fmt.Sprint(m.Pieces) }

// PReLU is a ReLU whose slope where x is negative is learned (He et al., 2015): one for each channel, the last axis, or
// one for all.
type PReLU struct {
	Shared    bool        // one slope for all channels, as in PyTorch's default; Keras has one for each place, unless axes are shared
	SlopeInit Initializer `json:"-"` // nil: Constant(0.25), as in PyTorch (Keras: Zeros)

	Slope *Parameter `json:"-"` // set by Build: [C], or [1]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p PReLU) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis of channels")
	}
	c := in[len(in)-1]
	if p.Shared {
		c = 1
	}
	p.Slope = b.Parameter("slope", p.SlopeInit, Constant(0.25), c, c, c)
	return &p, in, nil
}

// Forward computes the outputs for a batch.
func (p *PReLU) Forward(x *dl.Tensor) *dl.Tensor { return x.PReLU(p.Slope.tensor("nn.PReLU")) }

// Parameters returns the parameters of the layer.
func (p *PReLU) Parameters() []*Parameter { return present(p.Slope) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (p *PReLU) AnySize() bool { return true }

// RReLU is a ReLU whose slope where x is negative is random while training, for each value anew, uniformly from Lower to
// Upper (Xu et al., 2015). In inference it is the mean of both, so that it is a LeakyReLU.
type RReLU struct {
	Lower, Upper float64 // both 0: 1/8 and 1/3, as in PyTorch

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (r RReLU) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if r.Lower == 0 && r.Upper == 0 {
		r.Lower, r.Upper = 1.0/8, 1.0/3
	}
	if !(r.Lower <= r.Upper) || math.IsInf(r.Upper-r.Lower, 0) {
		return nil, nil, fmt.Errorf("Lower is %v and Upper %v; the slopes are finite numbers from Lower to Upper", r.Lower, r.Upper)
	}
	r.rand = b.source()
	return &r, in, nil
}

// Forward computes the outputs for a batch.
func (r *RReLU) Forward(x *dl.Tensor) *dl.Tensor {
	if !r.training {
		return x.LeakyReLU((r.Lower + r.Upper) / 2)
	}
	return x.PReLU(uniformsLike(x, r.source(), r.Lower, r.Upper))
}

func (r *RReLU) inUse() (Module, bool) { return &RReLU{Lower: r.Lower, Upper: r.Upper}, true }
func (r *RReLU) detail() string        { return rateText(r.Lower) + " to " + rateText(r.Upper) }

// Threshold puts Value in the place of what is at most Limit.
type Threshold struct{ Limit, Value float64 }

// Build makes the layer for inputs of a shape: see [Layer].
func (t Threshold) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if math.IsNaN(t.Limit) || math.IsNaN(t.Value) {
		return nil, nil, fmt.Errorf("Limit is %v and Value %v; both are numbers", t.Limit, t.Value)
	}
	return &t, in, nil
}

// Forward computes the outputs for a batch.
func (t *Threshold) Forward(x *dl.Tensor) *dl.Tensor { return x.Threshold(t.Limit, t.Value) }

// Parameters returns the parameters of the layer.
func (t *Threshold) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (t *Threshold) AnySize() bool { return true }
