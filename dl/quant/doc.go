// Package quant makes models small: their weights become integers of 8 or 4 bits with scales, and are multiplied as
// such.
//
// Dynamic quantization is for language models: [Dynamic] replaces the matrices of one by blocks of Q8_0 or Q4_0, those of
// GGUF files, and [LoadGGUF] uses the blocks of a file where they lie, mapped. A step of generation reads a quarter, or a
// seventh, of the bytes of float32.
//
//	err := quant.Dynamic(m, quant.Options{Format: dl.Q4_0})
//	m, file, err := quant.LoadGGUF("model-q4_0.gguf")
//
// Static quantization is for networks of convolutions: [Static] calibrates bounds of activations on some batches, and what
// it returns multiplies bytes.
//
//	q, err := quant.Static(model, quant.Inputs(digits.Train, 256), quant.StaticOptions{})
//
// What either costs is one call, too: [Perplexity] and [Accuracy] set float32 and quantized side by side.
package quant
