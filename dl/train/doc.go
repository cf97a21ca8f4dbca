// Package train teaches models: Trainer.Fit goes over a dataset in epochs of shuffled batches, callbacks accompany it,
// and a History keeps what was measured. A Step of the Trainer's own takes the place of model and loss where a training
// is more than outputs compared with targets.
//
// With the same seed, the same data and the same number of threads a training gives the same numbers, bit for bit.
package train
