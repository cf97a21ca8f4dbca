// Command bench measures models of dl, alone and beside PyTorch.
//
//	go run ./dl/bench step -model flagship -threads 1             one measurement, as a line of JSON
//	go run ./dl/bench compare                                     a table of ratios to PyTorch
//	go run ./dl/bench compare -models flagship,mlp -threads 1 -pairs 7 -seconds 3
//	go test ./dl/bench -run XXX -bench .                          the same steps as Go benchmarks
//
// A training step is forward, loss, backward and optimizer on a synthetic
// batch that is in memory already; inference is the forward pass to the
// logits. A step of tokens is an epoch of 16 batches through Trainer.Fit,
// shuffled; finetune trains the last layer of cnn2 and keeps the others;
// concat and slice join two large tensors, or copy the middle columns of one,
// and carry a gradient back. peer.py takes the same steps with PyTorch. compare first looks for
// the peer's best setting (memory layout, BLAS core type, thread library, malloc that keeps its memory,
// oneDNN for dense layers, fused optimizer, scaled_dot_product_attention, jit, torch.compile), then runs both alternately,
// so that what else the machine does falls on both, and compares the medians
// of each pair, and the fastest steps of all pairs. It needs /usr/bin/python3 with torch (Debian: python3-torch,
// libopenblas0-pthread, libopenblas0-openmp; for torch.compile g++, python3-dev, libtorch-dev and libsleef-dev); PYTHON
// names another one.
//
// RESULTS.md holds what it printed, and the machine.
package main
