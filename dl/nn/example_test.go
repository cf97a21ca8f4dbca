package nn_test

import (
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl"
	"modelbook/dl/nn"
)

func ExampleSequential() {
	model, err := nn.Sequential(dl.Shape{28, 28, 1},
		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
		nn.Flatten{},
		nn.Dense{Units: 128, Activation: nn.ReLU},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	// Output:
	// layer    type               output           parameters
	// -------------------------------------------------------
	// input                       [N, 28, 28, 1]
	// conv2d   Conv2D, 3×3, relu  [N, 26, 26, 32]         320
	// flatten  Flatten            [N, 21632]                0
	// dense    Dense, relu        [N, 128]          2,769,024
	// dense_1  Dense, softmax     [N, 10]               1,290
	// -------------------------------------------------------
	// 2,770,634 parameters (10.6 MiB)
}

func ExampleSequential_error() {
	_, err := nn.Sequential(dl.Shape{28, 28, 1}, nn.Flatten{}, nn.MaxPool2D{})
	fmt.Println(err)
	// Output: nn.Sequential: layer 2 (MaxPool2D) on input [784]: the input [784] is not an image [height, width, channels]
}

// Residual adds what a body computes to its input.
type Residual struct {
	Body *nn.Model
}

func (r *Residual) Forward(x *dl.Tensor) *dl.Tensor { return r.Body.Forward(x).Add(x) }
func (r *Residual) Parameters() []*nn.Parameter     { return nn.ParametersOf(r) }

// A type with Parameters is a module, like the layers of this package. In files its parameters have the paths on which
// it holds them.
func ExampleParametersOf() {
	body, err := nn.Sequential(dl.Shape{4}, nn.Dense{Units: 8, Activation: nn.Tanh}, nn.Dense{Units: 4})
	if err != nil {
		fmt.Println(err)
		return
	}
	net := &Residual{Body: body}
	for _, p := range nn.NamedParameters(net) {
		fmt.Println(p.Name, p.Value.Shape())
	}
	fmt.Println(net.Forward(dl.Ones(2, 4)).Shape())
	// Output:
	// Body.dense.weight [4 8]
	// Body.dense.bias [8]
	// Body.dense_1.weight [8 4]
	// Body.dense_1.bias [4]
	// [2 4]
}

// A small GPT: tokens in, at each place the logits of the next token out.
func ExampleTransformerBlock() {
	block := nn.TransformerBlock{Heads: 4, Causal: true}
	model, err := nn.Sequential(dl.Shape{64}, // tokens of a sequence
		nn.Embedding{Vocabulary: 256, Units: 128},
		nn.PositionalEmbedding{},
		block, block,
		nn.LayerNorm{},
		nn.Dense{Units: 256, NoBias: true},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model)
	fmt.Println(model.Forward(dl.New(dl.Int32, 2, 64)).Shape())
	// Output:
	// layer                type                               output        parameters
	// --------------------------------------------------------------------------------
	// input                                                   [N, 64]
	// embedding            Embedding                          [N, 64, 128]      32,768
	// positionalembedding  PositionalEmbedding                [N, 64, 128]       8,192
	// transformerblock     TransformerBlock, 4 heads, causal  [N, 64, 128]     198,272
	// transformerblock_1   TransformerBlock, 4 heads, causal  [N, 64, 128]     198,272
	// layernorm            LayerNorm                          [N, 64, 128]         256
	// dense                Dense                              [N, 64, 256]      32,768
	// --------------------------------------------------------------------------------
	// 470,528 parameters (1.8 MiB)
	// [2 64 256]
}

func ExampleMultiHeadAttention() {
	_, err := nn.Sequential(dl.Shape{5, 6}, nn.MultiHeadAttention{Heads: 4})
	fmt.Println(err)
	// Output: nn.Sequential: layer 1 (MultiHeadAttention) on input [5 6]: Heads is 4; it must divide the 6 channels of [5 6]
}

func ExampleLoad() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.safetensors")

	model, _ := nn.Sequential(dl.Shape{3}, nn.Dense{Units: 2, Activation: nn.Softmax})
	if err := model.Save(path); err != nil {
		fmt.Println(err)
		return
	}
	same, err := nn.Load(path) // layers and weights
	if err != nil {
		fmt.Println(err)
		return
	}
	x := dl.Ones(1, 3)
	fmt.Println(model.Predict(x).At(0, 0) == same.Predict(x).At(0, 0))
	// Output: true
}

// A model in PyTorch's style: a struct of layers, and a Forward that says how they are used.
type Classifier struct {
	Conv   *nn.Conv2D
	Hidden *nn.Dense
	Out    *nn.Dense
}

func NewClassifier() *Classifier {
	return &Classifier{
		Conv:   nn.Build(nn.Conv2D{Filters: 8, Kernel: [2]int{3, 3}, Activation: nn.ReLU}, 28, 28, 1),
		Hidden: nn.Build(nn.Dense{Units: 32, Activation: nn.ReLU}, 13*13*8),
		Out:    nn.Build(nn.Dense{Units: 10}, 32),
	}
}

func (c *Classifier) Forward(x *dl.Tensor) *dl.Tensor {
	x = dl.MaxPool2D(c.Conv.Forward(x), dl.PoolOptions{})
	return c.Out.Forward(c.Hidden.Forward(x.Flatten(1)))
}

func (c *Classifier) Parameters() []*nn.Parameter { return nn.ParametersOf(c) }

func ExampleBuild() {
	net := NewClassifier()
	fmt.Println(net.Forward(dl.Zeros(2, 28, 28, 1)).Shape())
	for _, p := range nn.NamedParameters(net) {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// [2 10]
	// Conv.weight [3 3 1 8]
	// Conv.bias [8]
	// Hidden.weight [1352 32]
	// Hidden.bias [32]
	// Out.weight [32 10]
	// Out.bias [10]
}

// Two pictures, one network for both: are they of the same thing?
func ExampleGraph() {
	g := nn.NewGraph()
	a, b := g.Input("left", 8), g.Input("right", 8)
	side := g.Layer(nn.Dense{Units: 16, Activation: nn.ReLU})
	model, err := g.Build(g.Add(nn.Dense{Units: 1, Activation: nn.Sigmoid}, g.Concat(side(a), side(b))))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Predict(dl.Zeros(3, 8), dl.Ones(3, 8))[0].Shape(), len(model.Parameters()), "parameters")
	// Output: [3 1] 4 parameters
}
