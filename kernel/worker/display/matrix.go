package display

import (
	"fmt"
	"html"
	"reflect"
	"strconv"
	"strings"
)

// matrix shows values like gonum's matrices as a table of their elements.
func matrix(v any) (data map[string]any, ok bool) {
	m, is := v.(interface {
		Dims() (r, c int)
		At(i, j int) float64
	})
	if !is {
		if m, is = addressed(v).(interface {
			Dims() (r, c int)
			At(i, j int) float64
		}); !is {
			return nil, false
		}
	}
	defer func() {
		if caught(recover()) != nil { // an empty or unfinished matrix: its structure is shown
			data, ok = text(goText(reflect.ValueOf(v))), true
		}
	}()
	rows, columns := m.Dims()
	title := fmt.Sprintf("%s %d×%d", typeName(reflect.TypeOf(v)), rows, columns)
	if rows <= 0 || columns <= 0 {
		return text(title), true
	}
	shown := min(columns, maxColumns)
	g := &grid{title: title, labels: true, numericLabels: true, head: []string{""}, columnsMore: columns - shown}
	for j := range shown {
		g.head = append(g.head, strconv.Itoa(j))
	}
	for i := range min(rows, maxRows) {
		cells := make([]reflect.Value, shown)
		for j := range cells {
			cells[j] = reflect.ValueOf(m.At(i, j))
		}
		g.add(strconv.Itoa(i), cells)
	}
	g.done(rows)
	data = text(g.text())
	data["text/html"] = "<p>" + html.EscapeString(title) + "</p>\n" + g.html()
	return data, true
}

// matrixLine is the beginning of a matrix in one line: "[1 2; 3 4]".
func matrixLine(v any) (string, bool) {
	m, is := v.(interface {
		Dims() (r, c int)
		At(i, j int) float64
	})
	if !is || isNil(reflect.ValueOf(v)) {
		return "", false
	}
	rows, columns := m.Dims()
	var b strings.Builder
	b.WriteByte('[')
	for i := range min(rows, maxRows) {
		if i > 0 {
			b.WriteString("; ")
		}
		for j := range min(columns, maxColumns) {
			if j > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(shortFloat(m.At(i, j), 64))
		}
		if columns > maxColumns {
			b.WriteString(" …")
		}
	}
	if rows > maxRows {
		b.WriteString("; …")
	}
	b.WriteByte(']')
	return b.String(), true
}
