// Package dist trains a model on several processors or machines at once, over MPI. Each rank, a process that mpirun or
// srun starts, has the whole model and all of the data, and computes its part of every batch; the gradients are added up
// while Backward still computes others, so that the models stay equal, bit for bit.
//
//	func main() {
//		dist.Run(func(c *dist.Comm) error {
//			dl.Seed(1) // the same model on every rank
//			...
//			trainer := &train.Trainer{Model: model, ..., Ranks: c}
//			_, err := trainer.Fit(ctx, digits, train.Options{BatchSize: 256, ...}) // of all ranks together
//			return err
//		})
//	}
//
//	mpirun -n 4 ./program
//	mpirun --host node1:8,node2:8 ./program
//	srun --mpi=pmix -n 16 ./program
//
// In a modelbook notebook, %mpirun -n 4 does the same with a function of the session.
//
// Ranks share the work of optimizers that treat each value by itself, as Adam and SGD without Clip do: of large parameters
// each takes the step for some rows, and the others get the new values, or, on one host, have them in the same memory
// (/dev/shm) where no callback of a program's own could change weights meanwhile. There they also find each other's
// gradients and the optimizer's memory, and who is earlier takes more of the work; it takes room for all of these, the
// gradients of each rank. So a checkpoint can be saved after an epoch, not within one. [Comm].Trace shows when ranks compute,
// send and wait.
//
// The result is that of one process with the same BatchSize within the rounding of sums, and the same, bit for bit, in
// every run with as many ranks. Where layers draw random numbers (Dropout) or look at their batch (BatchNorm, which sees
// the rank's part), it is another one that is as good. Callbacks that show or write work on rank 0 alone, and a checkpoint
// goes on with another number of ranks.
//
// A search for hyper-parameters over ranks trains many models instead, each on one of them: [tune.Search] with Ranks. A rank
// that is free gets the next trial, and all get the table that one process would have found. A trial that fails is said so
// in the table; after a rank that is gone, the search goes on from its File.
//
// A rank that fails, panics or runs out of memory ends all, with one message that names it and its host; mpirun says so of
// one that was killed, as Linux does where a machine has no more memory. A rank that hangs is found after Comm.Timeout, of
// 30 minutes, as PyTorch's, and named. Models, data or options that differ on a rank are an error of Fit before the first
// batch. A training with train.Checkpoint goes on from its file, and with as many ranks to the same weights, bit for bit.
// RESULTS.md has what it costs, SLURM.md how it went with Slurm.
//
// Building it needs cgo and Open MPI: apt-get install libopenmpi-dev openmpi-bin. It is a module of its own, so that
// nothing else does.
package dist
