package anonymous

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"modelbook/dl"
	"modelbook/dl/data/table"
)

// Bands makes numbers bands of a width, as texts: "[20, 30)" is from 20 up to but not including 30. Missing ones
// stay missing.
func Bands(c table.Column, width float64) table.Column {
	const op = "anonymous.Bands"
	if !c.Numeric() {
		dl.PanicValue(op, "the column %q has values of kind %v; bands are of numbers", c.Name, c.Kind)
	}
	if !(width > 0) || math.IsInf(width, 1) {
		dl.PanicValue(op, "the width is %v; it is a positive number", width)
	}
	return replaced(c, func(i int) string {
		v := c.Number(i)
		if math.IsInf(v, 0) {
			return strconv.FormatFloat(v, 'g', -1, 64)
		}
		lo := math.Floor(v/width) * width
		return "[" + short(lo) + ", " + short(lo+width) + ")"
	})
}

// short is a number without the digits that arithmetic leaves.
func short(v float64) string {
	if v == 0 {
		v = 0 // not -0
	}
	return strconv.FormatFloat(v, 'g', 12, 64)
}

// Prefix keeps the first n characters of texts, such as postal codes, and makes the others stars: "13353" becomes
// "13***".
func Prefix(c table.Column, n int) table.Column {
	if n < 0 {
		dl.PanicValue("anonymous.Prefix", "%d characters cannot be kept", n)
	}
	return replaced(c, func(i int) string {
		text := c.Text(i)
		kept, at := 0, 0
		for at < len(text) && kept < n {
			_, size := utf8.DecodeRuneInString(text[at:])
			at += size
			kept++
		}
		stars := make([]byte, utf8.RuneCountInString(text[at:]))
		for k := range stars {
			stars[k] = '*'
		}
		return text[:at] + string(stars)
	})
}

// Up replaces texts by what they are some steps up in a tree.
func Up(c table.Column, t Tree, steps int) table.Column {
	const op = "anonymous.Up"
	if steps < 0 {
		dl.PanicValue(op, "%d steps up are below 0", steps)
	}
	if err := t.check(c.Name); err != nil {
		dl.PanicValue(op, "%v", err)
	}
	return replaced(c, func(i int) string { return t.Up(c.Text(i), steps) })
}

// replaced are categories in the place of the values that are not missing.
func replaced(c table.Column, text func(i int) string) table.Column {
	texts, gaps := make([]string, c.Len()), make([]bool, c.Len())
	for i := range texts {
		if gaps[i] = c.Missing(i); !gaps[i] {
			texts[i] = text(i)
		}
	}
	out := table.Strings(c.Name, texts...)
	out.Gaps = gaps
	return out.Categories()
}

// Suppress leaves out the rows whose class in the quasi-identifiers is smaller than k, and says how many.
func Suppress(t *table.Table, k int, quasi ...string) (out *table.Table, suppressed int) {
	const op = "anonymous.Suppress"
	mustBeTable(op, t, quasi)
	if k < 1 {
		dl.PanicValue(op, "classes of %d rows are none", k)
	}
	small := make([]bool, t.Len())
	for _, class := range classesOf(t, quasi) {
		if len(class) < k {
			for _, row := range class {
				small[row] = true
			}
			suppressed += len(class)
		}
	}
	return t.Filter(func(r table.Row) bool { return !small[r.Number()] }), suppressed
}

// Compare is the Report of a table that was made from another one by hand, with Bands, Prefix, Up and Suppress. What a
// column lost is the share of the entropy of its texts that is gone.
func Compare(before, after *table.Table, quasi []string, sensitive ...string) *Report {
	const op = "anonymous.Compare"
	mustBeTable(op, before, quasi)
	mustBeTable(op, after, quasi)
	if after.Len() > before.Len() {
		dl.PanicValue(op, "there are %d rows after, %d before", after.Len(), before.Len())
	}
	losses := map[string]float64{}
	for _, name := range quasi {
		first, then := entropyOf(before, name), entropyOf(after, name)
		if first > 0 {
			losses[name] = min(max(1-then/first, 0), 1)
		}
	}
	return report(before, after, quasi, sensitive, losses)
}

// entropyOf is that of the texts of a column.
func entropyOf(t *table.Table, name string) float64 {
	sum := 0.0
	for _, class := range classesOf(t, []string{name}) {
		p := float64(len(class)) / float64(t.Len())
		sum -= p * math.Log(p)
	}
	return sum
}

// Report is what an anonymised table has, and what it lost.
type Report struct {
	Measures
	Rows       int                // before
	Suppressed int                // rows that were left out
	Loss       map[string]float64 // of each quasi-identifier, from 0 (as it was) to 1 (nothing is left)
	// Discernibility is the sum over rows of the size of their class, and over rows left out of that of the table
	// (Bayardo and Agrawal, 2005): smaller is better.
	Discernibility int
	// AverageSize is the mean size of a class divided by K (LeFevre): 1 is the best.
	AverageSize float64
}

func report(before, after *table.Table, quasi, sensitive []string, losses map[string]float64) *Report {
	r := &Report{Measures: Measure(after, quasi, sensitive...), Rows: before.Len(), Suppressed: before.Len() - after.Len(), Loss: losses}
	for _, class := range classesOf(after, quasi) {
		r.Discernibility += len(class) * len(class)
	}
	r.Discernibility += r.Suppressed * r.Rows
	if r.Classes > 0 {
		r.AverageSize = float64(after.Len()) / float64(r.Classes) / float64(r.K)
	}
	return r
}

// String is some lines of text.
func (r *Report) String() string {
	text := fmt.Sprintf("%d of %d rows, %d left out\n%s\n", r.Rows-r.Suppressed, r.Rows, r.Suppressed, r.Measures)
	text += fmt.Sprintf("a class has %.2f times the rows of the smallest; discernibility %d", r.AverageSize, r.Discernibility)
	for _, name := range sortedKeys(r.Loss) {
		text += fmt.Sprintf("\n%s lost %.1f %% of what it told", name, 100*r.Loss[name])
	}
	return text
}
