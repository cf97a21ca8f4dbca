package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// DotRows is Dot of each row, for odd and even numbers of rows, lengths that are no multiple of a vector, and rows longer than
// what is summed at a time.
func TestDotRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 7, 16, 33, 768, block + 5} {
		for _, count := range []int{0, 1, 2, 3, 6, 9} {
			stride := n + 3
			x, rows, c := make([]float32, n), make([]float32, count*stride+n), make([]float32, count)
			for _, v := range [][]float32{x, rows} {
				for i := range v {
					v[i] = float32(r.NormFloat64())
				}
			}
			for _, add := range []bool{false, true} {
				DotRows(c, x, rows, stride, add)
				for j, got := range c {
					want := 0.0
					for i, v := range x {
						want += float64(v) * float64(rows[j*stride+i])
					}
					if add {
						want *= 2
					}
					if math.Abs(float64(got)-want) > 1e-5*(1+math.Sqrt(float64(n))) {
						t.Errorf("%d rows of %d, add %v: row %d is %v, not %v", count, n, add, j, got, want)
					}
				}
			}
		}
	}
}
