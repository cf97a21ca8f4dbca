package data

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/internal/rich"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// Bounds of what is shown, however large a dataset is.
const (
	classesShown  = 12
	examplesShown = 8
	valuesShown   = 8       // of an example that is no picture
	mostExample   = 1 << 22 // elements of an example that is read
	allCounted    = 1 << 18 // samples whose classes are all counted; of more, a sample
	sampleCounted = 1 << 16
	pictureSide   = 76 // CSS pixels
)

// Description is what a dataset is: how many samples of which shapes and types, how many of each class where that is
// known without reading them, and a few examples. It is what a notebook shows of the datasets of this package.
type Description struct {
	Samples  int      // -1: not known
	Spec     Spec     // of a sample; of a Varying dataset, of a batch of the examples
	Counts   []int    // samples of each class, by its number; nil: not known
	Counted  int      // samples that Counts are of
	Examples []int    // numbers of the samples in Batch
	Batch    Batch    // the examples
	Err      error    // why there are no examples, where they could not be read
	classes  []string // names
}

// Describe looks at a dataset: features of a datasets.Dataset, and cardinality and element_spec of a tf.data.Dataset. It
// reads a few samples, spread evenly, and of a [Stream] none.
func Describe(d Dataset) *Description {
	mustBeDataset("data.Describe", d)
	r := &Description{Samples: d.Len()}
	if r.Samples < 0 {
		r.Spec = d.Spec()
		r.classes = r.Spec.Classes
		return r
	}
	for i := range min(r.Samples, examplesShown) {
		r.Examples = append(r.Examples, i*r.Samples/min(r.Samples, examplesShown))
	}
	r.Spec = specOf(d, r.Examples)
	r.classes = r.Spec.Classes
	r.count(d)
	size := r.Spec.X.Size()
	if r.Spec.YType != NoTarget {
		size = max(size, r.Spec.Y.Size())
	}
	for _, f := range r.Spec.More {
		size = max(size, f.Shape.Size())
	}
	if size > mostExample {
		r.Examples = nil
		return r
	}
	err := dl.Try(func() {
		r.Batch = newBatch(r.Spec, len(r.Examples))
		if len(r.Examples) > 0 {
			r.Err = d.Read(r.Batch, r.Examples)
		}
	})
	if err != nil {
		r.Err = err
	}
	if r.Err != nil {
		r.Examples, r.Batch = nil, Batch{}
	}
	return r
}

// count counts the classes where they are known without reading samples.
func (r *Description) count(d Dataset) {
	class := classOf(d)
	if class == nil {
		return
	}
	counted, step := r.Samples, 1.0
	if r.Samples > allCounted {
		counted = sampleCounted
		step = float64(r.Samples) / float64(counted)
	}
	const most = 1 << 16
	for k := range counted {
		c := class(int(float64(float64(k) * step)))
		if c < 0 || c >= most {
			r.Counts = nil // numbers of something else
			return
		}
		for len(r.Counts) <= c {
			r.Counts = append(r.Counts, 0)
		}
		r.Counts[c]++
	}
	r.Counted = counted
}

// classOf is the class of a sample by its number, nil where it is not known without reading.
func classOf(d Dataset) func(i int) int {
	switch d := d.(type) {
	case *Tensors:
		if y := d.all.Y; y != nil && y.DType() == dl.Int32 && y.Rank() == 1 {
			labels := y.Int32s()
			return func(i int) int { return int(labels[i]) }
		}
	case *Sequences:
		if d.Targets == nil && len(d.Labels) == len(d.Tokens) && len(d.Labels) > 0 {
			return func(i int) int { return int(d.Labels[i]) }
		}
	case *Part:
		if d.Dataset == nil {
			return nil
		}
		if class := classOf(d.Dataset); class != nil {
			return func(i int) int { return class(d.samples[i]) }
		}
	case *Images:
		return func(i int) int { return int(d.Labels[i]) }
	case interface{ ClassNumbers() []int32 }:
		if labels := d.ClassNumbers(); len(labels) > 0 {
			return func(i int) int { return int(labels[i]) }
		}
	}
	return nil
}

// className is the name of a class, its number where it has none.
func (r *Description) className(c int) string {
	if c >= 0 && c < len(r.classes) {
		return rich.Clean(r.classes[c], 24)
	}
	return fmt.Sprint(c)
}

// facts say how many samples of what there are.
func (r *Description) facts() []string {
	facts := []string{"a stream of samples"}
	if r.Samples >= 0 {
		facts[0] = number.Plural(r.Samples, "sample", "samples")
	}
	facts = append(facts, fmt.Sprintf("input %v %s", r.Spec.XType, bracketed(r.Spec.X)))
	classes := max(len(r.classes), len(r.Counts))
	switch {
	case r.Spec.YType == NoTarget:
		facts = append(facts, "no target")
	case len(r.Spec.Y) == 0 && r.Spec.YType == dl.Int32 && classes > 0:
		facts = append(facts, "target one of "+number.Plural(classes, "class", "classes"))
	default:
		facts = append(facts, fmt.Sprintf("target %v %s", r.Spec.YType, bracketed(r.Spec.Y)))
	}
	for _, f := range r.Spec.More[:min(len(r.Spec.More), classesShown)] {
		facts = append(facts, fmt.Sprintf("%s %v %s", rich.Clean(f.Name, 24), f.DType, bracketed(f.Shape)))
	}
	return facts
}

func bracketed(s dl.Shape) string { return strings.Join(strings.Fields(s.String()), ", ") }

// counts are rows of classes with their numbers of samples, those shown, and how long their bars are, from 0 to 1.
func (r *Description) counts() (rows [][2]string, bars []float64) {
	if len(r.Counts) == 0 {
		return nil, nil
	}
	most := max(slices.Max(r.Counts), 1)
	classes := max(len(r.Counts), min(len(r.classes), 1<<16))
	for _, c := range rich.Shown(classes, classesShown) {
		switch {
		case c < 0:
			rows, bars = append(rows, [2]string{"…", number.Count(classes-classesShown) + " more"}), append(bars, 0)
			continue
		case c >= len(r.Counts):
			rows, bars = append(rows, [2]string{r.className(c), "0"}), append(bars, 0)
			continue
		}
		n := number.Count(r.Counts[c])
		if r.Counted < r.Samples {
			n = number.Percent(float64(r.Counts[c])/float64(r.Counted)) + " %"
		}
		rows, bars = append(rows, [2]string{r.className(c), n}), append(bars, max(float64(r.Counts[c])/float64(most), 0))
	}
	return rows, bars
}

// target is the target of an example as text.
func (r *Description) target(row int) string {
	y := r.Batch.Y
	if y == nil {
		return ""
	}
	size := y.Size() / max(y.Dim(0), 1)
	if size == 1 && y.DType() == dl.Int32 {
		return r.className(int(y.Reshape(-1).At(row)))
	}
	return fewValues(y, row)
}

// fewValues are the first values of a row of a tensor.
func fewValues(t *dl.Tensor, row int) string {
	size := t.Size() / max(t.Dim(0), 1)
	n := min(size, valuesShown)
	values := make([]float64, n)
	flat := t.Reshape(-1)
	for i := range values {
		values[i] = flat.At(row*size + i)
	}
	texts := make([]string, n)
	for i, v := range values {
		texts[i] = number.Measured(v)
		if !t.DType().IsFloat() {
			texts[i] = fmt.Sprint(int64(v))
		}
	}
	if size > n {
		texts = append(texts, fmt.Sprintf("… %s more", number.Count(size-n)))
	}
	return strings.Join(texts, ", ")
}

// pictures says whether inputs look like pictures.
func (r *Description) pictures() (h, w, c int, ok bool) {
	s := r.Spec.X
	if r.Spec.XType.IsFloat() || r.Spec.XType == dl.Uint8 {
		switch {
		case len(s) == 3 && (s[2] == 1 || s[2] == 3):
			h, w, c = s[0], s[1], s[2]
		case len(s) == 2 && s[0] == s[1]:
			h, w, c = s[0], s[1], 1
		}
	}
	return h, w, c, min(h, w) >= 8 && max(h, w)/max(min(h, w), 1) < 8
}

// HTML shows the description: the facts, bars of the classes, and examples, as pictures where they look like these.
func (r *Description) HTML() string {
	var facts []string
	for i, f := range r.facts() {
		f = rich.Escape(f)
		if i == 0 {
			f = "<b>" + f + "</b>"
		}
		facts = append(facts, f)
	}
	var parts []string
	if rows, bars := r.counts(); len(rows) > 0 {
		table := [][]rich.Cell{{{Text: "class", Head: true}, {Text: "samples", Head: true, Right: true}, {Head: true}}}
		for i, row := range rows {
			bar := ""
			if bars[i] > 0 {
				bar = fmt.Sprintf(`<div style="width:%dpx;height:9px;background:%s"></div>`, max(int(bars[i]*120), 1), rich.Blue)
			}
			table = append(table, []rich.Cell{{Text: row[0]}, {Text: row[1], Right: true}, {HTML: bar}})
		}
		parts = append(parts, rich.Table(table))
		if r.Counted < r.Samples {
			parts = append(parts, rich.Note("of a sample of "+number.Count(r.Counted)))
		}
	}
	parts = append(parts, r.examplesHTML()...)
	return rich.Card(strings.Join(facts, " · "), parts...)
}

func (r *Description) examplesHTML() []string {
	switch {
	case r.Err != nil:
		return []string{rich.Note("the examples could not be read: " + rich.Clean(r.Err.Error(), 200))}
	case len(r.Examples) == 0 || r.Batch.X == nil:
		return nil
	}
	x := r.Batch.X
	if h, w, c, ok := r.pictures(); ok {
		flat := x.Reshape(-1)
		var tiles []string
		for row, i := range r.Examples {
			picture, _ := rich.Picture(func(k int) float32 { return float32(flat.At(row*h*w*c + k)) }, h, w, c, x.DType() == dl.Uint8, pictureSide)
			tiles = append(tiles, fmt.Sprintf(`%s<br><span style="font-size:12px">%s</span>`, picture, rich.Escape(fmt.Sprintf("%d: %s", i, rich.Clean(r.target(row), 20)))))
		}
		return []string{rich.Row(tiles...)}
	}
	var table [][]rich.Cell
	for k, row := range r.exampleRows() {
		var cells []rich.Cell
		for _, text := range row {
			cells = append(cells, rich.Cell{Text: text, Head: k == 0})
		}
		table = append(table, cells)
	}
	return []string{rich.Table(table)}
}

// exampleRows are the examples as rows of text, a heading first.
func (r *Description) exampleRows() [][]string {
	head := []string{"sample", "input"}
	if r.Batch.Y != nil {
		head = append(head, "target")
	}
	rows := [][]string{head}
	for row, i := range r.Examples {
		cells := []string{fmt.Sprint(i), fewValues(r.Batch.X, row)}
		if r.Batch.Y != nil {
			cells = append(cells, r.target(row))
		}
		rows = append(rows, cells)
	}
	return rows
}

// String shows the description in a terminal.
func (r *Description) String() string {
	lines := []string{strings.Join(r.facts(), ", ")}
	if rows, bars := r.counts(); len(rows) > 0 {
		var table [][]string
		for i, row := range rows {
			table = append(table, []string{"", row[0], row[1], strings.Repeat("█", int(bars[i]*24+0.5))})
		}
		lines = append(lines, columns.Lines(table, func(column int) bool { return column == 2 })...)
		if r.Counted < r.Samples {
			lines = append(lines, "  of a sample of "+number.Count(r.Counted))
		}
	}
	switch _, _, _, pictures := r.pictures(); {
	case r.Err != nil:
		lines = append(lines, "the examples could not be read: "+rich.Clean(r.Err.Error(), 200))
	case len(r.Examples) > 0 && r.Batch.X != nil && !pictures:
		lines = append(lines, columns.Lines(r.exampleRows(), func(column int) bool { return column == 0 })...)
	case len(r.Examples) > 0 && r.Batch.Y != nil:
		var texts []string
		for row, i := range r.Examples {
			texts = append(texts, fmt.Sprintf("%d: %s", i, rich.Clean(r.target(row), 20)))
		}
		lines = append(lines, "examples  "+strings.Join(texts, "  "))
	}
	return strings.Join(lines, "\n")
}

// MimeBundle gives a notebook the description as HTML and as text.
func (r *Description) MimeBundle() map[string]any {
	return map[string]any{"text/html": r.HTML(), "text/plain": r.String()}
}
