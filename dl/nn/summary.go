package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"modelbook/dl"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Summary is a model's table: its layers with their output shapes and numbers of parameters.
type Summary struct {
	Input  dl.Shape
	Layers []LayerSummary
	Total  int // parameters
	Frozen int // of these, not changed by training
}

// LayerSummary is a line of a summary.
type LayerSummary struct {
	Name, Type string
	Output     dl.Shape // of one sample
	Parameters int
}

// Summary returns the model's table. [Model.Profile] has multiply-adds and memory too, for which it computes a sample.
func (m *Model) Summary() Summary {
	s, seen := Summary{Input: m.Input}, map[*dl.Tensor]bool{}
	for i, layer := range m.Layers {
		line := LayerSummary{Name: m.name(i), Type: describe(layer), Output: m.output(i)}
		for _, p := range collect(layer).found {
			if seen[p.Value] { // a layer in two places
				continue
			}
			seen[p.Value] = true
			n := p.Value.Size()
			line.Parameters += n
			if !p.trained() {
				s.Frozen += n
			}
		}
		s.Total += line.Parameters
		s.Layers = append(s.Layers, line)
	}
	return s
}

// describe is a layer's type with what it does and its activation: "Conv2D, 3×3, relu".
func describe(layer Module) string {
	kind := typeName(layer)
	text := kind
	if d, ok := layer.(interface{ detail() string }); ok {
		if detail := d.detail(); detail != "" {
			text += ", " + detail
		}
	}
	if h, ok := layer.(Headed); ok && h.Head() != Identity && kind != h.Head().String() {
		text += ", " + h.Head().String()
	}
	return text
}

// windowOf describes a window that slides over samples: its size, its steps and those of its taps where they are not the
// usual ones, what lies around the samples where something does, and groups where there are some.
func windowOf(padding Padding, groups int, size, stride, usual, dilation []int) string {
	text := times(size)
	if !slices.Equal(stride, usual) {
		text += ", stride " + times(stride)
	}
	if slices.Max(dilation) > 1 {
		text += ", dilation " + times(dilation)
	}
	if padding != Valid {
		text += ", padding " + strings.ReplaceAll(padding.String(), ",", "×")
	}
	if groups > 1 {
		text += fmt.Sprintf(", %d groups", groups)
	}
	return text
}

// times shows sizes: 3×3.
func times(sizes []int) string {
	parts := make([]string, len(sizes))
	for i, n := range sizes {
		parts[i] = strconv.Itoa(n)
	}
	return strings.Join(parts, "×")
}

func (d *Dropout) detail() string { return strconv.FormatFloat(d.Rate, 'g', 4, 64) }

// rows are the cells of the table, a heading first.
func (s Summary) rows() [][]string {
	rows := [][]string{{"layer", "type", "output", "parameters"}, {"input", "", batchShape(s.Input), ""}}
	for _, l := range s.Layers {
		rows = append(rows, []string{l.Name, l.Type, batchShape(l.Output), number.Commas(l.Parameters)})
	}
	return rows
}

func (s Summary) total() string {
	text := fmt.Sprintf("%s parameters (%s)", number.Commas(s.Total), number.Bytes(int64(4*s.Total)))
	if s.Frozen > 0 {
		text += fmt.Sprintf(", %s of them trainable", number.Commas(s.Total-s.Frozen))
	}
	return text
}

// isRight reports whether a column is aligned to the right: the last one, of numbers.
func isRight(column int) bool { return column == 3 }

// String shows the table as aligned text.
func (s Summary) String() string {
	lines := columns.Lines(s.rows(), isRight)
	rule := strings.Repeat("-", utf8.RuneCountInString(lines[0]))
	lines = append(slices.Insert(lines, 1, rule), rule, s.total())
	return strings.Join(lines, "\n")
}

// HTML shows the table.
func (s Summary) HTML() string {
	return columns.HTML(s.rows(), isRight) + "<p>" + s.total() + "</p>"
}

// MimeBundle gives a notebook the table as HTML and as text.
func (s Summary) MimeBundle() map[string]any {
	return map[string]any{"text/html": s.HTML(), "text/plain": s.String()}
}

// Summary is shown when a model is a cell's last expression, or printed.
func (m *Model) String() string { return m.Summary().String() }

// batchShape shows the shape of a batch of samples: [N, 28, 28, 1].
func batchShape(s dl.Shape) string {
	parts := []string{"N"}
	for _, d := range s {
		parts = append(parts, strconv.Itoa(d))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
