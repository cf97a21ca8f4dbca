package card

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbook/dl/metric"
	"modelbook/internal/number"
)

// Markdown is the whole page, with the front matter: what [Card.Save] writes.
func (c *Card) Markdown() string { return c.frontMatter() + c.String() }

// MimeBundle gives a notebook the page as Markdown and as text, without the front matter.
func (c *Card) MimeBundle() map[string]any {
	return map[string]any{"text/markdown": c.String(), "text/plain": c.String()}
}

// String is the page without the front matter.
func (c *Card) String() string {
	p := &page{}
	p.line("# %s", inline(c.Name))
	p.text(c.Summary)
	p.details(c)
	p.section("What it is for")
	p.list(c.Uses)
	if stated(c.Users) {
		p.part("Who should use it")
		p.list(c.Users)
	}
	p.section("What it must not be used for")
	p.list(c.Misuses)
	p.section("Data")
	p.data(c.Data)
	p.section("Metrics")
	if stated([]string{c.Baseline}) {
		p.text("Baseline: " + c.Baseline)
	}
	p.metrics("metric", c.Metrics)
	p.section("Calibration")
	p.calibration(c.Calibration)
	p.section("By group")
	p.groups(c.Groups)
	p.section("Privacy")
	p.privacy(c.Privacy)
	p.section("Ethical considerations")
	p.list(c.Ethics)
	p.section("Limits")
	p.list(c.Limits)
	return strings.TrimRight(p.b.String(), "\n") + "\n"
}

// page is Markdown that is being written: blocks with an empty line after each.
type page struct{ b strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.b, format+"\n\n", args...) }

func (p *page) section(title string) { p.line("## %s", title) }

func (p *page) part(title string) { p.line("### %s", title) }

// text is a paragraph, or several.
func (p *page) text(s string) {
	if s = strings.TrimSpace(s); s != "" {
		p.line("%s", s)
	}
}

func (p *page) notStated() { p.line("Not stated.") }

func (p *page) list(items []string) {
	if !stated(items) {
		p.notStated()
		return
	}
	for _, s := range items {
		if s = strings.TrimSpace(s); s != "" {
			p.b.WriteString("- " + strings.ReplaceAll(s, "\n", "\n  ") + "\n")
		}
	}
	p.b.WriteString("\n")
}

// table writes rows, the first of which is the head. Columns after the first so many are numbers.
func (p *page) table(texts int, rows [][]string) {
	for k, row := range rows {
		for _, cell := range row {
			p.b.WriteString("| " + strings.ReplaceAll(inline(cell), "|", `\|`) + " ")
		}
		p.b.WriteString("|\n")
		if k == 0 {
			for i := range row {
				p.b.WriteString("|---")
				if i >= texts {
					p.b.WriteString(":")
				}
			}
			p.b.WriteString("|\n")
		}
	}
	p.b.WriteString("\n")
}

// inline is a text on one line.
func inline(s string) string { return strings.Join(strings.Fields(s), " ") }

// details are the facts in short.
func (p *page) details(c *Card) {
	var rows [][]string
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	add("version", c.Version)
	add("date", c.Date)
	add("authors", strings.Join(c.Authors, ", "))
	add("licence", c.License)
	add("model", c.Model.String())
	add("made with", c.Environment.String())
	if len(rows) > 0 {
		p.table(2, append([][]string{{"", ""}}, rows...))
	}
}

// String is the size in words: "network of 3 layers, 1,234 parameters, 4.8 KiB".
func (m Model) String() string {
	var parts []string
	if m.Kind != "" {
		parts = append(parts, m.Kind)
	}
	if m.Parameters > 0 {
		text := number.Plural(m.Parameters, "parameter", "parameters")
		if m.Trainable < m.Parameters {
			text += fmt.Sprintf(" (%s of them trained)", number.Count(m.Trainable))
		}
		parts = append(parts, text)
	}
	if m.Bytes > 0 {
		parts = append(parts, number.Bytes(m.Bytes))
	}
	return strings.Join(parts, ", ")
}

// String is the environment in words: "go1.26.0, linux/amd64".
func (e Environment) String() string {
	var parts []string
	if e.Modelbook != "" {
		parts = append(parts, "modelbook "+e.Modelbook)
	}
	for _, s := range []string{e.Go, e.Platform} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func (p *page) data(all []Data) {
	if len(all) == 0 {
		p.notStated()
		return
	}
	rows := [][]string{{"data", "origin", "licence", "split", "examples"}}
	for _, d := range all {
		rows = append(rows, []string{d.Name, d.Origin, orDash(d.License), orDash(d.Split), number.Count(d.Examples)})
	}
	p.table(4, rows)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// metrics is a table of values, with columns for the data and the baseline where there are any.
func (p *page) metrics(title string, all []Metric) {
	if len(all) == 0 {
		p.notStated()
		return
	}
	texts, head := 1, []string{title}
	parts := slices.ContainsFunc(all, func(m Metric) bool { return m.Data != "" })
	if parts {
		texts, head = 2, append(head, "data")
	}
	head = append(head, "model")
	compared := slices.ContainsFunc(all, func(m Metric) bool { return m.Baseline != nil })
	if compared {
		head = append(head, "baseline")
	}
	rows := [][]string{append(head, "examples")}
	var how []string
	for _, m := range all {
		row := []string{m.Name}
		if parts {
			row = append(row, orDash(m.Data))
		}
		row = append(row, interval(m.Model))
		if compared && m.Baseline != nil {
			row = append(row, interval(*m.Baseline))
		} else if compared {
			row = append(row, "–")
		}
		rows = append(rows, append(row, number.Count(m.Examples)))
		if m.Interval != "" && !slices.Contains(how, m.Interval) {
			how = append(how, m.Interval)
		}
	}
	p.table(texts, rows)
	if len(how) > 0 {
		p.line("Intervals: %s.", inline(strings.Join(how, "; ")))
	}
}

// interval is a value with its interval, all with the digits that matter: three after the point for shares.
func interval(i metric.Interval) string {
	if math.IsNaN(i.Value) {
		return "–"
	}
	values := []float64{i.Value}
	if known(i) {
		values = append(values, i.Low, i.High)
	}
	texts := number.Beside(values)
	if largest := max(math.Abs(slices.Min(values)), math.Abs(slices.Max(values))); largest <= 1 && (largest >= 0.0005 || largest == 0) {
		for k, v := range values {
			texts[k] = number.Fixed(v, 3)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	return fmt.Sprintf("%s (%s to %s)", texts[0], texts[1], texts[2])
}

func (p *page) calibration(c *Calibration) {
	if c == nil || len(c.Bins) == 0 && !stated([]string{c.Note}) {
		p.notStated()
		return
	}
	p.text(c.Note)
	if len(c.Bins) == 0 {
		return
	}
	rows := [][]string{{"predicted", "came true", "examples"}}
	for _, b := range c.Bins {
		rows = append(rows, []string{number.Fixed(b.Predicted, 3), number.Fixed(b.CameTrue, 3), number.Grouped(strconv.FormatFloat(b.Examples, 'f', -1, 64))})
	}
	p.table(0, rows)
	if !math.IsNaN(c.Error.Value) {
		p.line("Expected calibration error %s.", interval(c.Error))
	}
}

func (p *page) groups(all []Groups) {
	if len(all) == 0 {
		p.notStated()
		return
	}
	for _, g := range all {
		p.part("By " + inline(g.By))
		rows := [][]string{append([]string{g.By, "examples"}, g.Measures...)}
		for _, row := range g.Groups {
			cells := []string{row.Name, number.Count(row.Examples)}
			for _, v := range row.Values {
				cells = append(cells, interval(v))
			}
			rows = append(rows, cells)
		}
		p.table(1, rows)
		if len(g.Criteria) > 0 {
			p.metrics("criterion", g.Criteria)
		}
		if stated(g.Conflicts) {
			p.list(g.Conflicts)
		}
	}
}

func (p *page) privacy(v *Privacy) {
	if v == nil || v.Epsilon == 0 && !stated([]string{v.Note}) {
		p.notStated()
		return
	}
	if v.Epsilon > 0 {
		of := ""
		if v.Of != "" {
			of = " of " + inline(v.Of)
		}
		p.line("Differential privacy%s: epsilon %s, delta %v.", of, number.Measured(v.Epsilon), v.Delta)
	} else {
		p.line("No differential privacy.")
	}
	p.text(v.Note)
}
