package vec

import (
	"math"
	"testing"
)

func init() {
	ops = append(ops, []op{
		{"Fill", func(d, _, _, y []float32) {
			if len(y) > 0 {
				Fill(d, y[0])
			}
		}},
		{"DivScalar", func(d, _, x, _ []float32) { DivScalar(d, x, 0.7) }},
		{"IndexOf", func(d, e, x, y []float32) {
			if n := len(x); n > 0 {
				first(d, float64(IndexOf(x, x[n*2/3])))
				first(e, float64(IndexOf(x, y[0])))
			}
		}},
		{"LargestRow", func(d, e, x, y []float32) { betterRows(d, e, x, y, LargestRow) }},
		{"SmallestRow", func(d, e, x, y []float32) { betterRows(d, e, x, y, SmallestRow) }},
		{"SumExp of a row", func(d, _, x, _ []float32) { first(d, float64(SumExp(x, 0.25))) }},
		{"LogSoftmaxGrad of a row", func(d, _, x, y []float32) { LogSoftmaxGrad(d, x, y, 1.5) }},
	}...)
}

func betterRows(d, e, x, y []float32, f func(best []float32, where []int32, x []float32, number int)) {
	copy(d, x)
	where := make([]int32, len(d))
	f(d, where, y, 5)
	f(d, where, x, 6)
	for i, w := range where {
		e[i] = float32(w)
	}
}

// The first element is found wherever it is, and so is the first NaN.
func TestIndexOf(t *testing.T) {
	nan := float32(math.NaN())
	for _, set := range Sets() {
		undo := Force(set)
		for _, n := range []int{1, 15, 16, 17, 100, 4096, 4097, 9000} {
			for _, v := range []float32{0, 1, -3, nan, float32(math.Inf(1))} {
				x := make([]float32, n)
				Fill(x, 7)
				if at := IndexOf(x, v); v == v && at != -1 {
					t.Errorf("%s: %v is found at %d of %d", set, v, at, n)
				}
				for _, at := range []int{n - 1, n / 2, 0} {
					x[at] = v
					if got := IndexOf(x, v); got != at {
						t.Errorf("%s: %v at %d of %d is found at %d", set, v, at, n, got)
					}
				}
			}
		}
		undo()
	}
}

// The first NaN stays, with its number, and of equal elements the first.
func TestBetterRows(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, set := range Sets() {
		undo := Force(set)
		for _, n := range []int{1, 8, 16, 21} {
			best, where, row := make([]float32, n), make([]int32, n), make([]float32, n)
			for number, v := range []float32{1, 1, nan, 5, nan, -inf} {
				Fill(row, v)
				if number == 0 {
					copy(best, row)
					continue
				}
				LargestRow(best, where, row, number)
				if number == 1 && where[n-1] != 0 {
					t.Errorf("%s: an equal element is taken", set)
				}
			}
			if best[0] == best[0] || best[n-1] == best[n-1] || where[0] != 2 || where[n-1] != 2 {
				t.Errorf("%s: %v at %v, want the NaN of row 2", set, best, where)
			}
			Fill(best, 3)
			Fill(row, -inf)
			SmallestRow(best, where, row, 9)
			if best[n-1] != -inf || where[0] != 9 {
				t.Errorf("%s: %v at %v, want -Inf at 9", set, best, where)
			}
		}
		undo()
	}
}
