package table

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"modelbook/dl/internal/golden"
)

// customers is a table with a column of every kind.
func customers(rows int) *Table {
	age, city, member, spent := make([]int64, rows), make([]string, rows), make([]bool, rows), make([]float64, rows)
	since, plan, gaps := make([]time.Time, rows), make([]string, rows), make([]bool, rows)
	for i := range rows {
		age[i], city[i], member[i] = int64(18+i*37%60), fmt.Sprint("city ", i), i%3 == 0
		spent[i] = float64(i*7919%997) / 8
		since[i] = time.Date(2020, 1, 1+i%1000, 0, 0, 0, 0, time.UTC)
		plan[i], gaps[i] = []string{"free", "basic", "gold", "basic"}[i*7%4], i%5 == 1
		if i%10 == 3 {
			spent[i] = math.NaN()
		}
	}
	withGaps := Strings("plan", plan...)
	withGaps.Gaps = gaps
	return New(Ints("age", age...), Strings("city", city...), Bools("member", member...), Floats("spent", spent...), Times("since", since...),
		withGaps.Categories(), Floats("nothing", slicesOf(math.NaN(), rows)...))
}

func slicesOf(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// Tables look as they did when a person looked at them.
func TestTablesAreShown(t *testing.T) {
	for name, x := range map[string]*Table{"short": customers(12), "long": customers(5000), "one": customers(1), "none": customers(0), "empty": New()} {
		t.Run(name, func(t *testing.T) {
			shown := x.MimeBundle()
			golden.Check(t, "table-"+name+".html", shown["text/html"].(string))
			golden.Check(t, "table-"+name+".txt", shown["text/plain"].(string))
		})
	}
}

// Of a table of many rows a sample is looked at, which is said.
func TestLongTablesAreLookedAtInPart(t *testing.T) {
	shown := customers(200_000).MimeBundle()
	for mime, text := range shown {
		if s := text.(string); !strings.Contains(s, "of a sample of 16,384 rows") || len(s) > 64<<10 {
			t.Errorf("%s: %d bytes: %.300s", mime, len(s), s)
		}
	}
}

// Names and values of strangers are text.
func TestHostileTable(t *testing.T) {
	const evil = "<script>alert(1)</script>\"'\x00\u202e"
	x := New(Strings(evil, evil, evil, "b"), Categories("c", evil, "a", evil), Floats(strings.Repeat("x", 10000), 1, math.Inf(1), math.MaxFloat64))
	shown := x.MimeBundle()
	if html := shown["text/html"].(string); strings.Contains(html, "<script") || strings.ContainsAny(html, "\x00\u202e") || strings.Contains(html, "NaN to") {
		t.Error(html)
	}
	if text := shown["text/plain"].(string); strings.ContainsAny(text, "\x00\u202e") {
		t.Error(text)
	}
	wide := make([]Column, 300)
	for i := range wide {
		wide[i] = Floats(fmt.Sprint(i), 1, 2, 3)
	}
	if html := New(wide...).HTML(); len(html) > 128<<10 {
		t.Errorf("%d bytes of 300 columns", len(html))
	}
}

// A table as the last expression of a cell is shown so in a terminal.
func ExampleTable_MimeBundle() {
	x := New(Strings("name", "Ada", "Bo", "Cy"), Floats("height", 1.7, math.NaN(), 1.9), Ints("children", 2, 0, 3))
	fmt.Println(x.MimeBundle()["text/plain"])
	// Output:
	//    name  height  children
	// 0  Ada    1.700         2
	// 1  Bo         -         0
	// 2  Cy     1.900         3
	// 3 rows, 3 columns
	//
	// column    kind    missing     values
	// name      string  -           all different
	// height    float   1 (33.3 %)  1.700 to 1.900, mean 1.800  █              █
	// children  int     -           0 to 3, mean 1.667          █ ██
}
