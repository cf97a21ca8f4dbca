package display

import (
	"fmt"
	"html"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/internal/columns"
	"modelbook/internal/number"
)

const (
	maxRows    = 30 // rows of a table that are shown
	maxColumns = 20
	cellWidth  = 60 // characters of a table's cell
)

// grid is a table to be shown.
type grid struct {
	title         string // above the text form, may be ""
	head          []string
	rows          [][]string
	number        []bool // columns of numbers, aligned right
	rowsMore      int    // rows not shown
	columnsMore   int
	labels        bool // the first column holds row labels
	numericLabels bool
}

// table shows slices of structs, of slices and of maps, and maps, as a table.
func table(r reflect.Value) (rich, aligned string, ok bool) {
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	var g *grid
	switch r.Kind() {
	case reflect.Map:
		g = mapGrid(r)
	case reflect.Slice, reflect.Array:
		g = sliceGrid(r)
	}
	if g == nil {
		return "", "", false
	}
	return g.html(), g.text(), true
}

// field is a column of a table of structs.
type field struct {
	name  string
	index []int
}

// fields lists the columns of a struct type; embedded structs are opened.
func fields(t reflect.Type, index []int) []field {
	var list []field
	for i := range t.NumField() {
		f := t.Field(i)
		at := append(append([]int{}, index...), i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct && !speaks(f.Type) && len(at) < 4 {
			list = append(list, fields(f.Type, at)...)
			continue
		}
		if f.Name != "_" {
			list = append(list, field{f.Name, at})
		}
	}
	return list
}

// speaks reports whether values of the type say themselves what they are.
func speaks(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[fmt.Stringer]()) || t.Implements(reflect.TypeFor[error]()) ||
		t.Implements(reflect.TypeFor[fmt.Formatter]())
}

// structured returns the struct type behind t, through one pointer, or nil
// when t is none or shows itself in its own way.
func structured(t reflect.Type) reflect.Type {
	if speaks(t) {
		return nil
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || speaks(t) || t.NumField() == 0 {
		return nil
	}
	return t
}

func sliceGrid(r reflect.Value) *grid {
	elem, n := r.Type().Elem(), r.Len()
	if n == 0 {
		return nil
	}
	shown := min(n, maxRows)
	if s := structured(elem); s != nil {
		g := &grid{labels: true, numericLabels: true, head: []string{""}}
		columns := fields(s, nil)
		if len(columns) == 0 {
			return nil
		}
		columns = g.limit(columns)
		for _, c := range columns {
			g.head = append(g.head, c.name)
		}
		for i := range shown {
			g.add(strconv.Itoa(i), structCells(r.Index(i), columns))
		}
		return g.done(n)
	}
	switch {
	case speaks(elem):
	case elem.Kind() == reflect.Slice || elem.Kind() == reflect.Array:
		return listGrid(r, shown)
	case elem.Kind() == reflect.Map && elem.Key().Kind() == reflect.String:
		return recordGrid(r, shown)
	}
	return nil
}

// listGrid shows a slice of slices of plain values.
func listGrid(r reflect.Value, shown int) *grid {
	elem := r.Type().Elem().Elem()
	switch elem.Kind() {
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct, reflect.Pointer, reflect.Uint8, reflect.Func, reflect.Chan:
		return nil // deeper than a table, or bytes
	}
	width := 0
	for i := range shown {
		width = max(width, r.Index(i).Len())
	}
	if width == 0 {
		return nil
	}
	g := &grid{labels: true, numericLabels: true, head: []string{""}}
	if width > maxColumns {
		g.columnsMore, width = width-maxColumns, maxColumns
	}
	for j := range width {
		g.head = append(g.head, strconv.Itoa(j))
	}
	for i := range shown {
		row := r.Index(i)
		cells := make([]reflect.Value, width)
		for j := range min(width, row.Len()) {
			cells[j] = row.Index(j)
		}
		g.add(strconv.Itoa(i), cells)
	}
	return g.done(r.Len())
}

// recordGrid shows a slice of maps with string keys, one column a key.
func recordGrid(r reflect.Value, shown int) *grid {
	g := &grid{labels: true, numericLabels: true, head: []string{""}}
	var keys []reflect.Value
	known, rows := map[string]bool{}, make([]map[string]reflect.Value, shown)
	for i := range shown {
		list, err := entries(r.Index(i), maxSorted)
		if err != nil {
			return nil
		}
		rows[i] = map[string]reflect.Value{}
		for _, e := range list {
			rows[i][e.key.String()] = e.value
			if !known[e.key.String()] {
				known[e.key.String()] = true
				keys = append(keys, e.key)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if len(keys) > maxColumns {
		g.columnsMore, keys = len(keys)-maxColumns, keys[:maxColumns]
	}
	for _, k := range keys {
		g.head = append(g.head, shorten(k.String(), cellWidth))
	}
	for i := range shown {
		cells := make([]reflect.Value, len(keys))
		for j, k := range keys {
			cells[j] = rows[i][k.String()]
		}
		g.add(strconv.Itoa(i), cells)
	}
	return g.done(r.Len())
}

func mapGrid(r reflect.Value) *grid {
	if r.Len() == 0 {
		return nil
	}
	g := &grid{labels: true, head: []string{"key"}}
	key := r.Type().Key()
	g.numericLabels = isNumber(key.Kind()) && !speaks(key)
	var columns []field
	if s := structured(r.Type().Elem()); s != nil {
		columns = g.limit(fields(s, nil))
	}
	if columns == nil {
		g.head = append(g.head, "value")
	}
	for _, c := range columns {
		g.head = append(g.head, c.name)
	}
	list, err := entries(r, maxSorted)
	if err != nil {
		return nil
	}
	for i, e := range list {
		if i == maxRows {
			break
		}
		label, _ := cellText(e.key)
		cells := []reflect.Value{e.value}
		if columns != nil {
			cells = structCells(e.value, columns)
		}
		g.add(label, cells)
	}
	return g.done(r.Len())
}

// structCells returns the fields of a struct or of what a pointer points to.
func structCells(r reflect.Value, columns []field) []reflect.Value {
	cells := make([]reflect.Value, len(columns))
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return cells
		}
		r = r.Elem()
	}
	for j, c := range columns {
		cells[j] = r.FieldByIndex(c.index)
	}
	return cells
}

// limit keeps the first columns.
func (g *grid) limit(columns []field) []field {
	if len(columns) > maxColumns {
		g.columnsMore = len(columns) - maxColumns
		return columns[:maxColumns]
	}
	return columns
}

// add appends a row. A column stays one of numbers while all its cells are.
func (g *grid) add(label string, cells []reflect.Value) {
	if g.number == nil {
		g.number = make([]bool, len(cells)+1)
		for i := range g.number {
			g.number[i] = true
		}
		g.number[0] = g.numericLabels
	}
	row := []string{label}
	for j, c := range cells {
		s, number := cellText(c)
		row = append(row, s)
		if !number {
			g.number[j+1] = false
		}
	}
	g.rows = append(g.rows, row)
}

func (g *grid) done(total int) *grid {
	g.rowsMore = total - len(g.rows)
	for j, number := range g.number {
		if number && j > 0 {
			g.alike(j)
		}
	}
	return g
}

// alike gives the numbers of a column the same decimals, unless some are written with an exponent.
func (g *grid) alike(column int) {
	plain := func(s string) bool { return s != "" && strings.Trim(s, "0123456789.-") == "" }
	most := 0
	for _, row := range g.rows {
		if strings.ContainsRune(row[column], 'e') {
			return
		}
		if _, decimals, ok := strings.Cut(row[column], "."); ok {
			most = max(most, len(decimals))
		}
	}
	for _, row := range g.rows {
		whole, decimals, _ := strings.Cut(row[column], ".")
		if most > 0 && plain(row[column]) {
			row[column] = whole + "." + decimals + strings.Repeat("0", most-len(decimals))
		}
	}
}

func isNumber(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Complex128 }

// cellText is the text of a table's cell, and whether it is a number. A value
// that is missing is an empty cell and leaves numbers what they are.
func cellText(r reflect.Value) (s string, number bool) {
	if !r.IsValid() {
		return "", true
	}
	for r.Kind() == reflect.Interface && !r.IsNil() {
		r = r.Elem()
	}
	defer func() {
		if p := caught(recover()); p != nil {
			s, number = "("+shorten(panicText(p), cellWidth-2)+")", false
		}
	}()
	if isNil(r) {
		return "nil", false
	}
	if r.CanInterface() {
		switch v := r.Interface().(type) {
		case time.Time:
			return v.Format("2006-01-02 15:04:05"), false
		case error:
			return line(v.Error()), false
		case fmt.Stringer:
			return line(v.String()), isNumber(r.Kind())
		}
	}
	switch {
	case r.CanFloat():
		bits := 64
		if r.Kind() == reflect.Float32 {
			bits = 32
		}
		return shortFloat(r.Float(), bits), true
	case r.Kind() == reflect.String:
		return line(r.String()), false
	}
	return oneLine(r, cellWidth), isNumber(r.Kind())
}

// shortFloat writes a float with at most 6 significant digits.
func shortFloat(f float64, bits int) string {
	s := strconv.FormatFloat(f, 'g', -1, bits)
	if len(s) > 7 && !math.IsInf(f, 0) {
		s = strconv.FormatFloat(f, 'g', 6, bits)
	}
	return s
}

// line makes text fit for a table's cell.
func line(s string) string {
	s = shorten(s, cellWidth)
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\r' || c == '\t':
			return ' '
		case c < ' ' || c == 0x7f:
			return '\uFFFD'
		}
		return c
	}, s)
}

// html writes the grid as a table. Colours are left to the front end's theme.
func (g *grid) html() string {
	var b strings.Builder
	cell := func(tag, text string, number bool) {
		align := "left"
		if number {
			align = "right"
		}
		fmt.Fprintf(&b, `<%s style="text-align:%s">%s</%s>`, tag, align, html.EscapeString(text), tag)
	}
	b.WriteString("<table>\n<thead><tr>")
	for j, h := range g.head {
		cell("th", h, g.number[j])
	}
	if g.columnsMore > 0 {
		cell("th", "…", false)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range g.rows {
		b.WriteString("<tr>")
		for j, s := range row {
			if j == 0 && g.labels {
				cell("th", s, g.number[0])
			} else {
				cell("td", s, g.number[j])
			}
		}
		if g.columnsMore > 0 {
			cell("td", "…", false)
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody>\n</table>")
	if note := g.note(); note != "" {
		b.WriteString("\n<p>" + html.EscapeString(note) + "</p>")
	}
	return b.String()
}

// note tells what is not shown.
func (g *grid) note() string {
	var parts []string
	if g.rowsMore > 0 {
		parts = append(parts, number.Plural(g.rowsMore, "more row", "more rows"))
	}
	if g.columnsMore > 0 {
		parts = append(parts, number.Plural(g.columnsMore, "more column", "more columns"))
	}
	if len(parts) == 0 {
		return ""
	}
	return "... " + strings.Join(parts, ", ")
}

// text is the grid with aligned columns.
func (g *grid) text() string {
	rows := append([][]string{g.head}, g.rows...)
	if g.columnsMore > 0 {
		for i, row := range rows {
			rows[i] = append(slices.Clone(row), "…")
		}
	}
	lines := columns.Lines(rows, func(column int) bool { return column < len(g.number) && g.number[column] })
	if g.title != "" {
		lines = append([]string{g.title}, lines...)
	}
	if note := g.note(); note != "" {
		lines = append(lines, note)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
