package vec

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Elements come from where the index says, for every length, and the first place that is none is found.
func TestGather(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, set := range Sets() {
		undo := Force(set)
		for n := range 40 {
			for _, c := range [][3]int{{50, 1, 0}, {50, 3, 0}, {50, n + 2, 1}, {1, n + 2, 1}, {7, 2, 5}} {
				size, stride, step := c[0], c[1], c[2]
				x := random(r, size*stride+n*step)
				index, y := make([]int64, n), make([]float32, n+4)
				for i := range index {
					index[i] = int64(r.IntN(2*size) - size)
				}
				what := fmt.Sprintf("%s, %d elements of %d, %d and %d apart", set, n, size, stride, step)
				if bad := Gather(y[:n], index, x, size, stride, step); bad != -1 {
					t.Fatalf("%s: no place %d", what, bad)
				}
				for i, v := range index {
					if v < 0 {
						v += int64(size)
					}
					if want := x[int(v)*stride+i*step]; y[i] != want {
						t.Fatalf("%s: element %d is %v, want %v", what, i, y[i], want)
					}
				}
				for _, v := range y[n:] {
					if v != 0 {
						t.Fatalf("%s: something is written behind", what)
					}
				}
				for _, none := range []int64{int64(size), int64(-size - 1), 1 << 40, -1 << 40} {
					if n > 0 {
						at := r.IntN(n)
						old := index[at]
						index[at] = none
						if bad := Gather(y[:n], index, x, size, stride, step); bad != at {
							t.Fatalf("%s: %d is found at %d, want %d", what, none, bad, at)
						}
						index[at] = old
					}
				}
			}
		}
		undo()
	}
}
