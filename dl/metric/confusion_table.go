package metric

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"modelbook/dl"
	"modelbook/internal/number"
)

// Confusion is how often one class was taken for another.
type Confusion struct {
	True, Predicted int // class numbers
	Count           int
}

// Confusions returns the n most frequent mistakes, the most frequent first.
func (c *ConfusionMatrix) Confusions(n int) []Confusion {
	if n < 0 {
		dl.PanicValue("ConfusionMatrix.Confusions", "there are no %d mistakes; give the number of them, from 0 on", n)
	}
	var top []Confusion
	for i, row := range c.Counts {
		for j, count := range row {
			if i == j || count == 0 || len(top) == n && (n == 0 || count <= top[n-1].Count) {
				continue
			}
			at, _ := slices.BinarySearchFunc(top, count, func(t Confusion, count int) int {
				return cmp.Or(cmp.Compare(count, t.Count), -1) // after those of the same count
			})
			if top = slices.Insert(top, at, Confusion{i, j, count}); len(top) > n {
				top = top[:n]
			}
		}
	}
	return top
}

const (
	mostClasses  = 30 // of a table; of more classes the mistakes are listed
	mostMistakes = 15 // of that list
)

// String shows the counts as an aligned table, true classes down, predicted ones across. Of many classes it lists the
// most frequent mistakes.
func (c *ConfusionMatrix) String() string {
	var b strings.Builder
	if len(c.Counts) > mostClasses {
		fmt.Fprintf(&b, "confusion matrix of %d classes: %s", len(c.Counts), c.summary())
		for _, m := range c.Confusions(mostMistakes) {
			fmt.Fprintf(&b, "\n  %s taken for %s: %s of %s (%s %%)", c.name(m.True), c.name(m.Predicted), number.Count(m.Count),
				number.Count(c.Support(m.True)), number.Percent(ratio(m.Count, c.Support(m.True))))
		}
		return b.String()
	}
	names, heads := make([]string, len(c.Counts)), make([]string, len(c.Counts))
	wide := 0
	for i := range names {
		names[i] = c.name(i)
		heads[i] = names[i]
		wide = max(wide, len([]rune(names[i])))
	}
	if wide > 8 { // columns of so long names would not fit on a line: they have numbers
		for i := range names {
			heads[i] = strconv.Itoa(i)
			names[i] = fmt.Sprintf("%d %s", i, names[i])
		}
	}
	left, width := len(`true \ predicted`), 1
	for i, name := range names {
		left, width = max(left, len([]rune(name))), max(width, len([]rune(heads[i])))
		for _, n := range c.Counts[i] {
			width = max(width, len(strconv.Itoa(n)))
		}
	}
	fmt.Fprintf(&b, "%-*s", left, `true \ predicted`)
	for _, head := range heads {
		fmt.Fprintf(&b, "  %*s", width, head)
	}
	fmt.Fprintf(&b, "  %6s\n", "recall")
	for i, name := range names {
		fmt.Fprintf(&b, "%-*s", left, name)
		for _, n := range c.Counts[i] {
			fmt.Fprintf(&b, "  %*d", width, n)
		}
		fmt.Fprintf(&b, "  %6s\n", c.recall(i))
	}
	b.WriteString(c.summary())
	return b.String()
}

// HTML shows the counts as a table whose cells are the darker the larger their share of the row: blue where they are
// right, orange where they are not. Of many classes it lists the most frequent mistakes.
func (c *ConfusionMatrix) HTML() string {
	var b strings.Builder
	if len(c.Counts) > mostClasses {
		fmt.Fprintf(&b, "<p>%d classes: %s; the most frequent mistakes:</p><table><thead><tr><th>true</th><th>predicted</th>"+
			"<th>count</th><th>%% of true</th></tr></thead><tbody>", len(c.Counts), c.summary())
		for _, m := range c.Confusions(mostMistakes) {
			fmt.Fprintf(&b, "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td></tr>", html.EscapeString(c.name(m.True)),
				html.EscapeString(c.name(m.Predicted)), number.Count(m.Count), number.Percent(ratio(m.Count, c.Support(m.True))))
		}
		b.WriteString("</tbody></table>")
		return b.String()
	}
	b.WriteString(`<table><thead><tr><th>true \ predicted</th>`)
	for i := range c.Counts {
		fmt.Fprintf(&b, "<th>%s</th>", html.EscapeString(c.name(i)))
	}
	b.WriteString("<th>recall</th></tr></thead><tbody>")
	for i := range c.Counts {
		fmt.Fprintf(&b, "<tr><th>%s</th>", html.EscapeString(c.name(i)))
		for j, n := range c.Counts[i] {
			// Translucent colours read on light and dark pages alike.
			colour := "31,119,180"
			if i != j {
				colour = "230,120,20"
			}
			fmt.Fprintf(&b, `<td style="background: rgba(%s,%.2f)">%s</td>`, colour, 0.6*float64(n)/float64(max(c.Support(i), 1)), number.Count(n))
		}
		fmt.Fprintf(&b, "<td>%s</td></tr>", c.recall(i))
	}
	fmt.Fprintf(&b, "</tbody></table><p>%s</p>", c.summary())
	return b.String()
}

// MimeBundle gives a notebook the table as HTML and as text.
func (c *ConfusionMatrix) MimeBundle() map[string]any {
	return map[string]any{"text/html": c.HTML(), "text/plain": c.String()}
}

func (c *ConfusionMatrix) summary() string {
	if c.Total() == 0 {
		return "no samples"
	}
	return fmt.Sprintf("accuracy %.4f (%s)", c.Accuracy(), number.Plural(c.Total(), "sample", "samples"))
}

// recall is a class's recall as it is shown: there is none of a class without samples.
func (c *ConfusionMatrix) recall(i int) string {
	if c.Support(i) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.4f", c.Recall(i))
}

// name is a class's name as it stands in a table: one line, cut in its middle where it is long.
func (c *ConfusionMatrix) name(i int) string {
	if i >= len(c.Classes) {
		return strconv.Itoa(i)
	}
	const most = 40
	runes := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, c.Classes[i]))
	if len(runes) > most {
		runes = slices.Concat(runes[:most/2], []rune("…"), runes[len(runes)-most/2+1:])
	}
	return string(runes)
}
