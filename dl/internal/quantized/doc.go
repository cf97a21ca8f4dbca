// Package quantized multiplies float32 activations by matrices of small integers.
//
// Weights lie in the blocks of GGUF files, as they are mapped: 32 weights of a row with a scale of half precision, as
// bytes (Q8_0, 34 bytes) or as four bits (Q4_0, 18 bytes; the block structures of ggml-common.h in llama.cpp). Each row
// of activations is quantized to signed bytes with a float32 scale for each 32 of them, as the product is computed
// (dynamic quantization). Sums over a block are of integers, and exact; they are scaled and added up in float32.
//
// A step of a language model is one row of activations, and its time that of reading the weights: kernels for 1 to 4
// rows read them once. Of more rows, such as those of a prompt, each four meet some rows of weights while these are in
// the first cache; that is faster than to make the weights float32 for package gemm.
//
// Integer products are those of AVX-512 VNNI (VPDPBUSD, unsigned by signed bytes: Intel 64 and IA-32 Architectures
// Software Developer's Manual, volume 2), of AVX2 (VPMADDUBSW), and of NEON (SDOT where there, or SMULL); ../gen writes
// the assembly. The Go version is the oracle of the others.
package quantized
