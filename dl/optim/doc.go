// Package optim changes parameters by their gradients: optimizers, schedules of the learning rate and clipping of
// gradients.
//
//	optimizer := &optim.AdamW{LearningRate: 3e-4, Schedule: optim.WarmUp{Steps: 100, Then: optim.Cosine{Steps: 2000}},
//		Clip: optim.Clip{Norm: 1}}
//
// It is given to a Trainer of package train; in a loop of your own call Step with the parameters after Backward.
//
// Gradient descent is [SGD], with momentum and Nesterov's look-ahead, and [ASGD], which also averages. [Adam], [AdamW],
// [NAdam], [RAdam], [Adamax], [RMSprop], [Adagrad], [Adadelta], [Lion] and [Ftrl] adapt the step of every value,
// [Adafactor] with next to no memory; [LAMB] and [LARS] scale the step of each parameter to its norm, for large
// batches; [Muon] is for the matrices of hidden layers, [Rprop] for whole data sets, as is package lbfgs beside this
// one. [Lookahead] goes around any of them.
//
// A [Schedule] is the factor of the rate in each step: [Step], [MultiStep], [Piecewise], [Exponential], [InverseTime],
// [InverseRoot], [Polynomial], [Linear], [Constant], [Cosine], [CosineRestarts], [OneCycle], [Cyclic], or a function
// ([Func]); [WarmUp], [Sequence], [Chained] and [ByEpoch] join them. A rate that falls when a value stops improving is
// ReduceOnPlateau of package train.
//
// A gradient or a moment below 1.2e-38, which float32 can hold only as a denormal number, counts as zero on amd64: those of
// weights that have no gradient any more would shrink for ever, and each step would take many times as long.
//
// Defaults are Keras's; the formulas are PyTorch's where the two differ, and each optimizer says so.
package optim
