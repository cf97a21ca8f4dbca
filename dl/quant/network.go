package quant

import (
	"fmt"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A Network is a chain whose convolutions and dense layers compute in int8, made by [Static]. It is for inference.
type Network struct {
	Layers []nn.Forwarder
	Names  []string // of the layers
}

// Forward computes the outputs for a batch, without gradients.
func (n *Network) Forward(x *dl.Tensor) *dl.Tensor {
	dl.NoGrad(func() {
		for _, l := range n.Layers {
			x = l.Forward(x)
		}
	})
	return x
}

// Parameters returns those of the layers that compute in float32.
func (n *Network) Parameters() (all []*nn.Parameter) {
	for _, l := range n.Layers {
		all = append(all, l.Parameters()...)
	}
	return all
}

// Bytes is the memory of all weights.
func (n *Network) Bytes() int64 {
	all := parameterBytes(n)
	for _, l := range n.Layers {
		if f, ok := l.(*filters); ok {
			all += int64(f.q.Bytes())
		}
	}
	return all
}

// String lists the layers and what they compute in.
func (n *Network) String() string {
	var b strings.Builder
	for i, l := range n.Layers {
		if f, ok := l.(*filters); ok {
			fmt.Fprintf(&b, "%s: int8, %v\n", n.Names[i], f.q.Shape())
		} else {
			fmt.Fprintf(&b, "%s: float32\n", n.Names[i])
		}
	}
	return b.String()
}

// filters are a convolution, or a dense layer, of int8.
type filters struct {
	q *dl.QuantizedFilters
	l *layer
}

// Parameters returns none.
func (f *filters) Parameters() []*nn.Parameter { return nil }

// Forward computes the outputs for a batch.
func (f *filters) Forward(x *dl.Tensor) *dl.Tensor {
	if !f.l.dense {
		return f.l.activation.Apply(dl.QuantizedConv2D(x, f.q, f.l.options))
	}
	last, out := x.Rank()-1, f.q.Shape()[3]
	if last == 1 { // without taking memory for a shape
		x = dl.QuantizedConv2D(x.Reshape(x.Dim(0), 1, 1, x.Dim(1)), f.q, f.l.options).Reshape(x.Dim(0), out)
		return f.l.activation.Apply(x)
	}
	shape := append(x.Shape().Clone()[:last], out)
	y := dl.QuantizedConv2D(x.Reshape(-1, 1, 1, x.Dim(last)), f.q, f.l.options)
	return f.l.activation.Apply(y.Reshape(shape...))
}
