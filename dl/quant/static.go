package quant

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// StaticOptions say how [Static] chooses what is quantized and how.
type StaticOptions struct {
	// Percentile cuts off what is larger (and smaller) than so much of the values that a layer meets while it is calibrated:
	// 99.9 leaves a thousandth out. 0 or 100: nothing, the bounds are the least and the largest value.
	Percentile float64
	// Skip says of a layer, by its name as in [nn.Model.Names], that it stays float32. nil: none does.
	Skip func(name string) bool
}

// Static quantizes the convolutions and dense layers of a chain to int8, each filter with a scale of its own, and their
// inputs to unsigned bytes between bounds that are calibrated: what the layer meets in the given batches of inputs, some
// hundred samples of those it will see. A batch normalisation behind a convolution without an activation becomes part of
// it, and a ReLU is computed with the sums. It is PyTorch's static quantization with its defaults for x86: per tensor for
// activations, per channel and symmetric for weights. Other layers compute in float32. The model stays as it is.
func Static(m *nn.Model, batches iter.Seq[*dl.Tensor], o StaticOptions) (*Network, error) {
	if !(o.Percentile >= 0 && o.Percentile <= 100) || o.Percentile > 0 && o.Percentile <= 50 {
		return nil, fmt.Errorf("quant.Static: the Percentile is %v; it is above 50, up to 100, or 0 for all values", o.Percentile)
	}
	layers := plan(m, o)
	var err error
	if fault := dl.Try(func() { dl.NoGrad(func() { err = calibrate(layers, batches, o.Percentile) }) }); fault != nil {
		err = fault
	}
	if err != nil {
		return nil, fmt.Errorf("quant.Static: calibrating: %w", err)
	}
	n := &Network{}
	for i, l := range layers {
		if l.weight != nil {
			low, high := l.seen.bounds(o.Percentile)
			if !(high-low > 1e-20 && high-low < 1e20) {
				return nil, fmt.Errorf("quant.Static: layer %d (%s) meets values from %v to %v while it is calibrated", i+1, l.name, low, high)
			}
			l.module = &filters{dl.QuantizeFilters(l.weight, l.bias, low, high), l}
		}
		n.Layers, n.Names = append(n.Layers, l.module), append(n.Names, l.name)
	}
	return n, nil
}

// A layer is one of a chain; those with a weight, [KH, KW, C, F], become int8.
type layer struct {
	name         string
	module       nn.Forwarder
	weight, bias *dl.Tensor
	options      dl.ConvOptions
	dense        bool
	activation   nn.Activation  // unless it is fused
	absorbed     []nn.Forwarder // layers behind it that became part of it
	seen         values
}

// plan lists the layers of a model, and prepares those that can be quantized.
func plan(m *nn.Model, o StaticOptions) (all []*layer) {
	names := m.Names()
	for i := 0; i < len(m.Layers); i++ {
		l := &layer{name: names[i], module: m.Layers[i]}
		all = append(all, l)
		if o.Skip != nil && o.Skip(l.name) {
			continue
		}
		switch c := l.module.(type) {
		case *nn.Conv2D:
			if c.Groups > 1 || c.Weight.Value.DType() != dl.Float32 {
				continue
			}
			l.weight, l.options, l.activation = c.Weight.Value.Detach(), dl.ConvOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation}, c.Activation
			l.bias = valueOf(c.Bias)
		case *nn.Dense:
			if c.Weight.Value.DType() != dl.Float32 {
				continue
			}
			w := c.Weight.Value.Detach()
			l.weight, l.dense, l.activation = w.Reshape(1, 1, w.Dim(0), w.Dim(1)), true, c.Activation
			l.bias = valueOf(c.Bias)
		default:
			continue
		}
		if i+1 < len(m.Layers) && l.activation == nn.Identity {
			if b, ok := m.Layers[i+1].(*nn.BatchNorm); ok && (o.Skip == nil || !o.Skip(names[i+1])) {
				l.fold(b)
				l.absorbed = append(l.absorbed, b)
				i++
			}
		}
		if i+1 < len(m.Layers) && l.activation == nn.Identity {
			if a, ok := m.Layers[i+1].(*nn.ActivationLayer); ok && a.Activation == nn.ReLU {
				l.activation, l.absorbed = nn.ReLU, append(l.absorbed, a)
				i++
			}
		}
		if l.activation == nn.ReLU {
			l.options.Fuse, l.activation = dl.FuseReLU, nn.Identity
		}
	}
	return all
}

func valueOf(p *nn.Parameter) *dl.Tensor {
	if p == nil {
		return nil
	}
	return p.Value.Detach()
}

// fold makes a batch normalisation part of weight and bias.
func (l *layer) fold(n *nn.BatchNorm) {
	scale := valueOf(n.Gamma).Div(valueOf(n.Variance).AddScalar(n.Epsilon).Sqrt())
	l.weight = l.weight.Mul(scale)
	shift := valueOf(n.Mean).Neg()
	if l.bias != nil {
		shift = shift.Add(l.bias)
	}
	l.bias = shift.Mul(scale).Add(valueOf(n.Beta))
}

// forward is what the layer computes in float32.
func (l *layer) forward(x *dl.Tensor) *dl.Tensor {
	x = l.module.Forward(x)
	for _, m := range l.absorbed {
		x = m.Forward(x)
	}
	return x
}

// calibrate sends batches through the layers and notes what those meet that are to be quantized.
func calibrate(layers []*layer, batches iter.Seq[*dl.Tensor], percentile float64) error {
	n := 0
	for x := range batches {
		if x == nil || x.Rank() == 0 || x.Size() == 0 {
			return fmt.Errorf("batch %d is empty", n)
		}
		n++
		for _, l := range layers {
			if l.weight != nil {
				l.seen.add(x.To(dl.Float32).Contiguous().Float32s(), percentile > 0 && percentile < 100)
			}
			x = l.forward(x)
		}
	}
	if n == 0 {
		return fmt.Errorf("there are no batches; some hundred samples of the inputs are needed")
	}
	return nil
}

// values are what a tensor held.
type values struct {
	low, high float32
	some      []float32 // of each batch, evenly spread
}

// mostOfBatch is how many values of a batch are kept for a percentile.
const mostOfBatch = 1 << 16

func (v *values) add(x []float32, keep bool) {
	v.low, v.high = min(v.low, slices.Min(x)), max(v.high, slices.Max(x))
	if !keep {
		return
	}
	step := 1 + (len(x)-1)/mostOfBatch
	for i := 0; i < len(x); i += step {
		v.some = append(v.some, x[i])
	}
}

// bounds are those of the values without the extremes beyond a percentile on either side.
func (v *values) bounds(percentile float64) (low, high float64) {
	if v.some == nil {
		return float64(v.low), float64(v.high)
	}
	slices.Sort(v.some)
	last := len(v.some) - 1
	at := int(math.Ceil(percentile / 100 * float64(last)))
	return min(0, float64(v.some[last-at])), max(0, float64(v.some[at]))
}
