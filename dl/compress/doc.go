// Package compress makes trained models smaller: [Distillation] teaches a small model with the outputs of a large one,
// [Pruning] sets small weights to zero while training goes on, [RemoveUnits] takes whole filters and neurons out of a model, and
// [LowRank] puts two thin matrices in the place of a wide one. Package quant makes weights of few bits. [Compare] sets what came
// of it beside the model as it was.
//
// Only what is really smaller is faster: a removed filter is, a zero is not. Weights that are zero are stored and multiplied like
// others here; what they bring is a file that packs better, and a model that can do with less.
package compress
