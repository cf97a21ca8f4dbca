package zoo

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
		Padding: nn.Pad2D(size/2, size/2), NoBias: true, WeightInit: weightInit})
	b.add(norm, norm2D())
}

// weightInit draws the weights of layers with ReLU. (Tests that only count parameters draw none.)
var weightInit nn.Initializer = nn.HeNormal

// sequential is nn.Sequential for a network of this package.
func sequential(model string, input dl.Shape, layers ...nn.Layer) (*nn.Model, error) {
	m, err := nn.Sequential(input, layers...)
	if err != nil {
		return nil, fmt.Errorf("zoo.%s: %w", model, err)
	}
	return m, nil
}

// norm2D is a normalisation with PyTorch's settings.
func norm2D() nn.BatchNorm { return nn.BatchNorm{Momentum: 0.9, Epsilon: 1e-5} }

// globalPool takes the mean of each channel.
func (b *builder) globalPool() { b.add("", nn.GlobalAvgPool2D{}) }

// build ends the graph.
func (b *builder) build(outputs ...*nn.Node) (*nn.Graph, error) {
	if outputs == nil {
		outputs = []*nn.Node{b.x}
	}
	g, err := b.g.Build(outputs...)
	if err != nil {
		return nil, fmt.Errorf("zoo.%s: %w", b.model, err)
	}
	return g, nil
}
