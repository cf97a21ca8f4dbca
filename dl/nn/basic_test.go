package nn

func init() {
	strides := func(h, w int) [2]int { return [2]int{h, w} }
	cases := map[string]any{
		"ActivationLayer":    ActivationLayer{Activation: Tanh},
		"Dense without bias": Dense{Units: 2, NoBias: true},
		"Flatten":            Flatten{},

		"Conv2D":                  Conv2D{Filters: 3, Kernel: strides(3, 3)},
		"Conv2D stride":           Conv2D{Filters: 3, Kernel: strides(2, 3), Stride: strides(2, 1), Activation: Tanh},
		"Conv2D strides and ReLU": Conv2D{Filters: 3, Kernel: strides(3, 3), Stride: strides(2, 2), Activation: ReLU},
		"Conv2D same":             Conv2D{Filters: 3, Kernel: strides(3, 3), Padding: Same, Activation: ReLU},
		"Conv2D same, strides":    Conv2D{Filters: 3, Kernel: strides(3, 3), Stride: strides(2, 2), Padding: Same},
		"Conv2D 1x1":              Conv2D{Filters: 3, Kernel: strides(1, 1)},
		"MaxPool2D":               MaxPool2D{}, "AvgPool2D": AvgPool2D{},
		"MaxPool2D overlapping": MaxPool2D{Size: strides(3, 2), Stride: strides(2, 1)}, "MaxPool2D same": MaxPool2D{Padding: Same},
		"AvgPool2D overlapping": AvgPool2D{Size: strides(3, 2), Stride: strides(2, 1)}, "AvgPool2D same": AvgPool2D{Padding: Same},

		"BatchNorm": BatchNorm{}, "BatchNorm in training": BatchNorm{},
		"BatchNorm of images": BatchNorm{}, "BatchNorm of images in training": BatchNorm{},
		"LayerNorm": LayerNorm{}, "LayerNorm of sequences": LayerNorm{Epsilon: 1e-5},

		"Embedding": Embedding{Vocabulary: 5, Units: 3}, "PositionalEmbedding": PositionalEmbedding{},
		"MultiHeadAttention": MultiHeadAttention{Heads: 2}, "MultiHeadAttention causal": MultiHeadAttention{Heads: 2, Causal: true},
		"MultiHeadAttention of one head":  MultiHeadAttention{Heads: 1, Causal: true},
		"MultiHeadAttention without bias": MultiHeadAttention{Heads: 3, Causal: true, NoBias: true},
		"MultiHeadAttention of 17 places": MultiHeadAttention{Heads: 4, Causal: true},
		"TransformerBlock":                TransformerBlock{Heads: 2, Causal: true, Epsilon: 1e-5},

		"MSE": MSE, "MAE": MAE, "Huber": Huber, "BinaryCrossEntropy": BinaryCrossEntropy, "BinaryCrossEntropyLogits": BinaryCrossEntropyLogits,
		"CategoricalCrossEntropy": CategoricalCrossEntropy, "CategoricalCrossEntropyLogits": CategoricalCrossEntropyLogits,
		"SparseCrossEntropy": SparseCrossEntropy, "SparseCrossEntropyLogits": SparseCrossEntropyLogits,
	}
	for name, a := range map[string]Activation{"Identity": Identity, "ReLU": ReLU, "Sigmoid": Sigmoid, "Tanh": Tanh, "Softmax": Softmax, "GELU": GELU, "LeakyReLU": LeakyReLU} {
		cases[name], cases["Dense with "+name] = a, Dense{Units: 3, Activation: a}
	}
	area("basic", cases)
	noCase("Dropout", "random: see TestDropoutDropsOnlyWhileTraining")
	noCase("Model", "a chain of layers, see model_test.go")
	noCase("GraphLayer", "a graph of layers, see graphlayer_test.go")
	noCase("Graph", "a graph of layers, see graph_test.go")
	noCase("Activation", "each of its constants has one")
	for _, name := range []string{"GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "Zeros", "Ones", "Constant", "Normal", "Uniform"} {
		noCase(name, "random, or all the same: see TestInitialisersHaveTheirMoments")
	}
}
