// Command gen writes the assembly of the compute kernels, for amd64 with avo:
//
//	go run . -kind tile -out ../gemm/tile_amd64.s -stubs ../gemm/tile_stub_amd64.go -pkg gemm
//	go run . -kind neon -dir ../gemm
//	go run . -kind conv -out ../conv/conv_amd64.s -stubs ../conv/conv_stub_amd64.go -pkg conv
//	go run . -kind vector -out ../vec/vec_amd64.s -stubs ../vec/vec_stub_amd64.go -pkg vec
//	go run . -kind tables -dir ../vec
//	go run . -kind quantized -out ../quantized/quantized_amd64.s -stubs ../quantized/quantized_stub_amd64.go -pkg quantized
//	go run . -kind neonquantized -dir ../quantized
//
// It is a module of its own, so that users of modelbook never download avo.
package main

import (
	"flag"

	. "github.com/mmcloughlin/avo/build"
)

var (
	kind = flag.String("kind", "", "what to generate: tile, neon, conv, vector, quantized, neonquantized or tables")
	dir  = flag.String("dir", "", "where neon, neonquantized and tables write")
)

func main() {
	ConstraintExpr("amd64,!purego")
	// avo parses the flags in Generate, but what is generated depends on one.
	flag.Parse()
	switch *kind {
	case "tile":
		for _, s := range []isa{avx512, avx2, avx512BF16, avx512Double, avx2Double} {
			for mr := 1; mr <= s.rows; mr++ {
				tile(s, mr)
			}
		}
		tile(farAVX512, farAVX512.rows)
		fetched()
		transposed()
		panels(2)
		panels(4)
		narrow()
		bf16()
	case "neon":
		neonTiles(*dir)
		return
	case "conv":
		convolutions()
	case "vector":
		constants := tableOfConstants()
		for _, s := range []isa{avx512, avx2} {
			for _, k := range vectors {
				x86Kernel(s, k, k.body(&constants))
			}
		}
		for _, listed := range []bool{false, true} {
			axpyRows(4, listed)
			axpyRows(8, listed)
		}
		nonZero()
		softmaxRows()
		softmaxAgainRows()
		dotRows()
		scaleRows()
		layerNormRows()
		layerNormGradRows()
		for _, g := range gelus {
			g.write(false)
			g.write(true)
		}
		gather(false)
		gather(true)
	case "quantized":
		quantizedKernels()
	case "neonquantized":
		neonQuantized(*dir)
		return
	case "tables":
		tables(*dir)
		return
	default:
		panic("unknown -kind " + *kind)
	}
	Generate()
}
