package table

import (
	"math"
	"slices"
	"time"

	"modelbook/dl"
)

// Row is a row of a table, for Filter and loops.
type Row struct {
	t *Table
	i int
}

// given panics when something that a function needs is nil.
func given(op, what string, there bool) {
	if !there {
		dl.PanicValue(op, "%s is nil", what)
	}
}

// Row is row i.
func (t *Table) Row(i int) Row {
	if i < 0 || i >= t.rows {
		dl.PanicValue("table.Row", "there is no row %d in a table of %d", i, t.rows)
	}
	return Row{t, i}
}

// Number is the row's number in its table.
func (r Row) Number() int { return r.i }

// Missing says whether the value of a column is missing.
func (r Row) Missing(name string) bool { return r.column("table.Row.Missing", name).Missing(r.i) }

// Float is the value of a column as a number: see [Column.Number].
func (r Row) Float(name string) float64 { return r.column("table.Row.Float", name).Number(r.i) }

// Int is the value of a column of integers, 0 when it is missing.
func (r Row) Int(name string) int64 { return r.of("table.Row.Int", name, Int).Ints[r.i] }

// Text is the value of a column as text, "" when it is missing.
func (r Row) Text(name string) string { return r.column("table.Row.Text", name).Text(r.i) }

// Bool is the value of a column of truth values, false when it is missing.
func (r Row) Bool(name string) bool { return r.of("table.Row.Bool", name, Bool).Bools[r.i] }

// Time is the value of a column of times, the zero time when it is missing.
func (r Row) Time(name string) time.Time { return r.of("table.Row.Time", name, Time).Times[r.i] }

func (r Row) column(op, name string) *Column {
	if r.t == nil {
		dl.PanicValue(op, "a Row is made by Table.Row, and given by Filter; a zero one is of no table")
	}
	for i := range r.t.columns { // without a copy of the column: this runs for every row
		if r.t.columns[i].Name == name {
			return &r.t.columns[i]
		}
	}
	r.t.must(op, name)
	return nil
}

func (r Row) of(op, name string, k Kind) *Column {
	c := r.column(op, name)
	if c.Kind != k {
		dl.PanicValue(op, "column %q has values of kind %v, not %v", name, c.Kind, k)
	}
	return c
}

// Take is the rows with the given numbers, in their order.
func (t *Table) Take(rows ...int) *Table {
	for _, i := range rows {
		if i < 0 || i >= t.rows {
			dl.PanicValue("table.Take", "there is no row %d in a table of %d", i, t.rows)
		}
	}
	return t.take(rows)
}

func (t *Table) take(rows []int) *Table {
	out := &Table{rows: len(rows), columns: make([]Column, len(t.columns))}
	for i, c := range t.columns {
		out.columns[i] = c.Take(rows)
	}
	return out
}

// Slice is the rows from lo up to hi.
func (t *Table) Slice(lo, hi int) *Table {
	if lo < 0 || hi < lo || hi > t.rows {
		dl.PanicValue("table.Slice", "there are no rows %d to %d in a table of %d", lo, hi, t.rows)
	}
	rows := make([]int, hi-lo)
	for i := range rows {
		rows[i] = lo + i
	}
	return t.take(rows)
}

// Head is the first n rows, or all when there are fewer.
func (t *Table) Head(n int) *Table { return t.Slice(0, min(max(n, 0), t.rows)) }

// Tail is the last n rows, or all when there are fewer.
func (t *Table) Tail(n int) *Table { return t.Slice(t.rows-min(max(n, 0), t.rows), t.rows) }

// Sample is n rows at random, without replacement, or all when there are fewer.
func (t *Table) Sample(n int, r *dl.Rand) *Table {
	return t.take(r.Perm(t.rows)[:min(max(n, 0), t.rows)])
}

// Filter is the rows for which keep says true.
func (t *Table) Filter(keep func(r Row) bool) *Table {
	given("table.Filter", "the function", keep != nil)
	var rows []int
	for i := range t.rows {
		if keep(Row{t, i}) {
			rows = append(rows, i)
		}
	}
	return t.take(rows)
}

// DropMissing is the rows in which no value of the given columns is missing; without names, of all columns.
func (t *Table) DropMissing(names ...string) *Table {
	columns := t.columns
	if len(names) > 0 {
		columns = t.Select(names...).columns
	}
	return t.Filter(func(r Row) bool {
		return !slices.ContainsFunc(columns, func(c Column) bool { return c.Missing(r.i) })
	})
}

// Unique is the first row of each combination of values in the given columns; without names, in all columns.
func (t *Table) Unique(names ...string) *Table {
	columns := t.columns
	if len(names) > 0 {
		columns = t.Select(names...).columns
	}
	seen := map[string]bool{}
	var rows []int
	var key []byte
	for i := range t.rows {
		if key = appendKey(key[:0], columns, i); !seen[string(key)] {
			seen[string(key)] = true
			rows = append(rows, i)
		}
	}
	return t.take(rows)
}

// appendKey appends what tells the row's values in some columns from others.
func appendKey(b []byte, columns []Column, row int) []byte {
	for _, c := range columns {
		if c.Missing(row) {
			b = append(b, 0)
			continue
		}
		var bits uint64
		switch c.Kind {
		case String, Category:
			text := c.Text(row)
			b = append(b, 1)
			bits = uint64(len(text))
			b = appendBits(b, bits)
			b = append(b, text...)
			continue
		case Time:
			b = append(b, 2)
			b = appendBits(b, uint64(c.Times[row].Unix()))
			bits = uint64(c.Times[row].Nanosecond())
		default: // numbers of all kinds are equal when their values are
			b = append(b, 3)
			v := c.Number(row)
			if c.Kind == Int && int64(v) != c.Ints[row] {
				b[len(b)-1] = 4
				bits = uint64(c.Ints[row])
				break
			}
			bits = math.Float64bits(v + 0) // -0 is 0
		}
		b = appendBits(b, bits)
	}
	return b
}

func appendBits(b []byte, v uint64) []byte {
	for shift := 0; shift < 64; shift += 8 {
		b = append(b, byte(v>>shift))
	}
	return b
}
