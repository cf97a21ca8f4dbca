//go:build amd64 && !purego

package quantized

import "modelbook/dl/internal/cpu"

var sets = func() (all []kernels) {
	avx2 := kernels{
		name: "AVX2",
		dot: [2][most]func(*byte){{dotQ8x1AVX2, dotQ8x2AVX2, dotQ8x3AVX2, dotQ8x4AVX2},
			{dotQ4x1AVX2, dotQ4x2AVX2, dotQ4x3AVX2, dotQ4x4AVX2}},
		quantize:   [2]func(*byte, *float32, int64){quantizeQ8AVX2, quantizeQ4AVX2},
		dequantize: [2]func(*float32, *byte, int64){dequantizeQ8AVX2, dequantizeQ4AVX2},
		filters:    [2]func(*byte){filters1AVX2, filters2AVX2},
		bytes:      quantizeBytesAVX2,
	}
	if cpu.VNNI() {
		vnni := avx2
		vnni.name = "AVX-512 VNNI"
		vnni.dot = [2][most]func(*byte){{dotQ8x1VNNI, dotQ8x2VNNI, dotQ8x3VNNI, dotQ8x4VNNI},
			{dotQ4x1VNNI, dotQ4x2VNNI, dotQ4x3VNNI, dotQ4x4VNNI}}
		vnni.filters = [2]func(*byte){filters1VNNI, filters2VNNI}
		all = append(all, vnni)
	}
	if cpu.Has(cpu.AVX2) && cpu.F16C() {
		all = append(all, avx2)
	}
	return append(all, kernels{name: "portable"})
}()
