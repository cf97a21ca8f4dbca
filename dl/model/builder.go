package model

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// builder adds layer to layer of a graph.
type builder struct {
	model string
	g     *nn.Graph
	x     *nn.Node // what comes last
}

func newBuilder(model string, input dl.Shape) *builder {
	g := nn.NewGraph()
	return &builder{model, g, g.Input("input", input...)}
}

// add puts a layer behind what comes last, under a name unless that is "".
func (b *builder) add(name string, layer nn.Layer) *nn.Node {
	if name != "" {
		layer = nn.Named(name, layer)
	}
	b.x = b.g.Add(layer, b.x)
	return b.x
}

// convNorm adds a convolution without bias, as large on each side as it is padded for, and a normalisation.
func (b *builder) convNorm(conv, norm string, filters, size, stride int) {
	b.add(conv, nn.Conv2D{Filters: filters, Kernel: [2]int{size, size}, Stride: [2]int{stride, stride},
		Padding: nn.Pad2D(size/2, size/2), NoBias: true, WeightInit: nn.HeNormal})
	b.add(norm, norm2D())
}

// norm2D is a normalisation with PyTorch's settings.
func norm2D() nn.BatchNorm { return nn.BatchNorm{Momentum: 0.9, Epsilon: 1e-5} }

// globalPool takes the mean of each channel.
func (b *builder) globalPool() {
	size := [2]int{b.x.Shape[0], 1}
	if len(b.x.Shape) > 1 {
		size[1] = b.x.Shape[1]
	}
	b.add("", nn.AvgPool2D{Size: size})
	b.add("", nn.Flatten{})
}

// build ends the graph.
func (b *builder) build(outputs ...*nn.Node) (*nn.Graph, error) {
	if outputs == nil {
		outputs = []*nn.Node{b.x}
	}
	g, err := b.g.Build(outputs...)
	if err != nil {
		return nil, fmt.Errorf("model.%s: %w", b.model, err)
	}
	return g, nil
}
