// Package tune finds out which settings make a good model: [CrossValidation] measures one choice of them on several
// divisions of the data, [Search] tries many choices. (How high a learning rate may be, [train.Trainer.FindRate] finds.)
//
// Both work with functions that make a model, and may use several goroutines; a Search also several machines, over MPI,
// through [Search.Ranks]. What they find depends on the seed, not on the number of goroutines or ranks.
package tune
