// Package optim changes parameters by their gradients: SGD, Adam, AdamW, RMSprop, with schedules of the learning rate
// and clipping of gradients.
//
// Defaults are Keras's; the formulas are PyTorch's where the two differ, and each optimizer says so.
package optim
