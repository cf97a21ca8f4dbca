// Package nn builds neural networks: layers, activations, initialisers, losses, and models made of them.
//
// A layer is described by a struct literal whose zero values are the defaults. [Sequential] works out the shapes from
// the shape of one input and makes the parameters:
//
//	model, err := nn.Sequential(dl.Shape{28, 28, 1},
//		nn.Conv2D{Filters: 32, Kernel: [2]int{3, 3}, Activation: nn.ReLU},
//		nn.Flatten{},
//		nn.Dense{Units: 10, Activation: nn.Softmax},
//	)
//
// [Build] makes a layer by itself, for a struct of layers with a Forward of its own, which needs no more than
// [ParametersOf] to be a [Module]; [Graph] is for several inputs, outputs and shared layers. A parameter is known by its
// tensor, and in files by the path on which a module holds it: see [NamedParameters]. Models and graphs are saved with
// their structure and need no code to be loaded; for a struct of your own, make it and use [LoadParameters].
//
// A [Loss] of outputs and targets is a value, such as [SparseCrossEntropy], [BinaryFocal], [Huber], [KLDivergence] or
// [Dice], whose settings [Loss.With] gives it. Losses of several tensors, for a Step of a Trainer, are structs with a method Of:
// [GaussianNLL], [Contrastive], [CosineEmbedding], [MarginRanking], [Triplet], [TripletSemiHard], [InfoNCE], [NTXent] and
// [CTC].
//
// Images are [N, height, width, channels]. Defaults are those of Keras (Glorot-uniform weights, zero biases,
// BatchNorm with momentum 0.99 and epsilon 1e-3), and are named where PyTorch's differ. Activations are layers, too:
// nn.ReLU may stand between others.
package nn
