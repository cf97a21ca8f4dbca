package table

import (
	"cmp"
	"math"
	"slices"

	"modelbook/dl"
)

// Describe is a table with a row for each column: its kind, how many values it has and how many are missing; of
// numbers mean, standard deviation (of a sample, as in pandas) and quantiles, and of the others how many different
// values there are, the most frequent one and how often that occurs.
func (t *Table) Describe() *Table {
	n := len(t.columns)
	names, kinds := make([]string, n), make([]string, n)
	count, missing := make([]int64, n), make([]int64, n)
	labels := []string{"mean", "std", "min", "25%", "50%", "75%", "max"}
	measures := make([][]float64, len(labels))
	for i := range measures {
		measures[i] = make([]float64, n)
	}
	unique, freq, top := make([]int64, n), make([]int64, n), make([]string, n)
	numeric, other := make([]bool, n), make([]bool, n)
	for i, c := range t.columns {
		names[i], kinds[i] = c.Name, c.Kind.String()
		missing[i] = int64(c.MissingCount())
		count[i] = int64(c.Len()) - missing[i]
		for _, m := range measures {
			m[i] = math.NaN()
		}
		if c.Kind == Float || c.Kind == Int {
			numeric[i] = true
			v := present(c, nil)
			measures[0][i], measures[1][i] = mean(v), std(v)
			v = ascending(v)
			for k, q := range []float64{0, 0.25, 0.5, 0.75, 1} {
				measures[2+k][i] = quantileOf(v, q)
			}
			continue
		}
		other[i] = true
		counts := t.Counts(c.Name)
		unique[i] = int64(counts.Len())
		if counts.Len() > 0 {
			top[i], freq[i] = counts.columns[0].Text(0), counts.columns[1].Ints[0]
		} else {
			other[i] = false
		}
	}
	columns := []Column{Strings("column", names...), Strings("kind", kinds...), Ints("count", count...), Ints("missing", missing...)}
	if slices.Contains(numeric, true) {
		for k, label := range labels {
			columns = append(columns, Floats(label, measures[k]...))
		}
	}
	if slices.Contains(other, true) {
		gaps := make([]bool, n)
		for i := range gaps {
			gaps[i] = !other[i]
		}
		columns = append(columns, Column{Name: "unique", Kind: Int, Ints: unique, Gaps: gaps},
			Column{Name: "top", Kind: String, Strings: top, Gaps: gaps}, Column{Name: "freq", Kind: Int, Ints: freq, Gaps: gaps})
	}
	return New(columns...)
}

// Counts is how often each value of a column occurs, the most frequent first and of equally frequent ones the smallest:
// a table of the column and "count". Missing values are left out.
func (t *Table) Counts(name string) *Table {
	c := t.columns[t.must("table.Counts", name)]
	first := map[string]int{}
	var rows []int
	counts := map[string]int64{}
	var key []byte
	keys := make([]string, 0)
	for i := range c.Len() {
		if c.Missing(i) {
			continue
		}
		key = appendKey(key[:0], []Column{c}, i)
		if _, ok := first[string(key)]; !ok {
			first[string(key)] = len(rows)
			rows = append(rows, i)
			keys = append(keys, string(key))
		}
		counts[string(key)]++
	}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(counts[keys[b]], counts[keys[a]]), c.compare(rows[a], rows[b]))
	})
	taken, n := make([]int, len(order)), make([]int64, len(order))
	for i, k := range order {
		taken[i], n[i] = rows[k], counts[keys[k]]
	}
	label := "count"
	if name == label {
		label = "count.1"
	}
	return New(c.Take(taken), Ints(label, n...))
}

// present are the numbers of some rows of a column (nil: all) that are not missing.
func present(c Column, rows []int) []float64 {
	var out []float64
	add := func(i int) {
		if v := c.Number(i); !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	if rows == nil {
		for i := range c.Len() {
			add(i)
		}
	}
	for _, i := range rows {
		add(i)
	}
	return out
}

func sum(v []float64) float64 {
	// Kahan's summation, as pandas uses where it sums groups.
	total, lost := 0.0, 0.0
	for _, x := range v {
		y := x - lost
		next := total + y
		lost = (next - total) - y
		if math.IsNaN(lost) || math.IsInf(lost, 0) {
			lost = 0
		}
		total = next
	}
	return total
}

func mean(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return sum(v) / float64(len(v))
}

// variance divides by n-1.
func variance(v []float64) float64 {
	if len(v) < 2 {
		return math.NaN()
	}
	m := mean(v)
	squares := make([]float64, len(v))
	for i, x := range v {
		squares[i] = (x - m) * (x - m)
	}
	return sum(squares) / float64(len(v)-1)
}

func std(v []float64) float64 { return math.Sqrt(variance(v)) }

// ascending are values in their order.
func ascending(v []float64) []float64 { return dl.Wrap(v, len(v)).Sort(0).Float64s() }

// quantile is quantileOf of values in any order.
func quantile(q float64) func(v []float64) float64 {
	return func(v []float64) float64 { return quantileOf(ascending(v), q) }
}

// quantileOf interpolates between the two values nearest of ascending ones, as NumPy and pandas do.
func quantileOf(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	at := q * float64(len(v)-1)
	lo := int(at)
	if lo+1 >= len(v) || at == float64(lo) {
		return v[lo]
	}
	return v[lo] + (v[lo+1]-v[lo])*(at-float64(lo))
}
