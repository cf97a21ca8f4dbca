package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A small network for images: convolutions, normalisation, pooling, dropout.
func ExampleConv2D() {
	model, err := nn.Sequential(dl.Shape{32, 32, 3},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Padding: nn.Same},
		nn.BatchNorm{}, nn.ReLU,
		nn.MaxPool2D{}, // 2x2
		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.LeakyReLU},
		nn.AvgPool2D{Size: [2]int{16, 16}}, // of the whole image
		nn.Flatten{}, nn.Dropout{Rate: 0.5},
		nn.Dense{Units: 10, Activation: nn.Softmax},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Predict(dl.Zeros(2, 32, 32, 3)).Shape())
	// Output: [2 10]
}

// Activations are functions of tensors, settings of a layer, or layers.
func ExampleActivation() {
	x := dl.Of([]float32{-1, 0, 2}, 1, 3)
	for _, a := range []nn.Activation{nn.Identity, nn.ReLU, nn.LeakyReLU, nn.GELU, nn.Sigmoid, nn.Tanh, nn.Softmax} {
		fmt.Printf("%-10v %.3f\n", a, a.Apply(x).Float32s())
	}
	layer := nn.ActivationLayer{Activation: nn.ReLU} // nn.ReLU does as well
	fmt.Println(nn.Build(layer, 3).Forward(x))
	// Output:
	// linear     [-1.000 0.000 2.000]
	// relu       [0.000 0.000 2.000]
	// leaky_relu [-0.010 0.000 2.000]
	// gelu       [-0.159 0.000 1.954]
	// sigmoid    [0.269 0.500 0.881]
	// tanh       [-0.762 0.000 0.964]
	// softmax    [0.042 0.114 0.844]
	// tensor([[0., 0., 2.]], shape=[1 3], dtype=float32)
}

// A block with a shortcut around two layers.
func ExampleResidual() {
	model, err := nn.Sequential(dl.Shape{8}, nn.Residual{Layers: []nn.Layer{nn.LayerNorm{}, nn.Dense{Units: 8, Activation: nn.GELU}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Forward(dl.Ones(1, 8)).Shape())
	// Output: [1 8]
}

// Parts of a model: a model, and a graph, are layers of others.
func ExampleModel() {
	trunk, err := nn.Sequential(dl.Shape{6}, nn.Dense{Units: 4, Activation: nn.Tanh})
	if err != nil {
		fmt.Println(err)
		return
	}
	g := nn.NewGraph()
	x := g.Input("x", 4)
	sum, err := g.Build(g.Sum(x, g.Add(nn.Dense{Units: 4}, x)))
	if err != nil {
		fmt.Println(err)
		return
	}
	var _ *nn.Graph = sum
	model, err := nn.Sequential(dl.Shape{6}, trunk, &nn.GraphLayer{Graph: sum}, nn.Dense{Units: 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	var _ *nn.Model = model
	fmt.Println(len(model.Parameters()), "parameters", model.Output())
	// Output: 6 parameters [2]
}

// How parameters begin is a setting of the layers that have them.
func ExampleInitializer() {
	for name, init := range map[string]nn.Initializer{
		"glorot uniform": nn.GlorotUniform, "glorot normal": nn.GlorotNormal, "he uniform": nn.HeUniform, "he normal": nn.HeNormal,
		"normal": nn.Normal{StdDev: 0.02}, "uniform": nn.Uniform{Low: -0.1, High: 0.1},
	} {
		layer := nn.Build(nn.Dense{Units: 50, WeightInit: init, BiasInit: nn.Constant(0.1)}, 100)
		if layer.Weight.Value.Abs().Max().Item() > 1 {
			fmt.Println(name, "gives large values")
		}
	}
	fmt.Println(nn.Build(nn.Dense{Units: 2, WeightInit: nn.Ones, BiasInit: nn.Zeros}, 3).Forward(dl.Ones(1, 3)).Float32s())
	// Output: [3 3]
}
