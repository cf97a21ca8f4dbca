package table

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbook/dl"
)

// Kind is the kind of values in a column.
type Kind uint8

const (
	Float    Kind = iota // float64; NaN is a missing value
	Int                  // int64
	String               // text
	Bool                 // true or false
	Category             // one of a few texts, the levels
	Time                 // a moment
)

var kindNames = [...]string{"float", "int", "string", "bool", "category", "time"}

// String is the kind's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Column is a column of a table: its name and its values, in the slice of its kind. Columns are shared by tables, so
// the values must not be changed; [Column.Clone] is a copy that may be.
type Column struct {
	Name    string
	Kind    Kind
	Floats  []float64   // of Float; NaN: missing
	Ints    []int64     // of Int
	Strings []string    // of String
	Bools   []bool      // of Bool
	Codes   []int32     // of Category: numbers of levels; -1: missing
	Levels  []string    // of Category
	Times   []time.Time // of Time
	Gaps    []bool      // of Int, String, Bool and Time: which values are missing; nil: none
}

// Floats makes a column of floats, in which NaN stands for a missing value.
func Floats(name string, values ...float64) Column {
	return Column{Name: name, Kind: Float, Floats: values}
}

// Ints makes a column of integers.
func Ints(name string, values ...int64) Column { return Column{Name: name, Kind: Int, Ints: values} }

// Strings makes a column of texts.
func Strings(name string, values ...string) Column {
	return Column{Name: name, Kind: String, Strings: values}
}

// Bools makes a column of truth values.
func Bools(name string, values ...bool) Column { return Column{Name: name, Kind: Bool, Bools: values} }

// Times makes a column of moments.
func Times(name string, values ...time.Time) Column {
	return Column{Name: name, Kind: Time, Times: values}
}

// Categories makes a column of categories, whose levels are the different texts, sorted.
func Categories(name string, values ...string) Column { return categories(name, values, nil) }

func categories(name string, values []string, gaps []bool) Column {
	c := Column{Name: name, Kind: Category, Codes: make([]int32, len(values))}
	number := map[string]int32{}
	for i, v := range values {
		if gaps == nil || !gaps[i] {
			number[v] = 0
		}
	}
	for v := range number {
		c.Levels = append(c.Levels, v)
	}
	slices.Sort(c.Levels)
	for i, v := range c.Levels {
		number[v] = int32(i)
	}
	for i, v := range values {
		c.Codes[i] = -1
		if gaps == nil || !gaps[i] {
			c.Codes[i] = number[v]
		}
	}
	return c
}

// Len is the number of values, missing ones too.
func (c Column) Len() int { return c.length() }

func (c *Column) length() int {
	switch c.Kind {
	case Float:
		return len(c.Floats)
	case Int:
		return len(c.Ints)
	case String:
		return len(c.Strings)
	case Bool:
		return len(c.Bools)
	case Category:
		return len(c.Codes)
	}
	return len(c.Times)
}

// Missing says whether value i is missing.
func (c Column) Missing(i int) bool {
	c.mustHave("table.Column.Missing", i)
	return c.missing(i)
}

// mustHave refuses the number of a value that is not there, and the value of a column whose parts do not fit together.
func (c *Column) mustHave(op string, i int) {
	if i < 0 || i >= c.length() {
		dl.PanicValue(op, "there is no value %d in column %q, which has %d; the first is 0", i, c.Name, c.length())
	}
	if c.Gaps != nil && i >= len(c.Gaps) || c.Kind == Category && int(c.Codes[i]) >= len(c.Levels) {
		dl.PanicValue(op, "%s", c.check())
	}
}

func (c *Column) missing(i int) bool {
	switch c.Kind {
	case Float:
		return math.IsNaN(c.Floats[i])
	case Category:
		return c.Codes[i] < 0
	}
	return c.Gaps != nil && c.Gaps[i]
}

// MissingCount is the number of missing values.
func (c Column) MissingCount() int {
	n := 0
	for i := range c.Len() {
		c.mustHave("table.Column.MissingCount", i)
		if c.missing(i) {
			n++
		}
	}
	return n
}

// Numeric says whether the values are numbers, or truth values, which count as 0 and 1.
func (c Column) Numeric() bool { return c.Kind == Float || c.Kind == Int || c.Kind == Bool }

// Number is value i as a number: NaN when it is missing, the level's number of a category, seconds since 1970 of a
// time. A text has none.
func (c Column) Number(i int) float64 {
	c.mustHave("table.Column.Number", i)
	if c.missing(i) {
		return math.NaN()
	}
	switch c.Kind {
	case Float:
		return c.Floats[i]
	case Int:
		return float64(c.Ints[i])
	case Bool:
		if c.Bools[i] {
			return 1
		}
		return 0
	case Category:
		return float64(c.Codes[i])
	case Time:
		return float64(c.Times[i].Unix()) + float64(c.Times[i].Nanosecond())/1e9
	}
	dl.PanicValue("table.Column.Number", "the texts of column %q are no numbers; make categories of them with Categories", c.Name)
	return 0
}

// Numbers is all values as by Number.
func (c Column) Numbers() []float64 {
	out := make([]float64, c.Len())
	for i := range out {
		out[i] = c.Number(i)
	}
	return out
}

// Text is value i as it is written to a CSV file, "" when it is missing.
func (c Column) Text(i int) string {
	c.mustHave("table.Column.Text", i)
	if c.missing(i) {
		return ""
	}
	switch c.Kind {
	case Float:
		return strconv.FormatFloat(c.Floats[i], 'g', -1, 64)
	case Int:
		return strconv.FormatInt(c.Ints[i], 10)
	case String:
		return c.Strings[i]
	case Bool:
		return strconv.FormatBool(c.Bools[i])
	case Category:
		return c.Levels[c.Codes[i]]
	}
	return timeText(c.Times[i])
}

func timeText(t time.Time) string {
	if t.Location() == time.UTC && t.Equal(t.Truncate(24*time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}

// Categories is the column as categories, whose levels are its different texts, sorted.
func (c Column) Categories() Column {
	if c.Kind == Category {
		return c
	}
	texts := make([]string, c.Len())
	gaps := make([]bool, len(texts))
	for i := range texts {
		texts[i], gaps[i] = c.Text(i), c.Missing(i)
	}
	return categories(c.Name, texts, gaps)
}

// Rename is the column under another name.
func (c Column) Rename(name string) Column {
	c.Name = name
	return c
}

// Clone is a copy that shares nothing.
func (c Column) Clone() Column {
	c.Floats, c.Ints, c.Strings = slices.Clone(c.Floats), slices.Clone(c.Ints), slices.Clone(c.Strings)
	c.Bools, c.Codes, c.Levels = slices.Clone(c.Bools), slices.Clone(c.Codes), slices.Clone(c.Levels)
	c.Times, c.Gaps = slices.Clone(c.Times), slices.Clone(c.Gaps)
	return c
}

// Take is the values with the given numbers, in their order; -1 makes a missing value.
func (c Column) Take(rows []int) Column {
	const op = "table.Column.Take"
	n := c.Len()
	for _, row := range rows {
		if row < -1 || row >= n {
			dl.PanicValue(op, "there is no value %d in column %q, which has %d; -1 makes a missing one", row, c.Name, n)
		}
	}
	if c.Gaps != nil && len(c.Gaps) != n {
		dl.PanicValue(op, "%s", c.check())
	}
	out := Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels}
	switch c.Kind {
	case Float:
		out.Floats = pick(c.Floats, rows, math.NaN())
	case Int:
		out.Ints = pick(c.Ints, rows, 0)
	case String:
		out.Strings = pick(c.Strings, rows, "")
	case Bool:
		out.Bools = pick(c.Bools, rows, false)
	case Category:
		out.Codes = pick(c.Codes, rows, -1)
	case Time:
		out.Times = pick(c.Times, rows, time.Time{})
	}
	if c.Kind != Float && c.Kind != Category && (c.Gaps != nil || slices.Contains(rows, -1)) {
		gaps := c.Gaps
		if gaps == nil {
			gaps = make([]bool, c.Len())
		}
		out.Gaps = pick(gaps, rows, true)
	}
	return out
}

func pick[T any](values []T, rows []int, missing T) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = missing
		if row >= 0 {
			out[i] = values[row]
		}
	}
	return out
}

// compare orders two values of a column; missing ones come last.
func (c Column) compare(a, b int) int {
	switch ma, mb := c.Missing(a), c.Missing(b); {
	case ma && mb:
		return 0
	case ma:
		return 1
	case mb:
		return -1
	}
	switch c.Kind {
	case String:
		return strings.Compare(c.Strings[a], c.Strings[b])
	case Time:
		return c.Times[a].Compare(c.Times[b])
	case Int:
		switch x, y := c.Ints[a], c.Ints[b]; {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	switch x, y := c.Number(a), c.Number(b); {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// check says what is wrong with a column, "" when nothing is.
func (c Column) check() string {
	if c.Kind > Time {
		return fmt.Sprintf("column %q has the kind %v", c.Name, c.Kind)
	}
	for kind, n := range [...]int{len(c.Floats), len(c.Ints), len(c.Strings), len(c.Bools), len(c.Codes), len(c.Times)} {
		if n > 0 && Kind(kind) != c.Kind {
			return fmt.Sprintf("column %q of kind %v has values of kind %v", c.Name, c.Kind, Kind(kind))
		}
	}
	if c.Gaps != nil && (len(c.Gaps) != c.Len() || c.Kind == Float || c.Kind == Category) {
		return fmt.Sprintf("column %q of kind %v has %d values and Gaps for %d", c.Name, c.Kind, c.Len(), len(c.Gaps))
	}
	for i, code := range c.Codes {
		if code < -1 || int(code) >= len(c.Levels) {
			return fmt.Sprintf("column %q has the code %d in row %d, and %d levels", c.Name, code, i, len(c.Levels))
		}
	}
	return ""
}
