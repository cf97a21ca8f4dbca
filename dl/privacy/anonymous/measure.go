package anonymous

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/data/table"
)

// Measures are what rows that are alike in their quasi-identifiers, a class, have in common.
type Measures struct {
	Classes int
	// K is the size of the smallest class: the table is K-anonymous (Samarati and Sweeney, 1998).
	K int
	// L is, for each sensitive column, the smallest number of different values in a class: distinct l-diversity
	// (Machanavajjhala and others, 2006).
	L map[string]int
	// EntropyL is e to the power of the smallest entropy of a class: entropy l-diversity, which counts values that
	// are rare in a class for less.
	EntropyL map[string]float64
	// T is the largest distance between the values of a class and those of the table: t-closeness (Li, Li and
	// Venkatasubramanian, 2007). It is the earth mover's distance, of numbers and times over their order, and of
	// others half the sum of the differences.
	T map[string]float64
}

// Measure says how much alike rows are in the quasi-identifiers, and how different the sensitive values of those
// are. A missing value is a value of its own. It panics with a *dl.ValueError when there is no such column, or no
// quasi-identifier.
func Measure(t *table.Table, quasi []string, sensitive ...string) Measures {
	const op = "anonymous.Measure"
	mustBeTable(op, t, quasi)
	m := Measures{L: map[string]int{}, EntropyL: map[string]float64{}, T: map[string]float64{}}
	classes := classesOf(t, quasi)
	m.Classes = len(classes)
	for i, class := range classes {
		if i == 0 || len(class) < m.K {
			m.K = len(class)
		}
	}
	for _, name := range sensitive {
		v := valuesOf(t.Column(name))
		m.L[name], m.EntropyL[name], m.T[name] = 0, 0, 0
		for i, class := range classes {
			counts := v.counts(class)
			l, e := distinct(counts), math.Exp(entropy(counts, len(class)))
			if i == 0 || l < m.L[name] {
				m.L[name] = l
			}
			if i == 0 || e < m.EntropyL[name] {
				m.EntropyL[name] = e
			}
			m.T[name] = max(m.T[name], v.distance(counts, len(class)))
		}
	}
	return m
}

// String is a line for each measure.
func (m Measures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d classes, the smallest of %d rows", m.Classes, m.K)
	for _, name := range sortedKeys(m.L) {
		fmt.Fprintf(&b, "\n%s: at least %d different values in a class (by entropy %.2f), at most %.3f from the table", name, m.L[name], m.EntropyL[name], m.T[name])
	}
	return b.String()
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// mustBeTable refuses no table and no quasi-identifiers.
func mustBeTable(op string, t *table.Table, quasi []string) {
	if t == nil {
		dl.PanicValue(op, "the table is nil")
	}
	if len(quasi) == 0 {
		dl.PanicValue(op, "no quasi-identifier is named: the columns by which somebody may be found who is known from elsewhere")
	}
	for _, name := range quasi {
		t.Column(name) // panics when there is none
	}
}

// classesOf are the rows that are alike in some columns, in the order of their first rows.
func classesOf(t *table.Table, names []string) [][]int {
	columns := make([]table.Column, len(names))
	for i, name := range names {
		columns[i] = t.Column(name)
	}
	number := map[string]int{}
	var classes [][]int
	var key []byte
	for row := range t.Len() {
		key = key[:0]
		for _, c := range columns {
			if c.Missing(row) {
				key = append(key, 0)
				continue
			}
			text := c.Text(row)
			key = fmt.Appendf(append(key, 1), "%d:%s", len(text), text)
		}
		i, ok := number[string(key)]
		if !ok {
			i = len(classes)
			number[string(key)] = i
			classes = append(classes, nil)
		}
		classes[i] = append(classes[i], row)
	}
	return classes
}

// values are those of a sensitive column as numbers from 0 on, in their order if they have one.
type values struct {
	of      []int
	all     []int // how often each occurs
	ordered bool
}

func valuesOf(c table.Column) *values {
	v := &values{of: make([]int, c.Len()), ordered: c.Kind == table.Float || c.Kind == table.Int || c.Kind == table.Time}
	rows := make([]int, c.Len())
	for i := range rows {
		rows[i] = i
	}
	compare := func(a, b int) int {
		switch ma, mb := c.Missing(a), c.Missing(b); {
		case ma || mb:
			return boolInt(ma) - boolInt(mb) // missing ones last
		case v.ordered:
			return compareNumbers(c.Number(a), c.Number(b))
		}
		return strings.Compare(c.Text(a), c.Text(b))
	}
	slices.SortStableFunc(rows, compare)
	for i, row := range rows {
		if i == 0 || compare(rows[i-1], row) != 0 {
			v.all = append(v.all, 0)
		}
		v.of[row] = len(v.all) - 1
		v.all[len(v.all)-1]++
	}
	return v
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compareNumbers(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// counts says how often each value occurs in some rows.
func (v *values) counts(rows []int) []int {
	counts := make([]int, len(v.all))
	for _, row := range rows {
		counts[v.of[row]]++
	}
	return counts
}

func distinct(counts []int) int {
	n := 0
	for _, c := range counts {
		n += boolInt(c > 0)
	}
	return n
}

func entropy(counts []int, n int) float64 {
	sum := 0.0
	for _, c := range counts {
		if p := float64(c) / float64(n); p > 0 {
			sum -= p * math.Log(p)
		}
	}
	return sum
}

// distance is that of a class of n rows from the table.
func (v *values) distance(counts []int, n int) float64 {
	sum, moved := 0.0, 0.0
	for i, c := range counts {
		difference := float64(c)/float64(n) - float64(v.all[i])/float64(len(v.of))
		if moved += difference; v.ordered {
			sum += math.Abs(moved)
		} else {
			sum += math.Abs(difference) / 2
		}
	}
	if v.ordered {
		return sum / float64(max(len(counts)-1, 1))
	}
	return sum
}
