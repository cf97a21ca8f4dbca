package nn

import (
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"

	"modelbook/dl"
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

// Summary returns the model's table.
func (m *Model) Summary() Summary {
	s, seen := Summary{Input: m.Input}, map[*dl.Tensor]bool{}
	for i, layer := range m.Layers {
		line := LayerSummary{Name: m.names[i], Type: describe(layer), Output: m.outputs[i]}
		for _, p := range NamedParameters(layer) {
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
		text += ", " + d.detail()
	}
	if h, ok := layer.(Headed); ok && h.Head() != Identity && kind != h.Head().String() {
		text += ", " + h.Head().String()
	}
	return text
}

// window describes a window that slides over images: its size, its steps where they are not the usual ones, and what
// lies around the images where something does.
func window(size, stride, usual [2]int, padding Padding) string {
	text := fmt.Sprintf("%d×%d", size[0], size[1])
	if stride != usual {
		text += fmt.Sprintf(", stride %d×%d", stride[0], stride[1])
	}
	if padding != Valid {
		text += ", padding " + strings.Replace(padding.String(), ",", "×", 1)
	}
	return text
}

func (c *Conv2D) detail() string    { return window(c.Kernel, c.Stride, [2]int{1, 1}, c.Padding) }
func (p *MaxPool2D) detail() string { return window(p.Size, p.Stride, p.Size, p.Padding) }
func (p *AvgPool2D) detail() string {
	text := window(p.Size, p.Stride, p.Size, p.Padding)
	if p.CountIncludePad {
		text += ", which counts"
	}
	return text
}
func (d *Dropout) detail() string { return strconv.FormatFloat(d.Rate, 'g', 4, 64) }

// rows are the cells of the table, a heading first.
func (s Summary) rows() [][4]string {
	rows := [][4]string{{"layer", "type", "output", "parameters"}, {"input", "", batchShape(s.Input), ""}}
	for _, l := range s.Layers {
		rows = append(rows, [4]string{l.Name, l.Type, batchShape(l.Output), thousands(l.Parameters)})
	}
	return rows
}

func (s Summary) total() string {
	text := fmt.Sprintf("%s parameters (%s)", thousands(s.Total), size(4*s.Total))
	if s.Frozen > 0 {
		text += fmt.Sprintf(", %s of them trainable", thousands(s.Total-s.Frozen))
	}
	return text
}

// String shows the table as aligned text.
func (s Summary) String() string {
	rows := s.rows()
	var widths [4]int
	for _, row := range rows {
		for j, cell := range row {
			widths[j] = max(widths[j], utf8.RuneCountInString(cell))
		}
	}
	rule := strings.Repeat("-", widths[0]+widths[1]+widths[2]+widths[3]+6) + "\n"
	var b strings.Builder
	for i, row := range rows {
		line := fmt.Sprintf("%-*s  %-*s  %-*s  %*s", widths[0], row[0], widths[1], row[1], widths[2], row[2], widths[3], row[3])
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		if i == 0 {
			b.WriteString(rule)
		}
	}
	return b.String() + rule + s.total()
}

// HTML shows the table.
func (s Summary) HTML() string {
	var b strings.Builder
	b.WriteString("<table>")
	for i, row := range s.rows() {
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for j, cell := range row {
			align := "left"
			if j == 3 {
				align = "right"
			}
			fmt.Fprintf(&b, `<%s style="text-align: %s">%s</%[1]s>`, tag, align, html.EscapeString(cell))
		}
		b.WriteString("</tr>")
	}
	fmt.Fprintf(&b, "</table><p>%s</p>", s.total())
	return b.String()
}

// MimeBundle gives a notebook the table as HTML and as text.
func (s Summary) MimeBundle() map[string]any {
	return map[string]any{"text/html": s.HTML(), "text/plain": s.String()}
}

// Summary is shown when a model is a cell's last expression, or printed.
func (m *Model) String() string { return m.Summary().String() }

// MimeBundle gives a notebook the summary.
func (m *Model) MimeBundle() map[string]any { return m.Summary().MimeBundle() }

// batchShape shows the shape of a batch of samples: [N, 28, 28, 1].
func batchShape(s dl.Shape) string {
	parts := []string{"N"}
	for _, d := range s {
		parts = append(parts, strconv.Itoa(d))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// thousands shows a number with commas: 2,770,634.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size shows a number of bytes.
func size(bytes int) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", bytes)
}
