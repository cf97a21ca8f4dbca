package plotting

import (
	"fmt"
	"math"

	"modelbook/internal/number"
)

// Correlation draws how the columns of a data set rise and fall together: Pearson's coefficient of each two, from -1
// (when one is large the other is small) over 0 to 1. Pairs of values of which one is no finite number are left out; a
// column whose values are all alike has no coefficient.
func Correlation(columns []Group, opts ...FigureOption) *Figure {
	const op = "plotting.Correlation"
	o := collect(opts)
	values := columnsOf(op, columns)
	n := len(columns)
	m := matrix{rows: n, cols: n, values: make([]float64, n*n)}
	for i := range n {
		o.names.Rows = append(o.names.Rows, columns[i].Name)
		for j := range n {
			m.values[i*n+j] = correlation(values[i], values[j])
		}
	}
	o.names.Columns = o.names.Rows
	h := newHeat(m, &colorBar{values: m.values, lo: -1, hi: 1, signed: true}, o)
	h.places = 2
	return h.figure("correlations")
}

// columnsOf are the values of groups that have as many each.
func columnsOf(op string, columns []Group) [][]float64 {
	var all [][]float64
	for i, c := range columns {
		all = append(all, numbers(op, c.Values))
		if len(all[i]) != len(all[0]) {
			panic(fmt.Sprintf("%s: column %d has %s, the first has %d: give as many of each", op, i, number.Plural(len(all[i]), "value", "values"), len(all[0])))
		}
	}
	return all
}

// correlation is Pearson's coefficient of the pairs that are finite.
func correlation(x, y []float64) float64 {
	var a, b []float64
	for i := range x {
		if finite(x[i]) && finite(y[i]) {
			a, b = append(a, x[i]), append(b, y[i])
		}
	}
	meanA, deviationA := moments(a)
	meanB, deviationB := moments(b)
	if !(deviationA > math.Abs(meanA)*1e-14) || !(deviationB > math.Abs(meanB)*1e-14) {
		return math.NaN()
	}
	r := 0.0
	for i := range a {
		r += (a[i]/deviationA - meanA/deviationA) * (b[i]/deviationB - meanB/deviationB) / float64(len(a))
	}
	return min(max(r, -1), 1)
}
