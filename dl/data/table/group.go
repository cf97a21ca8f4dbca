package table

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// Groups are the rows of a table that have the same values in some columns.
type Groups struct {
	t    *Table
	by   []string
	rows [][]int // of each group, groups in the order of their values
}

// GroupBy makes groups of the rows with equal values in the given columns, sorted by these. As in pandas, a row in
// which one of them is missing is in no group.
func (t *Table) GroupBy(names ...string) *Groups {
	if len(names) == 0 {
		dl.PanicValue("table.GroupBy", "no column is named to group by")
	}
	columns := t.Select(names...).columns
	number := map[string]int{}
	g := &Groups{t: t, by: names}
	var key []byte
	for i := range t.rows {
		if slices.ContainsFunc(columns, func(c Column) bool { return c.Missing(i) }) {
			continue
		}
		key = appendKey(key[:0], columns, i)
		at, ok := number[string(key)]
		if !ok {
			at = len(g.rows)
			number[string(key)] = at
			g.rows = append(g.rows, nil)
		}
		g.rows[at] = append(g.rows[at], i)
	}
	slices.SortStableFunc(g.rows, func(a, b []int) int {
		for _, c := range columns {
			if order := c.compare(a[0], b[0]); order != 0 {
				return order
			}
		}
		return 0
	})
	return g
}

// made refuses Groups that GroupBy has not made.
func (g *Groups) made(op string) {
	if g.t == nil {
		dl.PanicValue(op, "Groups are made by Table.GroupBy; zero ones are of no table")
	}
}

// Len is the number of groups.
func (g *Groups) Len() int { return len(g.rows) }

// All calls f with each group as a table.
func (g *Groups) All(yield func(i int, group *Table) bool) {
	given("table.Groups.All", "the function", yield != nil)
	for i, rows := range g.rows {
		if !yield(i, g.t.take(rows)) {
			return
		}
	}
}

// Numbers is the number of the group of each row, -1 of a row in none: such as the groups of data.GroupKFold.
func (g *Groups) Numbers() []int {
	g.made("table.Groups.Numbers")
	out := make([]int, g.t.rows)
	for i := range out {
		out[i] = -1
	}
	for n, rows := range g.rows {
		for _, i := range rows {
			out[i] = n
		}
	}
	return out
}

// Aggregate says what a group's values of a column become. As names the column of results; otherwise it is the
// column's name and that of the aggregate, such as "mass_mean".
type Aggregate struct {
	Column string // whose values; "" of Count
	Name   string // what is computed
	As     string // the name of the result

	number func(v []float64) float64          // of numbers that are not missing
	rows   func(c Column, rows []int) int64   // a count
	choose func(c Column, rows []int) (i int) // one of the rows; -1: none
}

// Named is the aggregate with another name for its results.
func (a Aggregate) Named(name string) Aggregate {
	a.As = name
	return a
}

// Count counts the rows of a group; the result is named "count".
func Count() Aggregate {
	return Aggregate{Name: "count", As: "count", rows: func(_ Column, rows []int) int64 { return int64(len(rows)) }}
}

// Present counts the values that are not missing: count of pandas.
func Present(column string) Aggregate {
	return Aggregate{Column: column, Name: "present", rows: func(c Column, rows []int) int64 {
		n := int64(0)
		for _, i := range rows {
			if !c.Missing(i) {
				n++
			}
		}
		return n
	}}
}

// Unique counts the different values that are not missing: nunique of pandas.
func Unique(column string) Aggregate {
	return Aggregate{Column: column, Name: "unique", rows: func(c Column, rows []int) int64 {
		seen := map[string]bool{}
		var key []byte
		for _, i := range rows {
			if !c.Missing(i) {
				key = appendKey(key[:0], []Column{c}, i)
				seen[string(key)] = true
			}
		}
		return int64(len(seen))
	}}
}

// Sum adds up values, Mean is their average, Median their middle, Std their standard deviation and Var their variance
// (of a sample, with n-1, as in pandas). Missing values are left out; of none, all are missing but the sum, which is 0.
func Sum(column string) Aggregate    { return Aggregate{Column: column, Name: "sum", number: sum} }
func Mean(column string) Aggregate   { return Aggregate{Column: column, Name: "mean", number: mean} }
func Median(column string) Aggregate { return Quantile(column, 0.5).called("median") }
func Std(column string) Aggregate    { return Aggregate{Column: column, Name: "std", number: std} }
func Var(column string) Aggregate    { return Aggregate{Column: column, Name: "var", number: variance} }

// Quantile is the value below which a share q of the values lies, interpolated.
func Quantile(column string, q float64) Aggregate {
	if !(q >= 0 && q <= 1) {
		dl.PanicValue("table.Quantile", "a share of %v lies outside 0 to 1", q)
	}
	return Aggregate{Column: column, Name: fmt.Sprintf("q%g", q*100), number: quantile(q)}
}

func (a Aggregate) called(name string) Aggregate {
	a.Name = name
	return a
}

// Min, Max, First and Last are one of a group's values: the smallest, the largest, the first and the last that is not
// missing. They keep the column's kind.
func Min(column string) Aggregate {
	return best(column, "min", func(c Column, a, b int) bool { return c.compare(a, b) < 0 })
}
func Max(column string) Aggregate {
	return best(column, "max", func(c Column, a, b int) bool { return c.compare(a, b) > 0 })
}
func First(column string) Aggregate {
	return best(column, "first", func(c Column, a, b int) bool { return false })
}
func Last(column string) Aggregate {
	return best(column, "last", func(c Column, a, b int) bool { return true })
}

func best(column, name string, better func(c Column, a, b int) bool) Aggregate {
	return Aggregate{Column: column, Name: name, choose: func(c Column, rows []int) int {
		at := -1
		for _, i := range rows {
			if !c.Missing(i) && (at < 0 || better(c, i, at)) {
				at = i
			}
		}
		return at
	}}
}

// Aggregate is a table with a row for each group: the columns of GroupBy and one for each aggregate.
func (g *Groups) Aggregate(aggregates ...Aggregate) *Table {
	g.made("table.Aggregate")
	firsts := make([]int, len(g.rows))
	for i, rows := range g.rows {
		firsts[i] = rows[0]
	}
	columns := g.t.Select(g.by...).take(firsts).columns
	for _, a := range aggregates {
		columns = append(columns, g.aggregate(a))
	}
	out := &Table{}
	if fault := out.set(columns); fault != "" {
		dl.PanicValue("table.Aggregate", "%s; Named gives an aggregate another name", fault)
	}
	return out
}

func (g *Groups) aggregate(a Aggregate) Column {
	name := a.As
	if name == "" {
		name = a.Column + "_" + a.Name
	}
	if a.rows == nil && a.choose == nil && a.number == nil {
		dl.PanicValue("table.Aggregate", "an Aggregate is made by Mean, Count and their like")
	}
	var c Column
	if a.Name != "count" {
		c = g.t.columns[g.t.must("table.Aggregate", a.Column)]
	}
	switch {
	case a.rows != nil:
		out := make([]int64, len(g.rows))
		for i, rows := range g.rows {
			out[i] = a.rows(c, rows)
		}
		return Ints(name, out...)
	case a.choose != nil:
		rows := make([]int, len(g.rows))
		for i := range rows {
			rows[i] = a.choose(c, g.rows[i])
		}
		return c.Take(rows).Rename(name)
	case !c.Numeric():
		dl.PanicValue("table.Aggregate", "the %s of column %q, which is of kind %v: only numbers have one", a.Name, a.Column, c.Kind)
	case a.Name == "sum" && c.Kind == Int: // exactly
		out := make([]int64, len(g.rows))
		for i, rows := range g.rows {
			for _, r := range rows {
				if !c.Missing(r) {
					out[i] += c.Ints[r]
				}
			}
		}
		return Ints(name, out...)
	}
	out := make([]float64, len(g.rows))
	for i, rows := range g.rows {
		out[i] = a.number(present(c, rows))
	}
	return Floats(name, out...)
}
