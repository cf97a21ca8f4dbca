// Package gguf reads and writes GGUF files, in which llama.cpp keeps models: metadata, and tensors of floats or of blocks of
// small integers with scales.
//
// A file is mapped, not read: it is open at once, whatever its size, and what is not used takes no memory.
//
//	f, err := gguf.Open("model.gguf")
//	defer f.Close()
//	w, _ := f.Tensor("blk.0.attn_q.weight")
//	values, err := w.Float32s()
//
// Package lm makes models of such files.
package gguf
