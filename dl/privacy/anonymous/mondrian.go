package anonymous

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl/data/table"
)

// Mondrian makes a table k-anonymous by the algorithm of LeFevre, DeWitt and Ramakrishnan (2006, strict and
// multidimensional): the rows are halved at the median of the quasi-identifier that has the widest range among
// them, again and again, as long as both halves keep K rows, and L different sensitive values, and a distance of at
// most T. What then is one class gets the same text in each quasi-identifier: the range "[34, 41]" of numbers and
// times, "a|b" of texts or what covers them in a tree.
//
// Texts and categories are taken in the order of their texts; those of a Tree in that of the tree, so that siblings
// stay together.
type Mondrian struct {
	K     int      // the smallest class; at least 2
	Quasi []string // the quasi-identifiers
	// Sensitive are the columns that L and T are about.
	Sensitive []string
	L         int     // different values of each sensitive column in a class; 0: any number
	T         float64 // the largest distance of a class from the table; 0: any
	// Trees say of the values of a column what they are, step by step up: see [Tree].
	Trees map[string]Tree
	// Drop leaves out rows in which a quasi-identifier is missing. Without it they are an error.
	Drop bool
}

// Apply returns the table with coarser quasi-identifiers, its rows in their order and all other columns as they
// are, and what that cost. It is an error when the whole table cannot be one class: fewer than K rows, fewer than L
// values, or a column that is not there.
func (m Mondrian) Apply(t *table.Table) (*table.Table, *Report, error) {
	if err := m.check(t); err != nil {
		return nil, nil, err
	}
	from := t
	if m.Drop {
		t = t.DropMissing(m.Quasi...)
	}
	s := &split{Mondrian: m}
	for _, name := range m.Quasi {
		c := t.Column(name)
		if n := c.MissingCount(); n > 0 {
			return nil, nil, fmt.Errorf("anonymous: %d values of the quasi-identifier %q are missing; fill them, or set Drop", n, name)
		}
		d, err := m.dimensionOf(c)
		if err != nil {
			return nil, nil, err
		}
		s.dimensions = append(s.dimensions, d)
	}
	for _, name := range m.Sensitive {
		s.sensitive = append(s.sensitive, valuesOf(t.Column(name)))
	}
	all := make([]int, t.Len())
	for i := range all {
		all[i] = i
	}
	if why := s.refuses(all); why != "" {
		return nil, nil, fmt.Errorf("anonymous: the table as a whole %s", why)
	}
	s.halve(all)
	out, losses := t, map[string]float64{}
	for i, name := range m.Quasi {
		d := s.dimensions[i]
		texts, loss := make([]string, t.Len()), 0.0
		for _, class := range s.classes {
			text, lost := d.cover(class)
			for _, row := range class {
				texts[row] = text
			}
			loss += lost * float64(len(class))
		}
		out = out.With(table.Strings(name, texts...).Categories())
		losses[name] = loss / float64(max(t.Len(), 1))
	}
	return out, report(from, out, m.Quasi, m.Sensitive, losses), nil
}

func (m Mondrian) check(t *table.Table) error {
	switch {
	case t == nil:
		return fmt.Errorf("anonymous: the table is nil")
	case m.K < 2:
		return fmt.Errorf("anonymous: K is %d; it is the number of rows that must be alike, at least 2", m.K)
	case len(m.Quasi) == 0:
		return fmt.Errorf("anonymous: no quasi-identifier is named: the columns by which somebody may be found who is known from elsewhere")
	case m.L < 0 || !(m.T >= 0 && m.T <= 1):
		return fmt.Errorf("anonymous: L is %d and T %v; L is a number of values, and T a distance from 0 to 1", m.L, m.T)
	case (m.L > 1 || m.T > 0) && len(m.Sensitive) == 0:
		return fmt.Errorf("anonymous: L and T are about Sensitive columns, of which none is named")
	}
	for _, name := range slices.Concat(m.Quasi, m.Sensitive) {
		if !t.Has(name) {
			return fmt.Errorf("anonymous: there is no column %q; there are %q", name, t.Names())
		}
	}
	for _, name := range m.Sensitive {
		if slices.Contains(m.Quasi, name) {
			return fmt.Errorf("anonymous: the column %q is a quasi-identifier and sensitive; it is one of them", name)
		}
	}
	for i, name := range m.Quasi {
		if slices.Contains(m.Quasi[:i], name) {
			return fmt.Errorf("anonymous: the quasi-identifier %q is named twice", name)
		}
	}
	for _, name := range sortedKeys(m.Trees) {
		if !slices.Contains(m.Quasi, name) {
			return fmt.Errorf("anonymous: there is a Tree for %q, which is no quasi-identifier", name)
		}
	}
	return nil
}

// split is a table being cut into classes.
type split struct {
	Mondrian
	dimensions []*dimension
	sensitive  []*values
	classes    [][]int
}

// refuses says why some rows may not be a class, "" when they may.
func (s *split) refuses(rows []int) string {
	if len(rows) < s.K {
		return fmt.Sprintf("has %d rows, fewer than K, %d", len(rows), s.K)
	}
	for i, v := range s.sensitive {
		if s.L <= 1 && s.T == 0 {
			break
		}
		counts := v.counts(rows)
		if n := distinct(counts); n < s.L {
			return fmt.Sprintf("has %d different values in %q, fewer than L, %d", n, s.Sensitive[i], s.L)
		}
		if s.T > 0 && v.distance(counts, len(rows)) > s.T {
			return fmt.Sprintf("is too far from the table in %q", s.Sensitive[i])
		}
	}
	return ""
}

// halve cuts rows into classes.
func (s *split) halve(rows []int) {
	order := make([]int, len(s.dimensions))
	width := make([]float64, len(s.dimensions))
	for i, d := range s.dimensions {
		order[i], width[i] = i, d.width(rows)
	}
	slices.SortStableFunc(order, func(a, b int) int { return compareNumbers(width[b], width[a]) })
	for _, i := range order {
		if width[i] == 0 {
			break
		}
		low, high := s.dimensions[i].cut(rows)
		if len(low) > 0 && len(high) > 0 && s.refuses(low) == "" && s.refuses(high) == "" {
			s.halve(low)
			s.halve(high)
			return
		}
	}
	s.classes = append(s.classes, rows)
}

// dimension is a quasi-identifier as numbers.
type dimension struct {
	column table.Column
	at     []float64 // of each row: the number, or the place of the text
	lo, hi float64   // of the table
	levels []string  // the texts in their order; nil of numbers
	tree   Tree
}

func (m *Mondrian) dimensionOf(c table.Column) (*dimension, error) {
	d := &dimension{column: c, at: make([]float64, c.Len()), tree: m.Trees[c.Name]}
	if d.tree == nil && (c.Kind == table.Float || c.Kind == table.Int || c.Kind == table.Time) {
		for i := range d.at {
			d.at[i] = c.Number(i)
			if math.IsInf(d.at[i], 0) {
				return nil, fmt.Errorf("anonymous: value %d of the quasi-identifier %q is infinite", i, c.Name)
			}
		}
	} else {
		place := map[string]int{}
		for i := range d.at {
			place[c.Text(i)] = 0
		}
		d.levels = sortedKeys(place)
		if d.tree != nil {
			if err := d.tree.check(c.Name); err != nil {
				return nil, err
			}
			slices.SortStableFunc(d.levels, func(a, b string) int { return slices.Compare(d.tree.path(a), d.tree.path(b)) })
		}
		for i, level := range d.levels {
			place[level] = i
		}
		for i := range d.at {
			d.at[i] = float64(place[c.Text(i)])
		}
	}
	if len(d.at) > 0 {
		d.lo, d.hi = slices.Min(d.at), slices.Max(d.at)
	}
	return d, nil
}

// bounds are the smallest and the largest number of some rows.
func (d *dimension) bounds(rows []int) (lo, hi float64) {
	lo, hi = d.at[rows[0]], d.at[rows[0]]
	for _, row := range rows {
		lo, hi = min(lo, d.at[row]), max(hi, d.at[row])
	}
	return lo, hi
}

// width is the range of some rows as a share of that of the table.
func (d *dimension) width(rows []int) float64 {
	if len(rows) == 0 || d.hi == d.lo {
		return 0
	}
	lo, hi := d.bounds(rows)
	return (hi/2 - lo/2) / (d.hi/2 - d.lo/2) // halves, so that nothing overflows
}

// cut halves rows at the median: those up to it, and those above.
func (d *dimension) cut(rows []int) (low, high []int) {
	sorted := make([]float64, len(rows))
	for i, row := range rows {
		sorted[i] = d.at[row]
	}
	slices.Sort(sorted)
	median := sorted[(len(sorted)-1)/2]
	if median == sorted[len(sorted)-1] { // the rows above would be none
		i, _ := slices.BinarySearch(sorted, median)
		if i == 0 {
			return nil, nil
		}
		median = sorted[i-1]
	}
	for _, row := range rows {
		if d.at[row] <= median {
			low = append(low, row)
		} else {
			high = append(high, row)
		}
	}
	return low, high
}

// cover is what a class gets in the place of its values, and how much of the range of the table that is (the normalised
// certainty penalty of Xu and others, 2006): 0 when all values are one.
func (d *dimension) cover(rows []int) (text string, loss float64) {
	lo, hi := d.bounds(rows)
	if d.levels == nil {
		first, last := d.text(rows, lo), d.text(rows, hi)
		if lo == hi {
			return first, 0
		}
		return "[" + first + ", " + last + "]", d.width(rows)
	}
	var texts []string
	seen := map[int]bool{}
	for _, row := range rows {
		seen[int(d.at[row])] = true
	}
	for i, level := range d.levels {
		if seen[i] {
			texts = append(texts, level)
		}
	}
	if d.tree != nil {
		return d.tree.cover(texts, d.levels)
	}
	return strings.Join(texts, "|"), float64(len(texts)-1) / float64(max(len(d.levels)-1, 1))
}

// text is a bound as it is written: a number, or the day of a time.
func (d *dimension) text(rows []int, bound float64) string {
	if d.column.Kind == table.Time {
		for _, row := range rows {
			if d.at[row] == bound {
				return d.column.Text(row)
			}
		}
	}
	return strconv.FormatFloat(bound, 'f', -1, 64)
}
