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
	for _, a := range []nn.Activation{nn.Identity, nn.ReLU, nn.LeakyReLU, nn.GELU, nn.GELUTanh, nn.SiLU, nn.Mish, nn.ELU, nn.SELU, nn.CELU,
		nn.Softplus, nn.Softsign, nn.Sigmoid, nn.Tanh, nn.ReLU6, nn.HardSwish, nn.HardSigmoid, nn.HardTanh, nn.LogSigmoid,
		nn.TanhShrink, nn.SoftShrink, nn.HardShrink, nn.Exponential, nn.Softmax, nn.Softmin, nn.LogSoftmax} {
		fmt.Printf("%-12v %.3f\n", a, a.Apply(x).Float32s())
	}
	layer := nn.ActivationLayer{Activation: nn.LeakyReLU, Alpha: 0.3} // with Keras's slope
	fmt.Println(nn.Build(layer, 3).Forward(x).Float32s())
	// Output:
	// linear       [-1.000 0.000 2.000]
	// relu         [0.000 0.000 2.000]
	// leaky_relu   [-0.010 0.000 2.000]
	// gelu         [-0.159 0.000 1.954]
	// gelu_tanh    [-0.159 0.000 1.955]
	// silu         [-0.269 0.000 1.762]
	// mish         [-0.303 0.000 1.944]
	// elu          [-0.632 0.000 2.000]
	// selu         [-1.111 0.000 2.101]
	// celu         [-0.632 0.000 2.000]
	// softplus     [0.313 0.693 2.127]
	// softsign     [-0.500 0.000 0.667]
	// sigmoid      [0.269 0.500 0.881]
	// tanh         [-0.762 0.000 0.964]
	// relu6        [0.000 0.000 2.000]
	// hard_swish   [-0.333 0.000 1.667]
	// hard_sigmoid [0.333 0.500 0.833]
	// hard_tanh    [-1.000 0.000 1.000]
	// log_sigmoid  [-1.313 -0.693 -0.127]
	// tanh_shrink  [-0.238 0.000 1.036]
	// soft_shrink  [-0.500 0.000 1.500]
	// hard_shrink  [-1.000 0.000 2.000]
	// exponential  [0.368 1.000 7.389]
	// softmax      [0.042 0.114 0.844]
	// softmin      [0.705 0.259 0.035]
	// log_softmax  [-3.170 -2.170 -0.170]
	// [-0.3 0 2]
}

// Gates multiply one half of the channels by an activation of the other: a Dense before them has twice the units.
func ExampleGLU() {
	x := dl.Of([]float32{1, 2, 0, 3}, 1, 4)
	for _, gate := range []nn.GLU{{}, nn.SwiGLU, nn.GeGLU, nn.ReGLU} {
		fmt.Printf("%.3f\n", nn.Build(gate, 4).Forward(x).Float32s())
	}
	fmt.Println(nn.Build(nn.Maxout{Pieces: 2}, 4).Forward(x).Float32s())
	fmt.Println(nn.Build(nn.PReLU{}, 4).Forward(x.AddScalar(-4)).Float32s())
	fmt.Println(nn.Build(nn.RReLU{Lower: 0.25, Upper: 0.75}, 4).Forward(x.AddScalar(-4)).Float32s()) // in training it is random
	fmt.Println(nn.Build(nn.Threshold{Limit: 1, Value: -1}, 4).Forward(x).Float32s())
	// Output:
	// [0.500 1.905]
	// [0.000 5.715]
	// [0.000 5.992]
	// [0.000 6.000]
	// [2 3]
	// [-0.75 -0.5 -1 -0.25]
	// [-1.5 -1 -2 -0.5]
	// [-1 2 -1 3]
}

// Products along any axes: what Dense layers, Reshape and Permute do together.
func ExampleEinsumDense() {
	model, err := nn.Sequential(dl.Shape{10, 16}, // 10 places of 16 values
		nn.EinsumDense{Equation: "npc,chd->nphd", OutputShape: []int{0, 4, 8}, BiasAxes: "hd"},                   // 4 heads of 8 values
		nn.EinsumDense{Equation: "nphd,hdc->npc", OutputShape: []int{0, 16}, BiasAxes: "c", Activation: nn.GELU}, // the heads together
		nn.EinsumDense{Equation: "npc,pq->nqc", OutputShape: []int{5, 0}, BiasAxes: "q"},                         // places instead of channels
		nn.EinsumDense{Equation: "...c,ck->...k", OutputShape: []int{3}, BiasAxes: "k", Activation: nn.Softmax},  // nn.Dense{Units: 3}
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	_, err = nn.Sequential(dl.Shape{10, 16}, nn.EinsumDense{Equation: "npc,ck->npk", OutputShape: []int{8}})
	fmt.Println(err)
	// Output:
	// layer          type                                 output         parameters
	// -----------------------------------------------------------------------------
	// input                                               [N, 10, 16]
	// einsumdense    EinsumDense, npc,chd->nphd           [N, 10, 4, 8]         544
	// einsumdense_1  EinsumDense, nphd,hdc->npc, gelu     [N, 10, 16]           528
	// einsumdense_2  EinsumDense, npc,pq->nqc             [N, 5, 16]             55
	// einsumdense_3  EinsumDense, ...c,ck->...k, softmax  [N, 5, 3]              51
	// -----------------------------------------------------------------------------
	// 1,178 parameters (4.6 KiB)
	// nn.Sequential: layer 1 (EinsumDense) on input [10 16]: Equation "npc,ck->npk": OutputShape [8] must have a size for each of the indices "pk" of a sample of outputs
}

// Bilinear has two inputs.
func ExampleBilinear() {
	l := nn.Build(nn.Bilinear{Second: 3, Units: 2, WeightInit: nn.Ones}, 4)
	fmt.Println(l.Forward(dl.Ones(1, 4), dl.Full(2, 1, 3)).Float32s())
	// Output: [24 24]
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
	dl.Seed(1)
	for _, init := range []nn.Initializer{
		nn.GlorotUniform, nn.GlorotNormal, nn.HeUniform, nn.HeNormal, nn.LeCunUniform, nn.LeCunNormal,
		nn.Normal{StdDev: 0.02}, nn.Uniform{Low: -0.1, High: 0.1}, nn.TruncatedNormal{StdDev: 0.02},
		nn.VarianceScaling{Scale: 2, Mode: nn.FanAverage}, nn.Orthogonal{Gain: nn.Tanh.Gain()}, nn.Sparse{Sparsity: 0.9},
	} {
		layer := nn.Build(nn.Dense{Units: 50, WeightInit: init, BiasInit: nn.Constant(0.1)}, 100)
		if largest := layer.Weight.Value.Abs().Max().Item(); largest > 1 {
			fmt.Printf("%v gives %v\n", init, largest)
		}
	}
	fmt.Println(nn.Build(nn.Dense{Units: 2, WeightInit: nn.Ones, BiasInit: nn.Zeros}, 3).Forward(dl.Ones(1, 3)).Float32s())

	// Layers that begin as the identity.
	x := dl.Arange(12).Reshape(1, 2, 2, 3)
	fmt.Println(nn.Build(nn.Dense{Units: 3, WeightInit: nn.Eye{}}, 2, 2, 3).Forward(x).Equal(x))
	fmt.Println(nn.Build(nn.Conv2D{Filters: 3, Kernel: [2]int{1, 1}, WeightInit: nn.Dirac{}}, 2, 2, 3).Forward(x).Equal(x))
	// Output:
	// [3 3]
	// true
	// true
}
