// Package tensorboard writes the event files that TensorBoard shows, and reads them: curves, histograms, images, text
// and the graph of a model. Nothing of TensorFlow is needed to write them; to look at them,
//
//	pip install tensorboard
//	tensorboard --logdir logs
//
// [Log] is the callback, as Keras's TensorBoard; a [Writer] writes what you like, as PyTorch's SummaryWriter:
//
//	trainer.Fit(ctx, set, train.Options{Callbacks: []train.Callback{tensorboard.Log{Dir: "logs/first"}}})
//
//	w, err := tensorboard.Create("logs/second")
//	w.Scalar("loss", 0.3, step)
//
// Values are stored as PyTorch does: numbers as simple_value, histograms and images in their own fields, text as a
// tensor. Every reader knows these, of TensorBoard, of its fast loader, and of tools that read event files. A file grows by
// whole records, each in one write, so that it can be looked at while a training goes on.
//
// [Read] reads the events of a file and [Runs] the curves of a folder, those that TensorFlow and PyTorch have written
// included.
package tensorboard
