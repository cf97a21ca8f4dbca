package nn

import (
	"fmt"
	"math"
	"strconv"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"SpatialDropout": kindOf[SpatialDropout](), "AlphaDropout": kindOf[AlphaDropout](), "GaussianDropout": kindOf[GaussianDropout](),
		"GaussianNoise": kindOf[GaussianNoise](), "DropPath": kindOf[DropPath]()})
}

// noise is what layers have in common that change their inputs at random while training, and not in inference.
type noise struct {
	training bool
	rand     *dl.Rand
}

// Parameters returns the parameters of the layer.
func (n *noise) Parameters() []*Parameter { return nil }

// SetTraining switches the layer to training or to inference: see the function of that name.
func (n *noise) SetTraining(on bool) { n.training = on }

// SetRand says where random numbers come from: see the function of that name.
func (n *noise) SetRand(r *dl.Rand) { n.rand = r }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *noise) AnySize() bool { return true }

// source is where random numbers come from.
func (n *noise) source() *dl.Rand {
	if n.rand == nil { // not built, and nobody gave it a source
		return dl.DefaultRand()
	}
	return n.rand
}

// checkRate says whether a rate is one of dropout.
func checkRate(rate float64) error {
	if !(rate >= 0 && rate < 1) {
		return fmt.Errorf("Rate is %v; it is a share from 0 to below 1", rate)
	}
	return nil
}

func rateText(rate float64) string { return strconv.FormatFloat(rate, 'g', 4, 64) }

// kept is 1/(1-rate), or 0 with probability rate, for each sample, and for each channel if channels is set: [N, 1, ...].
func (n *noise) kept(x *dl.Tensor, rate float64, channels bool) *dl.Tensor {
	like, last := x.Detach(), x.Rank()-1
	for axis := 1; axis <= last; axis++ {
		if axis < last || !channels {
			like = like.Narrow(axis, 0, 1)
		}
	}
	return dl.Dropout(fullLike(like, 1), rate, n.source())
}

// SpatialDropout is Dropout of whole channels, the last axis, in each sample [..., C]: neighbouring places of an image
// are alike, so that single values would still tell what was dropped (Tompson et al., 2015). It is Keras's
// SpatialDropout1D, 2D and 3D, and PyTorch's Dropout1d, 2d and 3d.
type SpatialDropout struct {
	Rate float64

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d SpatialDropout) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := checkRate(d.Rate); err != nil {
		return nil, nil, err
	}
	if len(in) < 2 {
		return nil, nil, fmt.Errorf("the input %v has no places beside its channels; use Dropout", in)
	}
	d.rand = b.source()
	return &d, in, nil
}

// Forward computes the outputs for a batch.
func (d *SpatialDropout) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Size() == 0 || !d.training || d.Rate == 0 { // refuses nil
		return x
	}
	if x.Rank() < 2 {
		dl.PanicShape("nn.SpatialDropout.Forward", "samples with channels are needed, [N, ..., C]", x)
	}
	return x.Mul(d.kept(x, d.Rate, true))
}

func (d *SpatialDropout) inUse() (Module, bool) { return &SpatialDropout{Rate: d.Rate}, true }
func (d *SpatialDropout) detail() string        { return rateText(d.Rate) }

// DropPath drops whole samples of a branch and scales the others by 1/(1-Rate): at the end of a Residual's layers the
// block is then left out for them (stochastic depth; Huang et al., 2016).
type DropPath struct {
	Rate float64

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d DropPath) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := checkRate(d.Rate); err != nil {
		return nil, nil, err
	}
	d.rand = b.source()
	return &d, in, nil
}

// Forward computes the outputs for a batch.
func (d *DropPath) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Size() == 0 || !d.training || d.Rate == 0 { // refuses nil
		return x
	}
	if x.Rank() == 0 {
		dl.PanicShape("nn.DropPath.Forward", "a batch of samples is needed", x)
	}
	return x.Mul(d.kept(x, d.Rate, false))
}

func (d *DropPath) inUse() (Module, bool) { return &DropPath{Rate: d.Rate}, true }
func (d *DropPath) detail() string        { return rateText(d.Rate) }

// AlphaDropout sets values to the one that SELU has for very negative inputs, with probability Rate, and then scales and
// shifts all so that mean and variance stay (Klambauer et al., 2017): it belongs behind SELU.
type AlphaDropout struct {
	Rate float64

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d AlphaDropout) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := checkRate(d.Rate); err != nil {
		return nil, nil, err
	}
	d.rand = b.source()
	return &d, in, nil
}

// Forward computes the outputs for a batch.
func (d *AlphaDropout) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank(); !d.training || d.Rate == 0 { // refuses nil
		return x
	}
	const lowest = -1.7580993408473766 // of SELU
	q := 1 - d.Rate
	a := 1 / math.Sqrt(q+lowest*lowest*q*d.Rate)
	b := -a * lowest * d.Rate
	kept := dl.Dropout(fullLike(x, 1), d.Rate, d.source()).MulScalar(q) // 1 or 0
	// a*(x*kept + lowest*(1-kept)) + b
	return x.Mul(kept).MulScalar(a).Add(kept.MulScalar(-a * lowest).AddScalar(a*lowest + b))
}

func (d *AlphaDropout) inUse() (Module, bool) { return &AlphaDropout{Rate: d.Rate}, true }
func (d *AlphaDropout) detail() string        { return rateText(d.Rate) }

// GaussianDropout multiplies values by normally distributed numbers with mean 1 and the variance Rate/(1-Rate), which is
// that of Dropout (Srivastava et al., 2014).
type GaussianDropout struct {
	Rate float64

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (d GaussianDropout) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := checkRate(d.Rate); err != nil {
		return nil, nil, err
	}
	d.rand = b.source()
	return &d, in, nil
}

// Forward computes the outputs for a batch.
func (d *GaussianDropout) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank(); !d.training || d.Rate == 0 { // refuses nil
		return x
	}
	return x.Mul(normalsLike(x, d.source(), 1, math.Sqrt(d.Rate/(1-d.Rate))))
}

func (d *GaussianDropout) inUse() (Module, bool) { return &GaussianDropout{Rate: d.Rate}, true }
func (d *GaussianDropout) detail() string        { return rateText(d.Rate) }

// GaussianNoise adds normally distributed numbers with mean 0 to its inputs.
type GaussianNoise struct {
	StdDev float64

	noise
}

// Build makes the layer for inputs of a shape: see [Layer].
func (g GaussianNoise) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if !(g.StdDev >= 0) || math.IsInf(g.StdDev, 0) {
		return nil, nil, fmt.Errorf("StdDev is %v; it must not be negative", g.StdDev)
	}
	g.rand = b.source()
	return &g, in, nil
}

// Forward computes the outputs for a batch.
func (g *GaussianNoise) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank(); !g.training || g.StdDev == 0 { // refuses nil
		return x
	}
	return x.Add(normalsLike(x, g.source(), 0, g.StdDev))
}

func (g *GaussianNoise) inUse() (Module, bool) { return &GaussianNoise{StdDev: g.StdDev}, true }
func (g *GaussianNoise) detail() string        { return rateText(g.StdDev) }
