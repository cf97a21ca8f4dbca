package table

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
)

// Table is columns of one length, each with a name of its own. The zero Table has none.
type Table struct {
	columns []Column
	rows    int
}

// New makes a table of columns. It panics with a *dl.ValueError when they differ in length or two have one name.
func New(columns ...Column) *Table {
	t := &Table{}
	if fault := t.set(columns); fault != "" {
		dl.PanicValue("table.New", "%s", fault)
	}
	return t
}

// set gives a table its columns and says what is wrong with them.
func (t *Table) set(columns []Column) string {
	rows := 0
	seen := map[string]bool{}
	for i, c := range columns {
		if fault := c.check(); fault != "" {
			return fault
		}
		if i == 0 {
			rows = c.Len()
		}
		switch {
		case c.Len() != rows:
			return fmt.Sprintf("column %q has %d values, %q has %d", c.Name, c.Len(), columns[0].Name, rows)
		case seen[c.Name]:
			return fmt.Sprintf("two columns have the name %q", c.Name)
		}
		seen[c.Name] = true
	}
	t.columns, t.rows = slices.Clone(columns), rows
	return ""
}

// State returns the columns, and SetState takes them. Saved sessions hold them.
func (t *Table) State() []Column { return t.columns }

// SetState makes t the table of these columns.
func (t *Table) SetState(columns []Column) error {
	if fault := t.set(columns); fault != "" {
		return fmt.Errorf("table: %s", fault)
	}
	return nil
}

// Len is the number of rows.
func (t *Table) Len() int { return t.rows }

// Names are the columns' names, in their order.
func (t *Table) Names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	return names
}

// Has says whether there is a column of a name.
func (t *Table) Has(name string) bool { return t.find(name) >= 0 }

func (t *Table) find(name string) int {
	return slices.IndexFunc(t.columns, func(c Column) bool { return c.Name == name })
}

// Column is the column of a name. It panics with a *dl.ValueError that lists the names when there is none.
func (t *Table) Column(name string) Column { return t.columns[t.must("table.Column", name)] }

// Columns are all columns.
func (t *Table) Columns() []Column { return slices.Clone(t.columns) }

func (t *Table) must(op, name string) int {
	i := t.find(name)
	if i < 0 {
		dl.PanicValue(op, "there is no column %q; there are %s", name, quoted(t.Names()))
	}
	return i
}

// quoted lists names, of many the first.
func quoted(names []string) string {
	const most = 20
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", name)
	}
	if len(names) == 0 {
		return "none"
	}
	return b.String()
}

// Select is some columns, in the order given.
func (t *Table) Select(names ...string) *Table {
	out := &Table{rows: t.rows}
	for _, name := range names {
		out.columns = append(out.columns, t.columns[t.must("table.Select", name)])
	}
	if fault := out.set(out.columns); fault != "" {
		dl.PanicValue("table.Select", "%s", fault)
	}
	return out
}

// Drop is all columns but some.
func (t *Table) Drop(names ...string) *Table {
	for _, name := range names {
		t.must("table.Drop", name)
	}
	var keep []string
	for _, name := range t.Names() {
		if !slices.Contains(names, name) {
			keep = append(keep, name)
		}
	}
	return t.Select(keep...)
}

// With is the table with a column added at its end, or in place of the one of its name.
func (t *Table) With(c Column) *Table {
	columns := slices.Clone(t.columns)
	if i := t.find(c.Name); i >= 0 {
		columns[i] = c
	} else {
		columns = append(columns, c)
	}
	out := &Table{}
	if fault := out.set(columns); fault != "" {
		dl.PanicValue("table.With", "%s", fault)
	}
	return out
}

// Rename gives a column another name.
func (t *Table) Rename(from, to string) *Table {
	columns := slices.Clone(t.columns)
	columns[t.must("table.Rename", from)].Name = to
	out := &Table{}
	if fault := out.set(columns); fault != "" {
		dl.PanicValue("table.Rename", "%s", fault)
	}
	return out
}

// Append is the rows of t and then those of others, which need the same columns, in any order.
func (t *Table) Append(others ...*Table) *Table {
	out := &Table{}
	for _, c := range t.columns {
		parts := []Column{c}
		for i, o := range others {
			given("table.Append", fmt.Sprintf("table %d", i), o != nil)
			if len(o.columns) != len(t.columns) {
				dl.PanicValue("table.Append", "tables with the columns %s and %s do not go together", quoted(t.Names()), quoted(o.Names()))
			}
			part := o.columns[o.must("table.Append", c.Name)]
			if part.Kind != c.Kind {
				dl.PanicValue("table.Append", "column %q is %v in one table and %v in another", c.Name, c.Kind, part.Kind)
			}
			parts = append(parts, part)
		}
		out.columns = append(out.columns, joined(parts))
	}
	out.set(out.columns)
	return out
}

// joined puts columns of one kind one after the other.
func joined(parts []Column) Column {
	out := Column{Name: parts[0].Name, Kind: parts[0].Kind}
	if out.Kind == Category {
		var texts []string
		var gaps []bool
		for _, p := range parts {
			for i := range p.Len() {
				texts, gaps = append(texts, p.Text(i)), append(gaps, p.Missing(i))
			}
		}
		return categories(out.Name, texts, gaps)
	}
	gaps := slices.ContainsFunc(parts, func(p Column) bool { return p.Gaps != nil })
	for _, p := range parts {
		out.Floats, out.Ints, out.Strings = append(out.Floats, p.Floats...), append(out.Ints, p.Ints...), append(out.Strings, p.Strings...)
		out.Bools, out.Times = append(out.Bools, p.Bools...), append(out.Times, p.Times...)
		if gaps {
			own := p.Gaps
			if own == nil {
				own = make([]bool, p.Len())
			}
			out.Gaps = append(out.Gaps, own...)
		}
	}
	return out
}
