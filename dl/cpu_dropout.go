package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

func (cpu) dropout(x, out *Tensor, rate float64, key uint64) {
	threshold, scale := dropThreshold(rate), 1/(1-rate)
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

// dropThreshold is the threshold of vec.Dropout for a rate.
func dropThreshold(rate float64) uint32 {
	return min(uint32(math.Round(rate*(1<<31))), 1<<31-1)
}
