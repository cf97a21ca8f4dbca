package vec

import (
	"math"
	"testing"
)

func TestAxpyRows(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		for _, cols := range []int{1, 16, 63, 64, 65, 128, 200, 333, 1024, 1100} {
			for _, rows := range []int{0, 1, 4, 7, 33} {
				stride := cols + 3
				alpha, x, y, want := make([]float32, rows), make([]float32, rows*stride+cols), make([]float32, cols), make([]float64, cols)
				for i := range x {
					x[i] = float32(i%17) - 8
				}
				for i := range y {
					y[i] = float32(i)
					want[i] = float64(i)
				}
				for r := range alpha {
					alpha[r] = float32(r) / 4
					for i := range want {
						want[i] += float64(alpha[r]) * float64(x[r*stride+i])
					}
				}
				AxpyRows(alpha, x, stride, y)
				for i, v := range y {
					if math.Abs(float64(v)-want[i]) > 1e-3 {
						t.Errorf("%v: %d rows of %d: value %d is %v, want %v", set, rows, cols, i, v, want[i])
					}
				}
			}
		}
		undo()
	}
}
