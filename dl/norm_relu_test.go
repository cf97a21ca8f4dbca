package dl

import (
	"fmt"
	"slices"
	"testing"
)

// A norm with a ReLU is the norm and then a ReLU, bit for bit, on the way back too, with any number of channels.
func TestBatchNormWithReLU(t *testing.T) {
	for _, c := range []int{1, 3, 64, 100, 1500} {
		for _, rows := range []int{1, 7, 200} {
			for _, training := range []bool{true, false} {
				r := NewRand(7)
				data, weights := r.Normals(0.5, 2, rows, c), r.Normals(0, 1, rows, c)
				gamma, beta := r.Normals(0, 1, c), r.Normals(0, 1, c)
				run := func(fused bool) (all [][]float32) {
					x, g, b := data.Clone().RequireGrad(), gamma.Clone().RequireGrad(), beta.Clone().RequireGrad()
					mean, variance := Full(0.1, c), Full(2, c)
					y := BatchNorm(x, g, b, mean, variance, BatchNormOptions{Training: training, Momentum: 0.9, ReLU: fused})
					if !fused {
						y = y.ReLU()
					}
					y.Mul(weights).Sum().Backward()
					return [][]float32{y.Float32s(), x.Grad().Float32s(), g.Grad().Float32s(), b.Grad().Float32s(), mean.Float32s(), variance.Float32s()}
				}
				one, two := run(true), run(false)
				for i, name := range []string{"result", "gradient of x", "gradient of gamma", "gradient of beta", "running mean", "running variance"} {
					if !slices.Equal(one[i], two[i]) {
						t.Errorf("%s, training %v: %s differs: %.5v, want %.5v", fmt.Sprint(rows, " x ", c), training, name, one[i][:min(6, len(one[i]))], two[i][:min(6, len(two[i]))])
					}
				}
			}
		}
	}
}
