package table

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
)

// random is a table of n rows with columns of all kinds, many values of which are equal or missing.
func random(n int, r *dl.Rand) *Table {
	floats, ints, texts := make([]float64, n), make([]int64, n), make([]string, n)
	bools, kinds, times, gaps := make([]bool, n), make([]string, n), make([]time.Time, n), make([]bool, n)
	for i := range n {
		floats[i] = []float64{math.NaN(), math.Inf(-1), -2.5, math.Copysign(0, -1), 0, 1e-300, 7, math.Inf(1)}[r.IntN(8)]
		ints[i] = []int64{math.MinInt64, -1, 0, 3, math.MaxInt64}[r.IntN(5)]
		texts[i] = []string{"", "a", "a\x00", "common prefix ", "common prefix", "ü"}[r.IntN(6)] + strconv.Itoa(r.IntN(3))
		bools[i], kinds[i] = r.IntN(2) == 0, "k"+strconv.Itoa(r.IntN(4))
		times[i] = time.Date([]int{1, 1969, 2024, 9999}[r.IntN(4)], 1, 1, 0, 0, 0, r.IntN(3), time.UTC)
		gaps[i] = r.IntN(7) == 0
	}
	all := []Column{Floats("float", floats...), Ints("int", ints...), Strings("text", texts...), Bools("bool", bools...), Categories("kind", kinds...), Times("time", times...)}
	for i := range all {
		if k := all[i].Kind; k != Float && k != Category {
			all[i].Gaps = gaps
		}
	}
	return New(all...)
}

// Rows are in the order that a stable sort by comparisons gives them.
func TestSortOfAllKinds(t *testing.T) {
	r := dl.NewRand(5)
	for _, n := range []int{0, 1, 2, 50, 3000} {
		p := random(n, r)
		for _, names := range [][]string{{"float"}, {"-float"}, {"int"}, {"-int"}, {"text"}, {"-text"}, {"bool"}, {"kind"}, {"-kind"}, {"time"}, {"-time"}, {"-bool", "text", "-time"}, {"kind", "-float", "int"}} {
			want := make([]int, n)
			for i := range want {
				want[i] = i
			}
			slices.SortStableFunc(want, func(a, b int) int {
				for _, name := range names {
					name, down := strings.CutPrefix(name, "-")
					c := p.Column(name)
					order := 0
					switch {
					case c.Missing(a) && c.Missing(b):
						continue
					case c.Missing(a):
						return 1
					case c.Missing(b):
						return -1
					case c.Kind == String:
						order = strings.Compare(c.Strings[a], c.Strings[b])
					case c.Kind == Time:
						order = c.Times[a].Compare(c.Times[b])
					case c.Kind == Int:
						order = cmp.Compare(c.Ints[a], c.Ints[b])
					default:
						order = cmp.Compare(c.Number(a), c.Number(b))
					}
					if down {
						order = -order
					}
					if order != 0 {
						return order
					}
				}
				return 0
			})
			numbers := make([]int64, n)
			for i := range numbers {
				numbers[i] = int64(i)
			}
			got := p.With(Ints("row", numbers...)).Sort(names...).Column("row").Ints
			for i := range want {
				if got[i] != int64(want[i]) {
					t.Fatalf("%d rows by %q: row %d is %d, want %d", n, names, i, got[i], want[i])
				}
			}
		}
	}
}

// BenchmarkSort is beside a stable sort of row numbers by the standard library, which takes 12 times as long for floats.
func BenchmarkSort(b *testing.B) {
	const n = 1 << 20
	r := dl.NewRand(1)
	values, texts := make([]float64, n), make([]string, n)
	for i := range values {
		values[i], texts[i] = r.Float64(), strconv.Itoa(r.IntN(n))
	}
	p := New(Floats("float", values...), Strings("text", texts...))
	for _, name := range []string{"float", "text"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p.Select(name).Sort(name)
			}
		})
	}
	b.Run("slices", func(b *testing.B) {
		for b.Loop() {
			rows := make([]int, n)
			for i := range rows {
				rows[i] = i
			}
			slices.SortStableFunc(rows, func(x, y int) int { return cmp.Compare(values[x], values[y]) })
		}
	})
}
