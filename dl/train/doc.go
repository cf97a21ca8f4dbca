// Package train trains models: Trainer.Fit goes over a dataset in epochs of shuffled batches, callbacks accompany it, and
// a History keeps what was measured. A Step of the Trainer's own takes the place of model and loss where a training
// is more than outputs compared with targets.
//
// A Trainer holds what Keras's compile is told, Fit and Evaluate are what they are there:
//
//	trainer := &train.Trainer{Model: model, Loss: nn.SparseCrossEntropy, Optimizer: &optim.Adam{},
//		Metrics: []metric.Metric{metric.Accuracy{}}}
//	history, err := trainer.Fit(ctx, samples, train.Options{Epochs: 10, ValidationSplit: 0.1,
//		Callbacks: []train.Callback{train.EarlyStopping{Patience: 3, RestoreBest: true}}})
//	results, err := trainer.Evaluate(ctx, test)
//
// Callbacks are [EarlyStopping], [Checkpoint], [ReduceOnPlateau], [RateByEpoch], [EMA], [SWA], [Progress] and [CSVLog],
// and those of your own: see [Callback]; package tensorboard has one that writes TensorBoard's files. [Timings]
// measures what each layer takes, [ProfileLabels] names layers in CPU profiles. [Trainer.FindRate] looks for a learning
// rate; [Trainer.Save] and [Trainer.Load] keep a training, so that it goes on as if there had been no break.
//
// With the same seed, the same data and the same number of threads a training gives the same numbers, bit for bit.
//
// Several processes or machines train one model together through [Trainer.Ranks]: see package modelbook/dl/dist, a module
// of its own.
package train
