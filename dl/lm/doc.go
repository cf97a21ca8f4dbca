// Package lm has language models: GPT-2, BERT, and decoders of Llama's kind (Llama, Mistral, Qwen2, TinyLlama, SmolLM), their
// files, and the generation of text.
//
// A model is described by a struct with the fields of Hugging Face's config.json, and made with random weights by New, or
// read from a folder as transformers writes it:
//
//	m, _, err := lm.LoadGPT2("gpt2", lm.LoadOptions{})
//	out, err := lm.Generate(ctx, m, [][]int{prompt}, lm.Options{MaxNew: 50})
//
// Weights of 32 bits are not read but mapped: a model of 500 MB is there at once, and what is not used takes no memory.
// They lie in memory as they do in the file, so [Save] writes a folder that transformers reads. Training changes a private
// copy of the pages that it touches, and never the file.
//
// [Loss] is the loss of a training, of whole texts or of answers alone, [Perplexity] what it has brought; [TrainLast] freezes
// all but the last layers. Package lora trains low-rank additions. Gradients are kept for fewer values with a model's
// Checkpoint, products computed in bfloat16 after [dl.SetMatMulPrecision].
//
// Tokens are ints. [Text] puts a tokenizer around a model, such as one of package text.
package lm
