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

// Rows that only zeros multiply are left out, and the result is the same: bit for bit where rows are read by blocks.
func TestAxpyListed(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		var l List
		for _, cols := range []int{1, 63, 64, 128, 200, 1100} {
			for _, rows := range []int{0, 1, 15, 16, 100} {
				for zeros := range 4 { // none, each second, all but each third, all
					stride := cols + 3
					alpha, x, y, want := make([]float32, rows), make([]float32, rows*stride+cols), make([]float32, cols), make([]float32, cols)
					for i := range x {
						x[i] = float32(math.Sin(float64(i)))
					}
					count := 0
					for r := range alpha {
						if zeros == 0 || zeros == 1 && r%2 == 1 || zeros == 2 && r%3 == 0 {
							alpha[r] = float32(math.Cos(float64(r)))
							count++
						} else if r%2 == 0 {
							alpha[r] = float32(math.Copysign(0, -1))
						}
					}
					for i := range y {
						y[i] = float32(i)
						want[i] = float32(i)
					}
					l.Collect(alpha)
					if l.Len() != count {
						t.Errorf("%v: %d values of %d, want %d", set, l.Len(), rows, count)
					}
					AxpyRows(alpha, x, stride, want)
					AxpyListed(&l, x, stride, y)
					for i, v := range y {
						if d := math.Abs(float64(v - want[i])); d > 1e-4 || best.masks && cols <= 128 && cols%64 == 0 && d != 0 {
							t.Errorf("%v: %d rows of %d: value %d is %v, want %v", set, rows, cols, i, v, want[i])
						}
					}
				}
			}
		}
		undo()
	}
}

// What is not a number counts, wherever it is.
func TestListsHoldNaN(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		x := make([]float32, 40)
		x[3], x[39], x[17] = float32(math.NaN()), float32(math.Inf(1)), 1e-45
		var l List
		if l.Collect(x); l.Len() != 3 || l.at[0] != 3 || l.at[1] != 17 || l.at[2] != 39 || l.values[1] != 1e-45 {
			t.Errorf("%v: %v at %v", set, l.values, l.at)
		}
		undo()
	}
}
