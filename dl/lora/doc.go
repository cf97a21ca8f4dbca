// Package lora fine-tunes language models by low-rank additions (LoRA; Hu et al., 2021): the model's weights stay as they
// are, and beside each chosen matrix W two narrow ones are trained, A [rank, in] and B [out, rank], so that it computes
//
//	y = x W^T + b + Alpha/Rank * dropout(x) A^T B^T
//
// GPT-2 of 124 million parameters has 295,000 to train then, at rank 8, and training takes no memory for gradients and
// optimizer of the others.
//
//	adapters, err := lora.Add(m, lora.Config{Rank: 8, Alpha: 16})  // get_peft_model of Hugging Face's peft
//	...                                                            // train m
//	err = adapters.Save("my-adapter")                              // save_pretrained: 1.2 MB
//	adapters.MergeAndUnload()                                      // or W + Alpha/Rank * BA once and for all, for lm.Save
//
// Names, defaults and files are those of peft, which loads what is saved here, and the other way round.
package lora
