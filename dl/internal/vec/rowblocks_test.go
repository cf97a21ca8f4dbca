package vec

import (
	"math"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/cpu"
)

// Blocks of rows of all lengths around those of vectors have the same values as rows alone, and zeros behind them; what was
// there before, even if it is no number, has no part in them.
func TestScores(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		for _, first := range []int{1, 2, 15, 16, 17, 40} {
			for _, more := range []int{0, 1} {
				for _, most := range []int{1, 16, 20, 64, 100} {
					testScores(t, set, Scores{Rows: 37, Stride: 116, First: first, More: more, Most: most})
				}
			}
		}
		undo()
	}
}

func testScores(t *testing.T, set cpu.Set, s Scores) {
	r := rand.New(rand.NewPCG(1, uint64(s.First)))
	size := s.Rows * s.Stride
	x, d, largest, dot := make([]float32, size), make([]float32, size), make([]float32, s.Rows), make([]float32, s.Rows)
	for i := range x {
		x[i], d[i] = float32(9*r.NormFloat64()), float32(r.NormFloat64())
	}
	for i := range s.Rows {
		for k := s.count(i); k < s.Stride; k++ {
			x[i*s.Stride+k], d[i*s.Stride+k] = float32(math.NaN()), float32(math.NaN())
		}
		largest[i], dot[i] = lowest, float32(r.NormFloat64())
	}
	largest[3] = 40 // of elements seen before
	for k := range s.count(5) {
		x[5*s.Stride+k] = lowest
	}
	const scale, factor = 0.3, 0.7
	y, sum, most := append([]float32(nil), x...), make([]float32, s.Rows), append([]float32(nil), largest...)
	s.Exp(y, scale, most, sum)
	again, g := append([]float32(nil), x...), append([]float32(nil), d...)
	shift := make([]float32, s.Rows)
	for i := range shift {
		shift[i] = 30 + float32(i)
	}
	s.Again(again, g, scale, shift, dot, factor)
	near := func(i int, what string, got float32, want float64) {
		if float64(got) != want && !(math.Abs(float64(got)-want) <= 4e-6*math.Abs(want)+1e-37) {
			t.Fatalf("%v, %+v, row %d of %d: %s is %v, not %v", set, s, i, s.count(i), what, got, want)
		}
	}
	for i := range s.Rows {
		m, total := float64(largest[i]), 0.0
		row := x[i*s.Stride:][:s.count(i)]
		for _, v := range row {
			m = max(m, float64(v)*float64(float32(scale)))
		}
		near(i, "the largest", most[i], m)
		for k := range s.Stride {
			at := i*s.Stride + k
			switch {
			case k < len(row):
				want := 0.0
				if row[k] != lowest {
					want = math.Exp(float64(row[k])*float64(float32(scale)) - float64(most[i]))
				}
				total += want
				near(i, "an exponential", y[at], want)
				want = math.Exp(float64(row[k])*float64(float32(scale)) - float64(shift[i]))
				near(i, "an exponential again", again[at], want)
				near(i, "a gradient", g[at], want*float64(float32(factor))*float64(d[at]-dot[i]))
			case k < s.wide(i):
				near(i, "what is behind", y[at], 0)
				near(i, "what is behind again", again[at], 0)
				near(i, "what is behind the gradients", g[at], 0)
			case y[at] == y[at] || again[at] == again[at] || g[at] == g[at]:
				t.Fatalf("%v, %+v, row %d: element %d was written", set, s, i, k)
			}
		}
		near(i, "the sum", sum[i], total)
	}
}

// An element that is no number makes the row's sum none.
func TestScoresOfNoNumber(t *testing.T) {
	for _, set := range Sets() {
		undo := Force(set)
		for at := range 20 {
			s := Scores{Rows: 2, Stride: 48, First: 20, Most: 20}
			x, largest, sum := make([]float32, 96), []float32{lowest, lowest}, make([]float32, 2)
			x[at] = float32(math.NaN())
			s.Exp(x, 1, largest, sum)
			if sum[0] == sum[0] || sum[1] != 20 {
				t.Errorf("%v: with NaN at %d the sums are %v", set, at, sum)
			}
		}
		undo()
	}
}

func TestDotPairsAndScaleRows(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, set := range Sets() {
		undo := Force(set)
		for _, n := range []int{0, 1, 15, 16, 32, 50, 128} {
			const rows = 5
			x, y := make([]float32, rows*(n+3)), make([]float32, rows*(n+7))
			for _, v := range [][]float32{x, y} {
				for i := range v {
					v[i] = float32(r.NormFloat64())
				}
			}
			dots, z := make([]float32, rows), append([]float32(nil), x...)
			DotPairs(dots, x, n+3, y, n+7, n)
			ScaleRows(z, n+3, n, dots)
			for i, got := range dots {
				want := 0.0
				for k := range n {
					want += float64(x[i*(n+3)+k]) * float64(y[i*(n+7)+k])
				}
				if math.Abs(float64(got)-want) > 1e-5*(1+math.Sqrt(float64(n))) {
					t.Errorf("%v: product %d of rows of %d is %v, not %v", set, i, n, got, want)
				}
				for k := range n + 3 {
					want := x[i*(n+3)+k]
					if k < n {
						want *= got
					}
					if z[i*(n+3)+k] != want {
						t.Errorf("%v: element %d of a row of %d is %v, not %v", set, k, n, z[i*(n+3)+k], want)
					}
				}
			}
		}
		undo()
	}
}
