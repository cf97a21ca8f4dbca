package gemm

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Transposed matrices are those of the definition at all edges, and nothing else is written.
func TestTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, kern := range Kernels() {
		t.Run(kern.Name, func(t *testing.T) {
			defer Force(kern)()
			for rows := 1; rows < 50; rows++ {
				for cols := 1; cols < 50; cols++ {
					lds, ldd := cols+3, rows+5
					src, dst := random(r, rows*lds), random(r, cols*ldd)
					want := append([]float32(nil), dst...)
					for i := range rows {
						for j := range cols {
							want[j*ldd+i] = src[i*lds+j]
						}
					}
					Transpose(dst, ldd, src, lds, rows, cols)
					for i, w := range want {
						if dst[i] != w {
							t.Fatalf("%d x %d: [%d, %d] is %v, want %v", rows, cols, i/ldd, i%ldd, dst[i], w)
						}
					}
				}
			}
		})
	}
}

func BenchmarkTranspose(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][4]int{{32, 128, 512, 32}, {128, 32, 384, 128}, {32, 256, 512, 32}, {256, 256, 256, 256}} { // rows, cols, lds, ldd
		b.Run(fmt.Sprint(s), func(b *testing.B) {
			src, dst := random(r, s[0]*s[2]), random(r, s[1]*s[3])
			b.SetBytes(int64(4 * s[0] * s[1]))
			for b.Loop() {
				Transpose(dst, s[3], src, s[2], s[0], s[1])
			}
		})
	}
}
