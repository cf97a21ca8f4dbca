package quant

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// Linear is y = activation(x W^T + b) for x [..., In], with quantized weights: see [dl.QuantizedLinear]. It stands in the
// place of a [lm.Linear] in a language model (an [lm.Projection]), or of an [nn.Dense]. Only its bias can be trained.
type Linear struct {
	Weight     *dl.QuantizedMatrix // [Out, In]
	Bias       *nn.Parameter       // nil: none
	Activation nn.Activation
}

// New quantizes a weight [Out, In] of any float type, whose rows must have whole blocks of 32. The bias, which may be nil,
// stays as it is.
func New(weight *dl.Tensor, bias *nn.Parameter, f dl.BlockFormat) (*Linear, error) {
	t, err := typeOf(f)
	if err != nil {
		return nil, err
	}
	if weight.Rank() != 2 {
		return nil, fmt.Errorf("quant.New: the weight is %v; a matrix [out, in] is needed", weight.Shape())
	}
	w := &dl.QuantizedMatrix{Format: f, Out: weight.Dim(0), In: weight.Dim(1)}
	if w.In%32 != 0 {
		return nil, fmt.Errorf("quant.New: rows of %v have no whole blocks of 32", weight.Shape())
	}
	if bias != nil && (bias.Value.Rank() != 1 || bias.Value.Dim(0) != w.Out) {
		return nil, fmt.Errorf("quant.New: the bias is %v; a weight %v needs [%d]", bias.Value.Shape(), weight.Shape(), w.Out)
	}
	w.Blocks = make([]byte, w.Out*f.Bytes(w.In))
	gguf.Quantize(t, w.Blocks, weight.Detach().To(dl.Float32).Contiguous().Float32s())
	return &Linear{Weight: w, Bias: bias}, nil
}

// FromLinear quantizes a matrix of a language model.
func FromLinear(l *lm.Linear, f dl.BlockFormat) (*Linear, error) {
	w := l.Weight.Value.Detach()
	if l.InFirst && w.Rank() == 2 {
		w = w.T()
	}
	return New(w, l.Bias, f)
}

// FromDense quantizes a built Dense layer.
func FromDense(d *nn.Dense, f dl.BlockFormat) (*Linear, error) {
	if d.Weight == nil {
		return nil, fmt.Errorf("quant.FromDense: the layer is not built; make a model of it first, as with nn.NewSequential")
	}
	l, err := New(d.Weight.Value.Detach().T(), d.Bias, f)
	if err != nil {
		return nil, err
	}
	l.Activation = d.Activation
	return l, nil
}

// FromGGUF uses the blocks of a tensor of a file where they lie. The tensor is of type Q8_0 or Q4_0.
func FromGGUF(w gguf.Tensor, bias *nn.Parameter) (*Linear, error) {
	var f dl.BlockFormat
	switch w.Type {
	case gguf.Q8_0:
		f = dl.Q8_0
	case gguf.Q4_0:
		f = dl.Q4_0
	default:
		return nil, fmt.Errorf("quant.FromGGUF: the tensor %s is of %v; there are products with Q8_0 and Q4_0", w.Name, w.Type)
	}
	if len(w.Shape) != 2 {
		return nil, fmt.Errorf("quant.FromGGUF: the tensor %s is %v; a matrix [out, in] is needed", w.Name, w.Shape)
	}
	m := &dl.QuantizedMatrix{Format: f, Out: w.Shape[0], In: w.Shape[1], Blocks: w.Bytes()}
	if len(m.Blocks) != m.Out*f.Bytes(m.In) {
		return nil, fmt.Errorf("quant.FromGGUF: the tensor %s %v has %d bytes, and not %d", w.Name, w.Shape, len(m.Blocks), m.Out*f.Bytes(m.In))
	}
	return &Linear{Weight: m, Bias: bias}, nil
}

// typeOf is the type of a format in files.
func typeOf(f dl.BlockFormat) (gguf.Type, error) {
	switch f {
	case dl.Q8_0:
		return gguf.Q8_0, nil
	case dl.Q4_0:
		return gguf.Q4_0, nil
	}
	return 0, fmt.Errorf("quant: the format is %v; there are Q8_0 and Q4_0", f)
}

// Sizes are the numbers of channels of inputs and outputs.
func (l *Linear) Sizes() (in, out int) { return l.Weight.In, l.Weight.Out }

// Forward computes the outputs [..., Out] for x [..., In].
func (l *Linear) Forward(x *dl.Tensor) *dl.Tensor {
	var b *dl.Tensor
	if l.Bias != nil {
		if b = l.Bias.Value; b.DType() != dl.Float32 {
			b = b.To(dl.Float32)
		}
	}
	return l.Activation.Apply(dl.QuantizedLinear(x, l.Weight, b))
}

// Parameters returns the bias: the weights are not trained.
func (l *Linear) Parameters() []*nn.Parameter {
	if l.Bias == nil {
		return nil
	}
	return []*nn.Parameter{l.Bias}
}

// Quantized returns the weights, which [lm.SaveGGUF] writes as they are, and the bias.
func (l *Linear) Quantized() (*dl.QuantizedMatrix, *nn.Parameter) { return l.Weight, l.Bias }
