package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"modelbook/dl"
	"modelbook/dl/internal/rich"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// line is a row of what a notebook shows of a model: a layer, what one sample is behind it, and what that costs.
type line struct {
	name, kind string
	shape      dl.Shape
	parameters int
	memory     int64 // bytes of the layer's results for one sample, as float32
	macs       int64 // -1: not known
}

// lines are the layers with their costs, and the profile that these are of, nil where it was not made.
func (m *Model) lines() ([]line, *Profile) {
	s := m.Summary()
	all := make([]line, len(s.Layers))
	weight, results := int64(0), int64(0)
	for i, l := range s.Layers {
		all[i] = line{name: l.Name, kind: l.Type, shape: l.Output, parameters: l.Parameters, memory: bytesOf(l.Output), macs: -1}
		weight += effort(l.Output, l.Parameters)
		results += all[i].memory
	}
	p := quickProfile(m, m.Profile, weight, results)
	if p != nil {
		for i := range all {
			all[i].macs = p.below(all[i].name)
		}
	}
	return all, p
}

// bytesOf is the memory of a result of a shape.
func bytesOf(s dl.Shape) int64 {
	if s == nil {
		return 0
	}
	return 4 * int64(s.Size())
}

// effort is about how many multiply-adds a layer takes: each parameter once for each place of its output.
func effort(out dl.Shape, parameters int) int64 {
	places := 1
	if len(out) > 1 {
		places = out[:len(out)-1].Size()
	}
	return int64(places) * int64(parameters)
}

// A model is looked at for what its layers cost where this takes some milliseconds: so many multiply-adds and bytes.
const (
	quickMACs  = 200e6
	quickBytes = 64 << 20
)

// quickProfile is the profile of a module, nil where to make it might change something, which layers of a user's own and
// layers with a state may do, or take long.
func quickProfile(m Module, profile func() (*Profile, error), macs, bytes int64) *Profile {
	if macs > quickMACs || bytes > quickBytes || !quiet(m) {
		return nil
	}
	if _, ok := inUse(m); !ok {
		return nil
	}
	p, err := profile()
	if err != nil {
		return nil // the shapes tell enough
	}
	return p
}

// quiet says whether a module is made of this package's layers, and holds no function of a user.
func quiet(m Module) bool {
	t := reflect.TypeOf(m)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if isNil(m) || t.PkgPath() != packagePath {
		return false
	}
	if _, ok := m.(*Lambda); ok {
		return false
	}
	if g, ok := m.(*GraphLayer); ok {
		return g.Graph.quiet()
	}
	if g, ok := m.(*Graph); ok {
		return g.quiet()
	}
	holder, ok := m.(interface{ parts() []part })
	return !ok || !slices.ContainsFunc(holder.parts(), func(p part) bool { return !quiet(p.module) })
}

func (g *Graph) quiet() bool {
	if g == nil {
		return false
	}
	for _, n := range g.nodes {
		if n.join != nil && n.kind == "" { // a user's function
			return false
		}
	}
	return !slices.ContainsFunc(g.layers, func(p part) bool { return !quiet(p.module) })
}

// below are the multiply-adds of a layer and of those within it.
func (p *Profile) below(name string) (macs int64) {
	for _, c := range p.Layers {
		if c.Name == name || strings.HasPrefix(c.Name, name+".") {
			macs += c.MACs
		}
	}
	return macs
}

// costRows is the table of lines, a heading first.
func costRows(first []string, lines []line) [][]string {
	head := []string{"layer", "type", "output", "parameters", "memory", "FLOPs"}
	rows := [][]string{head}
	if first != nil {
		rows = append(rows, first)
	}
	for _, l := range lines {
		flops := ""
		if l.macs > 0 {
			flops = number.Commas(int(2 * l.macs))
		}
		memory := ""
		if l.shape != nil {
			memory = number.Bytes(l.memory)
		}
		rows = append(rows, []string{l.name, l.kind, batchShape(l.shape), number.Commas(l.parameters), memory, flops})
	}
	return rows
}

// numbersFrom says of columns from some on that they are of numbers.
func numbersFrom(first int) func(column int) bool {
	return func(column int) bool { return column >= first }
}

// mostLines are the rows that are shown of a table of very many layers.
const mostLines = 120

func fewRows(rows [][]string) [][]string {
	var few [][]string
	for _, i := range rich.Shown(len(rows), mostLines) {
		if i < 0 {
			few = append(few, []string{"…", number.Count(len(rows)-mostLines) + " more"})
			continue
		}
		few = append(few, rows[i])
	}
	return few
}

// costs say what a model costs in all.
func costs(total string, p *Profile) string {
	if p == nil {
		return total + ". FLOPs: see Profile."
	}
	return fmt.Sprintf("%s, %s FLOPs for one sample. Memory to train batches of 32 with Adam: %s.", total, number.Short(int(p.Total.FLOPs())), number.Bytes(p.Memory(32, 2).Total()))
}

// HTML shows the model in a notebook: a diagram of its layers, and the table of what they do, their outputs, parameters,
// the memory of their results and their floating-point operations, two for each multiply-add. These are computed where
// that takes milliseconds and all layers are of this package; see [Model.Profile] for others.
func (m *Model) HTML() string {
	lines, p := m.lines()
	first := []string{"input", "", batchShape(m.Input), "", number.Bytes(bytesOf(m.Input)), ""}
	return rich.Card("<b>"+number.Plural(len(lines), "layer", "layers")+"</b> · "+rich.Escape(m.Summary().total()),
		m.diagram(lines), htmlTable(fewRows(costRows(first, lines)), numbersFrom(3)), rich.Note(costs(m.Summary().total(), p)))
}

// htmlTable is a table whose first row is its head.
func htmlTable(rows [][]string, right func(column int) bool) string {
	var table [][]rich.Cell
	for k, row := range rows {
		var cells []rich.Cell
		for j, s := range row {
			cells = append(cells, rich.Cell{Text: rich.Clean(s, 80), Head: k == 0, Right: right(j)})
		}
		table = append(table, cells)
	}
	return rich.Table(table)
}

// diagram draws the layers.
func (m *Model) diagram(lines []line) string {
	layers := []rich.Layer{{Name: "input", Does: "one sample", Colour: rich.Grey, Shape: m.Input}}
	for _, l := range lines {
		layers = append(layers, rich.Layer{Name: l.name, Does: fmt.Sprintf("%s, %s", l.kind, number.Plural(l.parameters, "parameter", "parameters")),
			Colour: colourOf(l.kind), Shape: l.shape})
	}
	return rich.Layers(layers)
}

// colourOf is the colour of a kind of layers.
func colourOf(kind string) string {
	kind, _, _ = strings.Cut(kind, ",")
	for _, c := range []struct{ colour, kinds string }{
		{rich.Green, "Norm"}, {rich.Blue, "Conv"}, {rich.Teal, "Pool Upsample Pad Crop Shuffle Unfold"}, {rich.Orange, "Dense Bilinear Maxout"},
		{rich.Purple, "LSTM GRU RNN Attention Transformer Embedding Recurrent Bidirectional"}, {rich.Red, "Residual Model Graph Parallel"},
	} {
		for _, k := range strings.Fields(c.kinds) {
			if strings.Contains(kind, k) {
				return c.colour
			}
		}
	}
	return rich.Grey
}

// SVG draws the layers as solids of the shapes between them, for a file: what plot_model of Keras and visualkeras draw.
func (m *Model) SVG() string {
	lines := make([]line, 0, len(m.Layers))
	for _, l := range m.Summary().Layers {
		lines = append(lines, line{name: l.Name, kind: l.Type, shape: l.Output, parameters: l.Parameters})
	}
	return rich.Alone(m.diagram(lines))
}

// plain is what a terminal shows.
func (m *Model) plain() string {
	lines, p := m.lines()
	first := []string{"input", "", batchShape(m.Input), "", number.Bytes(bytesOf(m.Input)), ""}
	return ruled(fewRows(costRows(first, lines)), numbersFrom(3), costs(m.Summary().total(), p))
}

// ruled is a table as text, with lines below its heading and above what is said last.
func ruled(rows [][]string, right func(column int) bool, last string) string {
	lines := columns.Lines(rows, right)
	wide := 0
	for _, l := range lines {
		wide = max(wide, utf8.RuneCountInString(l))
	}
	rule := strings.Repeat("-", wide)
	return strings.Join(append(slices.Insert(lines, 1, rule), rule, last), "\n")
}

// MimeBundle gives a notebook the diagram and the table as HTML, and the table as text.
func (m *Model) MimeBundle() map[string]any {
	return map[string]any{"text/html": m.HTML(), "text/plain": m.plain()}
}
