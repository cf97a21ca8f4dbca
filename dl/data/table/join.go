package table

import (
	"slices"

	"modelbook/dl"
)

// maxJoin is the number of rows above which a join is refused: each row of one table with each of the other is soon
// more than there is memory.
const maxJoin = 1 << 28

// Join puts the rows of two tables beside each other whose values in the columns on are equal: an inner join. The
// result has the rows in the order of t, and of one row of t in the order of other. As in databases, and unlike pandas,
// a missing value is equal to none. A column of other whose name t has as well gets "_right" behind its name.
func (t *Table) Join(other *Table, on ...string) *Table {
	return t.join("table.Join", other, on, false)
}

// LeftJoin is Join that keeps the rows of t without a partner: the columns of other are missing there.
func (t *Table) LeftJoin(other *Table, on ...string) *Table {
	return t.join("table.LeftJoin", other, on, true)
}

func (t *Table) join(op string, other *Table, on []string, left bool) *Table {
	given(op, "the other table", other != nil)
	if len(on) == 0 {
		dl.PanicValue(op, "no column is named to join by")
	}
	var mine, theirs []Column
	for _, name := range on {
		a, b := t.columns[t.must(op, name)], other.columns[other.must(op, name)]
		if class(a.Kind) != class(b.Kind) {
			dl.PanicValue(op, "column %q is %v in one table and %v in the other", name, a.Kind, b.Kind)
		}
		mine, theirs = append(mine, a), append(theirs, b)
	}
	missing := func(columns []Column, i int) bool {
		return slices.ContainsFunc(columns, func(c Column) bool { return c.Missing(i) })
	}
	partners := map[string][]int{}
	var key []byte
	for i := range other.rows {
		if !missing(theirs, i) {
			key = appendKey(key[:0], theirs, i)
			partners[string(key)] = append(partners[string(key)], i)
		}
	}
	found := make([][]int, t.rows)
	total := 0
	for i := range t.rows {
		if !missing(mine, i) {
			key = appendKey(key[:0], mine, i)
			found[i] = partners[string(key)]
		}
		total += len(found[i])
		if left && len(found[i]) == 0 {
			total++
		}
		if total > maxJoin {
			dl.PanicValue(op, "more than %d rows: the values of %s repeat in both tables", maxJoin, quoted(on))
		}
	}
	a, b := make([]int, 0, total), make([]int, 0, total)
	for i, rows := range found {
		for _, j := range rows {
			a, b = append(a, i), append(b, j)
		}
		if left && len(rows) == 0 {
			a, b = append(a, i), append(b, -1)
		}
	}
	columns := t.take(a).columns
	for _, c := range other.columns {
		if slices.Contains(on, c.Name) {
			continue
		}
		c = c.Take(b)
		for slices.ContainsFunc(columns, func(have Column) bool { return have.Name == c.Name }) {
			c.Name += "_right"
		}
		columns = append(columns, c)
	}
	return New(columns...)
}

// class puts kinds together whose values may be equal.
func class(k Kind) Kind {
	switch k {
	case Category:
		return String
	case Int, Bool:
		return Float
	}
	return k
}
