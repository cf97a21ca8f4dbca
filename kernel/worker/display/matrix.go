package display

import (
	"fmt"
	"html"
	"reflect"
	"strconv"
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
