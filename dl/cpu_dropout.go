package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

func (cpu) dropout(x, out *Tensor, rate float64, key uint64) {
	threshold, scale := uint32(math.Round(rate*(1<<31))), 1/(1-rate)
	threshold = min(threshold, 1<<31-1)
	if x.dtype == Float32 {
		share(len(x.f32()), elementGrain, pass{dst: out.f32(), a: x.f32(), key: key, n: int(threshold), s: params{scale}, f: func(p *pass, lo, hi int) {
			vec.Dropout(p.dst[lo:hi], p.a[lo:hi], p.key, lo, uint32(p.n), float32(p.s[0]))
		}})
		return
	}
	for i, v := range x.f64() {
		out.f64()[i] = 0
		if vec.Kept(i, key, threshold) {
			out.f64()[i] = v * scale
		}
	}
}
