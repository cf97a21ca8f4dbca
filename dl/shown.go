package dl

import (
	"fmt"
	"math"
	"math/bits"
	"strings"

	"modelbook/dl/internal/rich"
	numerals "modelbook/internal/number"
)

// A notebook shows a tensor by the methods below. What they do is bounded, however large the tensor is.
const (
	allRead    = 1 << 18 // elements of which each is read; of more, a sample
	sampleRead = 1 << 16
	allPrinted = 4096 // elements that are printed as text
	sideShown  = 14   // rows and columns of the table of values
	fewShown   = 20   // elements that say all there is to say about them
)

// HTML shows the tensor in a notebook: dtype and shape, the range of its elements, their mean, standard deviation and
// histogram, what is not a number, and the elements as a table, of more than two axes those of the first matrix. What
// looks like pictures, [N, H, W, C], [H, W, C] or [H, W] of values from 0 to 1 or bytes, is shown as pictures. Of a large
// tensor all but the shape comes from a sample, which is said.
func (t *Tensor) HTML() string {
	t.check()
	s := t.tally()
	var about []string
	for _, part := range strings.Split(s.about(), "; ") {
		if part != "" {
			about = append(about, rich.Escape(part))
		}
	}
	title := fmt.Sprintf("<b>%v</b> %s", t.dtype, rich.Escape(strings.Join(t.facts(), " · ")))
	var parts []string
	pictures := t.pictures()
	if t.Size() > fewShown {
		histogram := ""
		if t.dtype != Bool && s.most > s.least {
			histogram = s.histogram(28).SVG()
		}
		parts = append(parts, rich.Row(histogram, strings.Join(about, "<br>")))
	}
	values := t.valuesHTML()
	if pictures != "" {
		parts = append(parts, pictures)
		values = "<details><summary>values</summary>" + values + "</details>"
	}
	return rich.Card(title, append(parts, values)...)
}

// facts say what the tensor is.
func (t *Tensor) facts() []string {
	facts := []string{bracketed(t.shape), numerals.Plural(t.Size(), "element", "elements"), numerals.Bytes(int64(t.Size()) * int64(t.dtype.Bytes()))}
	if t.requires {
		facts = append(facts, "requires a gradient")
	}
	return facts
}

// bracketed writes a shape as the Go expression of it does: [64, 28, 28, 1].
func bracketed(s Shape) string { return strings.Join(strings.Fields(s.String()), ", ") }

// valuesHTML is the table of the elements, of those of the first matrix where there are more than two axes.
func (t *Tensor) valuesHTML() string {
	n := len(t.shape)
	if t.Size() == 0 {
		return rich.Note("no elements")
	}
	rows, cols := 1, 1
	if n > 0 {
		cols = t.shape[n-1]
	}
	if n > 1 {
		rows = t.shape[n-2]
	}
	down, right := rich.Shown(rows, sideShown), rich.Shown(cols, sideShown)
	text := t.formatter(func(f func(i int)) {
		for _, r := range down {
			for _, c := range right {
				if r >= 0 && c >= 0 {
					f(r*cols + c)
				}
			}
		}
	})
	table := make([][]rich.Cell, len(down))
	for k, r := range down {
		for _, c := range right {
			cell := rich.Cell{Text: "…", Right: true}
			if r >= 0 && c >= 0 {
				cell.Text = strings.TrimSpace(text(r*cols + c))
			}
			table[k] = append(table[k], cell)
		}
	}
	note := ""
	if n > 2 {
		note = rich.Note("the first matrix, [" + strings.Repeat("0, ", n-2) + ":, :]")
	}
	return note + rich.Table(table)
}

// plain is what a terminal shows: the elements as String prints them, and below them what there is to say of many.
func (t *Tensor) plain() string {
	printed, first := t, 0
	NoGrad(func() {
		for printed.printable() > allPrinted {
			printed, first = printed.Index(0), first+1
		}
	})
	text := printed.String()
	if first > 0 {
		text = fmt.Sprintf("tensor of shape %v, dtype %v, at [%s]:\n%s", t.shape, t.dtype, strings.TrimSuffix(strings.Repeat("0, ", first), ", "), text)
	}
	if t.Size() > fewShown {
		s := t.tally()
		text += "\n" + strings.Join(t.facts()[1:], ", ") + "; " + s.about()
		if t.dtype != Bool && s.most > s.least {
			text += "  " + s.histogram(16).Text()
		}
	}
	return text
}

// printable is the number of elements that String prints.
func (t *Tensor) printable() int {
	n := 1
	for _, d := range t.shape {
		if t.Size() > summarize {
			d = min(d, 2*edge)
		}
		if n *= d; n > allPrinted {
			break
		}
	}
	return n
}

// MimeBundle returns the forms in which a notebook shows the tensor: [Tensor.HTML], and for terminals [Tensor.String]
// with a line that says what the elements of a tensor of many are like.
func (t *Tensor) MimeBundle() map[string]any {
	t.check()
	return map[string]any{"text/plain": t.plain(), "text/html": t.HTML()}
}

// A tally is what the elements of a tensor are like.
type tally struct {
	read                         []float64 // all, or a sample
	of                           int       // elements of the tensor
	least, most, mean, deviation float64   // of those that are finite
	nan, infinite, zeros         int
	isBool, whole                bool // by the dtype
}

// tally reads the elements, or a sample of many: places that lie evenly, without a period, by the golden ratio.
func (t *Tensor) tally() tally {
	n := t.Size()
	s := tally{of: n, isBool: t.dtype == Bool, whole: !t.dtype.IsFloat(), least: math.Inf(1), most: math.Inf(-1)}
	place := func(i int) int { return i }
	read := n
	if n > allRead {
		read = sampleRead
		place = func(i int) int {
			at, _ := bits.Mul64(uint64(i)*0x9E3779B97F4A7C15, uint64(n))
			return int(at)
		}
	}
	s.read = make([]float64, read)
	sum, finite := 0.0, 0
	for i := range s.read {
		v := t.at(place(i))
		s.read[i] = v
		switch {
		case math.IsNaN(v):
			s.nan++
			continue
		case math.IsInf(v, 0):
			s.infinite++
			continue
		case v == 0:
			s.zeros++
		}
		s.least, s.most = min(s.least, v), max(s.most, v)
		sum += v
		finite++
	}
	if finite == 0 {
		s.mean, s.deviation = math.NaN(), math.NaN()
		return s
	}
	s.mean = sum / float64(finite)
	squares := 0.0
	for _, v := range s.read {
		if d := v - s.mean; d-d == 0 {
			squares += float64(d * d)
		}
	}
	s.deviation = math.Sqrt(squares / float64(finite))
	return s
}

func (s tally) histogram(bins int) rich.Histogram { return rich.HistogramOf(s.read, bins) }

// element writes a value as the tensor holds it.
func (s tally) element(v float64) string {
	if s.whole {
		return numerals.Fixed(v, 0)
	}
	return numerals.Measured(v)
}

// about tells the range, mean and standard deviation, and what is remarkable.
func (s tally) about() string {
	count := func(n int, what string) string {
		if n == 0 {
			return ""
		}
		text := numerals.Count(n) + " " + what
		if len(s.read) < s.of {
			text = numerals.Percent(float64(n)/float64(len(s.read))) + " % " + what
		}
		return text
	}
	var parts []string
	switch {
	case len(s.read) == 0:
		return ""
	case s.isBool:
		parts = append(parts, numerals.Percent(s.mean)+" % true")
	case s.least > s.most:
		parts = append(parts, "no finite number")
	case s.least == s.most:
		parts = append(parts, "all "+s.element(s.least))
	default:
		parts = append(parts, fmt.Sprintf("from %s to %s", s.element(s.least), s.element(s.most)),
			fmt.Sprintf("mean %s, std %s", numerals.Measured(s.mean), numerals.Measured(s.deviation)))
		if s.zeros > len(s.read)/10 {
			parts = append(parts, numerals.Percent(float64(s.zeros)/float64(len(s.read)))+" % zeros")
		}
	}
	for _, text := range []string{count(s.nan, "NaN"), count(s.infinite, "infinite")} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	if len(s.read) < s.of {
		parts = append(parts, fmt.Sprintf("of a sample of %s", numerals.Count(len(s.read))))
	}
	return strings.Join(parts, "; ")
}
