package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"modelbook/dl/data/internal/invalid"
)

// maxLine is the longest line of JSON that is read.
const maxLine = 64 << 20

// ReadJSONLines reads a file with a JSON object on each line, whose fields are numbers, strings, truth values or null.
// Its columns are the names that occur, in the order of their first occurrence; where one does not occur, its value is
// missing. Strings that all are times in RFC 3339 or 2006-01-02 make a column of times.
func ReadJSONLines(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ParseJSONLines(f, path)
}

// jsonColumn is what a name has had as values.
type jsonColumn struct {
	name   string
	values []any // nil, bool, json.Number or string
	lines  []int32
}

// ParseJSONLines is ReadJSONLines of a reader; the name stands in errors.
func ParseJSONLines(r io.Reader, name string) (*Table, error) {
	if r == nil {
		return nil, errors.New("table.ParseJSONLines: the reader is nil")
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	var columns []*jsonColumn
	at := map[string]*jsonColumn{}
	cells, rows, line := 0, 0, 0
	fail := func(detail string) error { return &ParseError{File: name, Line: line, Detail: detail} }
	for lines.Scan() {
		line++
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		if at := invalid.UTF8(lines.Bytes()); at >= 0 {
			return nil, &ParseError{File: name, Line: line, Column: at + 1,
				Detail: fmt.Sprintf("the byte %#x is not UTF-8, which JSON is written in; convert the file, with iconv for instance", lines.Bytes()[at])}
		}
		err := eachField(text, func(key string, value any) error {
			c := at[key]
			if c == nil {
				if len(columns) == maxColumns {
					return fmt.Errorf("more than %d different names", maxColumns)
				}
				c = &jsonColumn{name: key}
				at[key] = c
				columns = append(columns, c)
			}
			if len(c.values) > rows {
				return fmt.Errorf("the name %q occurs twice", key)
			}
			// A file may name each column once, in its last line: what is missing takes memory, too.
			if cells += rows + 1 - len(c.values); cells > 1<<28 {
				return errors.New("too many values for a table in memory")
			}
			for len(c.values) < rows {
				c.values, c.lines = append(c.values, nil), append(c.lines, int32(line))
			}
			c.values, c.lines = append(c.values, value), append(c.lines, int32(line))
			return nil
		})
		if err != nil {
			return nil, fail(err.Error())
		}
		rows++
	}
	if err := lines.Err(); err != nil {
		line++
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, fail(fmt.Sprintf("the line has more than %d bytes", maxLine))
		}
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	t := &Table{}
	var made []Column
	for _, c := range columns {
		for len(c.values) < rows {
			c.values, c.lines = append(c.values, nil), append(c.lines, int32(line))
		}
		column, bad, detail := c.column()
		if bad >= 0 {
			return nil, &ParseError{File: name, Line: int(c.lines[bad]), Name: c.name, Detail: detail}
		}
		made = append(made, column)
	}
	t.set(made)
	t.rows = rows
	if len(made) == 0 {
		t.rows = 0
	}
	return t, nil
}

// eachField calls f with the fields of an object in their order.
func eachField(text []byte, f func(key string, value any) error) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	token, err := dec.Token()
	if err != nil {
		return errors.New("no JSON: " + err.Error())
	}
	if token != json.Delim('{') {
		return errors.New("expected an object, which begins with {")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return errors.New("no JSON: " + err.Error())
		}
		value, err := dec.Token()
		if err != nil {
			return errors.New("no JSON: " + err.Error())
		}
		if _, nested := value.(json.Delim); nested {
			return fmt.Errorf("the value of %q is an array or object, which a table does not hold", key)
		}
		if err := f(key.(string), value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return errors.New("no JSON: " + err.Error())
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the object; expected one object on a line")
	}
	return nil
}

// column finds a kind for the values. It returns the first value that does not go with the others, or -1.
func (j *jsonColumn) column() (c Column, bad int, detail string) {
	var kind Kind
	known, integers, gaps := false, true, false
	for i, v := range j.values {
		k := Float
		switch v := v.(type) {
		case nil:
			gaps = true
			continue
		case bool:
			k = Bool
		case string:
			k = String
		case json.Number:
			if _, err := strconv.ParseInt(v.String(), 10, 64); err != nil {
				integers = false
			}
		}
		if known && k != kind {
			return c, i, fmt.Sprintf("a %v, while the lines before have a %v", jsonName(k), jsonName(kind))
		}
		kind, known = k, true
	}
	if known && kind == Float && integers {
		kind = Int
	}
	c = Column{Name: j.name, Kind: kind}
	if gaps && kind != Float {
		c.Gaps = make([]bool, len(j.values))
	}
	for i, v := range j.values {
		if v == nil && kind != Float {
			c.Gaps[i] = true
		}
		switch kind {
		case Float:
			f := math.NaN()
			if v != nil {
				f, _ = strconv.ParseFloat(string(v.(json.Number)), 64) // out of range is infinite
			}
			c.Floats = append(c.Floats, f)
		case Int:
			var n int64
			if v != nil {
				n, _ = strconv.ParseInt(string(v.(json.Number)), 10, 64)
			}
			c.Ints = append(c.Ints, n)
		case Bool:
			b, _ := v.(bool)
			c.Bools = append(c.Bools, b)
		case String:
			s, _ := v.(string)
			c.Strings = append(c.Strings, s)
		}
	}
	if o := (CSV{Layouts: []string{time.DateOnly, time.RFC3339Nano}}); kind == String && o.all(Time, c.Strings, c.Gaps) {
		c, _ = o.parse(Time, c.Strings, c.Gaps)
		c.Name = j.name
	}
	return c, -1, ""
}

func jsonName(k Kind) string {
	switch k {
	case Bool:
		return "truth value"
	case String:
		return "string"
	}
	return "number"
}

// WriteJSONLines writes an object for each row. Missing values are null; so are infinite floats, which JSON has not.
func (t *Table) WriteJSONLines(w io.Writer) error {
	if w == nil {
		return errors.New("table.WriteJSONLines: the writer is nil")
	}
	out := bufio.NewWriter(w)
	names := make([][]byte, len(t.columns))
	for i, c := range t.columns {
		names[i], _ = json.Marshal(c.Name)
	}
	for row := range t.rows {
		out.WriteByte('{')
		for i, c := range t.columns {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(names[i])
			out.WriteByte(':')
			out.Write(c.json(row))
		}
		out.WriteString("}\n")
	}
	return out.Flush()
}

func (c Column) json(i int) []byte {
	var v any
	switch {
	case c.Missing(i) || c.Kind == Float && math.IsInf(c.Floats[i], 0):
		return []byte("null")
	case c.Kind == Float:
		b, _ := json.Marshal(c.Floats[i])
		return b
	case c.Kind == Int:
		v = c.Ints[i]
	case c.Kind == Bool:
		v = c.Bools[i]
	default:
		v = c.Text(i)
	}
	b, _ := json.Marshal(v)
	return b
}
