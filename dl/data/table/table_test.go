package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

func penguins(t *testing.T) *Table {
	t.Helper()
	p, err := ReadCSV("testdata/penguins.csv")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recorded is what pandas made of the same file: see testdata/table.py.
func recorded(t *testing.T) map[string]*frame {
	t.Helper()
	b, err := os.ReadFile("testdata/table.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	delete(all, "pandas")
	frames := map[string]*frame{}
	for name, raw := range all {
		f := &frame{}
		if err := json.Unmarshal(raw, f); err != nil {
			t.Fatal(err)
		}
		frames[name] = f
	}
	return frames
}

type frame struct {
	Names []string
	Rows  [][]any
}

// same compares a table with pandas' frame, column by column in order, whatever the names.
func same(t *testing.T, what string, got *Table, want *frame) {
	t.Helper()
	if want == nil || got.Len() != len(want.Rows) || len(got.Columns()) != len(want.Names) {
		t.Fatalf("%s: %d rows and the columns %v, pandas has %+v", what, got.Len(), got.Names(), want)
	}
	for i, row := range want.Rows {
		for j, v := range row {
			c := got.Columns()[j]
			switch v := v.(type) {
			case nil:
				if !c.Missing(i) {
					t.Errorf("%s: %s in row %d is %q, pandas has none", what, c.Name, i, c.Text(i))
				}
			case float64:
				if d := math.Abs(c.Number(i) - v); !(d <= 1e-12*max(1, math.Abs(v))) {
					t.Errorf("%s: %s in row %d is %v, pandas has %v", what, c.Name, i, c.Number(i), v)
				}
			case string:
				if c.Text(i) != v {
					t.Errorf("%s: %s in row %d is %q, pandas has %q", what, c.Name, i, c.Text(i), v)
				}
			default:
				t.Fatalf("%s: %T", what, v)
			}
		}
	}
}

func TestPandas(t *testing.T) {
	p, want := penguins(t), recorded(t)
	d := p.Describe()
	same(t, "describe", d.Filter(func(r Row) bool { return r.Text("column") == "mass" || r.Text("column") == "flipper" }).
		Select("column", "count", "mean", "std", "min", "25%", "50%", "75%", "max"), want["describe"])
	same(t, "describe texts", d.Filter(func(r Row) bool { return slices.Contains([]string{"species", "island", "sex"}, r.Text("column")) }).
		Select("column", "count", "unique", "top", "freq"), want["describe_other"])
	same(t, "counts", p.Counts("species"), want["counts"])
	same(t, "group", p.GroupBy("species", "sex").Aggregate(Count().Named("n"), Present("flipper"), Unique("island"), Sum("mass"),
		Mean("flipper"), Median("mass"), Std("mass"), Var("flipper"), Min("island"), Max("flipper"), First("flipper").Named("f"),
		Last("island")), want["group"])
	same(t, "quantile", p.GroupBy("species").Aggregate(Quantile("mass", 0.3)), want["quantile"])
	other := New(Strings("island", "Dream", "Biscoe", "Dream", "Nowhere"), Ints("mass", 1, 2, 3, 4), Floats("area", 10.5, 20.5, 30.5, 40.5))
	key := p.Select("species", "island", "mass")
	same(t, "inner", key.Join(other, "island").Sort("mass", "mass_right"), want["inner"])
	same(t, "left", key.LeftJoin(other, "island"), want["left"])
	same(t, "sort", p.Select("species", "mass", "flipper").Sort("-species", "mass"), want["sort"])
	same(t, "unique", p.Unique("species", "island").Select("species", "island"), want["unique"])
}

func TestKindsAreFound(t *testing.T) {
	p := penguins(t)
	var kinds []Kind
	for _, c := range p.Columns() {
		kinds = append(kinds, c.Kind)
	}
	if want := []Kind{String, String, Int, Float, String, Bool, Time}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
	for _, c := range []struct {
		text string
		o    CSV
		want Kind
	}{
		{"1\n2\n", CSV{}, Int}, {"1\nNA\n", CSV{}, Int}, {"1\n2.5\n", CSV{}, Float}, {"1e3\n-inf\n", CSV{}, Float}, {"0x1p3\n", CSV{}, String},
		{"1_000\n", CSV{}, String}, {"true\nFalse\n", CSV{}, Bool}, {"true\n1\n", CSV{}, String}, {"2024-02-30\n", CSV{}, String},
		{"2024-02-29\n2024-03-01T10:00:00Z\n", CSV{}, Time}, {"NA\nNA\n", CSV{}, Float}, {"99999999999999999999\n", CSV{}, Float},
		{"NA\n", CSV{NA: []string{"-"}}, String}, {"-\n3\n", CSV{NA: []string{"-"}}, Int}, {"1,5\n", CSV{Comma: ';', Decimal: ','}, Float},
		{"29.02.2024\n", CSV{Layouts: []string{"02.01.2006"}}, Time}, {"b\na\nb\n", CSV{Kinds: map[string]Kind{"x": Category}}, Category},
		{"1\n", CSV{Kinds: map[string]Kind{"x": String}}, String}, {" 1\n2 \n", CSV{}, Int}, {" 1.5\n2\t\n", CSV{}, Float}, {" a\n", CSV{}, String}, {" 1\n", CSV{Trim: true}, Int}, {" true\n", CSV{}, String},
	} {
		got, err := c.o.Read(strings.NewReader("x\n"+c.text), "x.csv")
		if err != nil || got.Column("x").Kind != c.want {
			t.Errorf("%q with %+v: %v %v, want %v", c.text, c.o, got, err, c.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	for _, c := range []struct {
		text string
		o    CSV
		want []string
	}{
		{"a,b\n1,2\n", CSV{}, []string{"a", "b"}}, {"\xef\xbb\xbfa,b\n1,2\n", CSV{}, []string{"a", "b"}},
		{"a,b\r1,2\r", CSV{}, []string{"a", "b"}}, {"title\ra,b\r1,\"2\r\"\r", CSV{Skip: 1}, []string{"a", "b"}},
		{strings.Repeat("a", 4095) + "\r\n1\r\n", CSV{}, []string{strings.Repeat("a", 4095)}},
		{"a,a,,a.1,a\n1,2,3,4,5\n", CSV{}, []string{"a", "a.2", "Unnamed: 2", "a.1", "a.3"}},
		{"1,2\n3,4\n", CSV{NoHeader: true}, []string{"0", "1"}}, {"1,2\n", CSV{NoHeader: true, Names: []string{"p", "q"}}, []string{"p", "q"}},
		{"a,b\n1,2\n", CSV{Names: []string{"p", "q"}}, []string{"p", "q"}}, {"of 2024\n\na;b\n1;2\n", CSV{Comma: ';', Skip: 2}, []string{"a", "b"}},
		{"# note\na,b\n1,2\n", CSV{Comment: '#'}, []string{"a", "b"}}, {"a,b,c\n1,2,3\n", CSV{Columns: []string{"c", "a"}}, []string{"c", "a"}},
	} {
		got, err := c.o.Read(strings.NewReader(c.text), "x.csv")
		if err != nil || !slices.Equal(got.Names(), c.want) || got.Len() < 1 {
			t.Errorf("%q: %v %v, want %v", c.text, got, err, c.want)
		}
	}
}

func TestErrorsNameThePlace(t *testing.T) {
	for _, c := range []struct {
		text, want string
		o          CSV
	}{
		{"", "x.csv:1: there is nothing", CSV{}},
		{"a,b\n1,2\n1,2,3\n", "x.csv:3: 3 fields, expected 2", CSV{}},
		{"a;b\n1,5;2\n", `x.csv:2: 2 fields, expected 1: is the separator ',' right?`, CSV{}},
		{"a,b\n1;2\n", `x.csv:2: 1 fields, expected 2: is the separator ',' right?`, CSV{}},
		{"a,b\n1,2\n1,x y\n", `x.csv:3:3: column "b": "x y" is no int`, CSV{Kinds: map[string]Kind{"b": Int}}},
		{"skip\na\n\"x\ny\"\n", `x.csv:3:1: column "a": "x\ny" is no float`, CSV{Skip: 1, Kinds: map[string]Kind{"a": Float}}},
		{"a,b\n1,\"2\n", "x.csv:2", CSV{}},
		{"a\n1 \"2\" 3\n", "x.csv:2:3: bare \" in non-quoted-field (CSV.Lazy takes quotation marks", CSV{}},
		{"a\n1\n", `there is no column "b"; there are "a"`, CSV{Columns: []string{"b"}}},
		{"a\n1\n", `CSV.Kinds names the column "b"`, CSV{Kinds: map[string]Kind{"b": Int}}},
		{"a\n1\n", "1 fields, but CSV.Names has 2", CSV{Names: []string{"a", "b"}}},
		{"a\n1\n1\n1\n", "more than 5 bytes; raise CSV.MaxBytes", CSV{MaxBytes: 5}},
		{strings.Repeat(",", maxColumns) + "\n", "expected at most 65536", CSV{}},
		{"\x1f\x8bno", "a broken gzip header", CSV{}},
		{"\xff\xfea\x00\n\x001\x00", "x.csv:1: the text is UTF-16", CSV{}}, {"\xfe\xff\x00a\x00\n", "x.csv:1: the text is UTF-16", CSV{}},
		{"a,b\n1,x\n2,caf\xe9\n", `x.csv:3:3: column "b": byte 4 of the field, 0xe9, is not UTF-8; CSV.Latin1 reads`, CSV{}},
		{"a,na\xefve\n1,x\n", `x.csv:1:3: byte 3 of the field, 0xef, is not UTF-8`, CSV{}},
		{"#\n1,x\n2,\xc3\n", `x.csv:3:3: column "1": byte 1 of the field, 0xc3`, CSV{Skip: 1, NoHeader: true}},
	} {
		_, err := c.o.Read(strings.NewReader(c.text), "x.csv")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.40q: %v, want %q", c.text, err, c.want)
		}
	}
	if _, err := ReadCSV("testdata/none.csv"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestMistakesPanicWithTypedErrors(t *testing.T) {
	p := penguins(t)
	for name, f := range map[string]func(){
		"Column": func() { p.Column("weight") }, "Select": func() { p.Select("mass", "mass") }, "Drop": func() { p.Drop("x") },
		"New": func() { New(Ints("a", 1), Ints("b", 1, 2)) }, "New names": func() { New(Ints("a", 1), Ints("a", 2)) },
		"Rename": func() { p.Rename("mass", "sex") }, "With": func() { p.With(Ints("a", 1)) }, "Take": func() { p.Take(10) },
		"Row": func() { p.Row(-1) }, "Slice": func() { p.Slice(3, 2) }, "Sort": func() { p.Sort("-x") }, "GroupBy": func() { p.GroupBy() },
		"Aggregate kind": func() { p.GroupBy("sex").Aggregate(Mean("island")) }, "Aggregate": func() { p.GroupBy("sex").Aggregate(Aggregate{Column: "mass"}) },
		"Aggregate names": func() { p.GroupBy("sex").Aggregate(Mean("mass"), Mean("mass")) }, "Quantile": func() { Quantile("mass", 2) },
		"Join": func() { p.Join(p) }, "Join kinds": func() { p.Join(New(Ints("sex", 1)), "sex") }, "Tensor": func() { p.Tensor("sex") },
		"Labels missing": func() { p.Labels("sex") }, "Labels": func() { p.Labels("flipper") }, "Dataset": func() { p.Dataset("species", "mass") },
		"Append": func() { p.Append(New(Ints("a", 1))) }, "Row.Int": func() { p.Row(0).Int("sex") }, "Row.Text": func() { p.Row(0).Text("x") },
		"Counts": func() { p.Counts("x") }, "Number": func() { p.Column("sex").Number(0) }, "gaps": func() { New(Column{Name: "a", Kind: Int, Ints: []int64{1}, Gaps: []bool{true, false}}) },
		"codes": func() { New(Column{Name: "a", Kind: Category, Codes: []int32{1}, Levels: []string{"x"}}) }, "kind": func() { New(Column{Kind: 9}) },
	} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) || value.Caller == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := dl.Try(func() { p.Column("weight") }); !strings.Contains(err.Error(), `"weight"; there are "species", "island"`) {
		t.Error(err)
	}
}

func TestWrittenTablesAreReadAgain(t *testing.T) {
	p := penguins(t)
	dir := t.TempDir()
	csv, lines := filepath.Join(dir, "a.csv"), filepath.Join(dir, "a.jsonl")
	if err := errors.Join(p.SaveCSV(csv), p.SaveJSONLines(lines)); err != nil {
		t.Fatal(err)
	}
	for name, read := range map[string]func() (*Table, error){"CSV": func() (*Table, error) { return ReadCSV(csv) }, "JSON": func() (*Table, error) { return ReadJSONLines(lines) }} {
		again, err := read()
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, again, p)
	}
	one := New(Column{Name: "a", Kind: Int, Ints: []int64{1, 0, 3}, Gaps: []bool{false, true, false}})
	var b strings.Builder
	if err := one.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	again, err := CSV{}.Read(strings.NewReader(b.String()), "one")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "one column with a gap", again, one)
}

func equal(t *testing.T, what string, got, want *Table) {
	t.Helper()
	if got.Len() != want.Len() || !slices.Equal(got.Names(), want.Names()) {
		t.Fatalf("%s: %v %v", what, got, want)
	}
	for k, c := range got.Columns() {
		w := want.Columns()[k]
		if c.Kind != w.Kind {
			t.Errorf("%s: column %q is %v, want %v", what, c.Name, c.Kind, w.Kind)
			continue
		}
		for i := range c.Len() {
			if c.Missing(i) != w.Missing(i) || c.Text(i) != w.Text(i) {
				t.Errorf("%s: %q row %d: %q, want %q", what, c.Name, i, c.Text(i), w.Text(i))
			}
		}
	}
}

func TestJSONLines(t *testing.T) {
	got, err := ParseJSONLines(strings.NewReader(`{"a":1,"s":"x","b":true,"t":"2024-02-29"}`+"\n\n"+`{"f":1.5,"a":2,"t":null}`+"\n"), "x")
	if err != nil {
		t.Fatal(err)
	}
	want := New(Ints("a", 1, 2), Column{Name: "s", Kind: String, Strings: []string{"x", ""}, Gaps: []bool{false, true}},
		Column{Name: "b", Kind: Bool, Bools: []bool{true, false}, Gaps: []bool{false, true}}, got.Column("t"), Floats("f", math.NaN(), 1.5))
	equal(t, "JSON", got, want)
	if got.Column("t").Kind != Time || !got.Row(1).Missing("t") {
		t.Error("times are not found")
	}
	for text, want := range map[string]string{
		"{\"a\":1}\n{\"a\":\"x\"}\n": `x:2: column "a": a string, while the lines before have a number`,
		"[1]\n":                      "x:1: expected an object", "{\"a\":[1]}": "array or object", "{\"a\":1,\"a\":2}": "occurs twice", "{\"a\":1} 2": "something follows",
		"{\"a\"": "no JSON", "nothing": "no JSON",
	} {
		if _, err := ParseJSONLines(strings.NewReader(text), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTensorsAndDatasets(t *testing.T) {
	p := penguins(t)
	x := p.Tensor("mass", "checked")
	if s := x.Shape(); s[0] != 10 || s[1] != 2 || x.At(0, 0) != 3750 || x.At(0, 1) != 1 || !math.IsNaN(x.At(2, 0)) {
		t.Errorf("%v", x)
	}
	d := p.DropMissing("mass", "flipper").Dataset("species", "mass", "flipper")
	if d.Len() != 8 || !slices.Equal(d.Spec().Classes, []string{"Adelie", "Chinstrap", "Gentoo"}) {
		t.Errorf("%v", d.Spec())
	}
	b, err := data.All(d)
	if err != nil || !slices.Equal(b.Y.Int32s(), []int32{0, 0, 2, 2, 2, 1, 1, 0}) {
		t.Errorf("%v %v", b.Y, err)
	}
	r := p.DropMissing("flipper").Select("mass", "flipper").Dataset("flipper")
	if s := r.Spec(); s.YType != dl.Float32 || !slices.Equal(s.Y, dl.Shape{1}) {
		t.Errorf("%v", s)
	}
	if y, names := New(Ints("c", 7, 3, 7, 10)).Labels("c"); !slices.Equal(y.Int32s(), []int32{1, 0, 1, 2}) || !slices.Equal(names, []string{"3", "7", "10"}) {
		t.Errorf("%v %v", y, names)
	}
}

func TestAppend(t *testing.T) {
	p := penguins(t)
	p = p.With(p.Column("sex").Categories())
	back := p.Head(3).Append(p.Slice(3, 7), p.Tail(3))
	equal(t, "cut and put together", back, p)
	var again Table
	if err := again.SetState(p.State()); err != nil {
		t.Fatal(err)
	}
	equal(t, "through a saved session", &again, p)
	if err := again.SetState([]Column{Ints("a", 1), Ints("a", 2)}); err == nil {
		t.Error("a state with two columns of a name is taken")
	}
}

func TestLongTablesAreShownInPart(t *testing.T) {
	numbers := make([]float64, 1000)
	for i := range numbers {
		numbers[i] = float64(i)
	}
	var columns []Column
	for i := range 30 {
		columns = append(columns, Floats(fmt.Sprint("c", i), numbers...))
	}
	wide := New(columns...)
	lines := strings.Split(wide.String(), "\n")
	if len(lines) != mostRows+3 || !strings.Contains(lines[0], "c0") || !strings.Contains(lines[0], "c29") || strings.Contains(lines[0], "c15") ||
		!strings.HasPrefix(strings.TrimSpace(lines[20]), "998") && !strings.HasPrefix(strings.TrimSpace(lines[21]), "999") || lines[len(lines)-1] != "1000 rows, 30 columns" {
		t.Errorf("%s", wide)
	}
	evil := New(Strings("<u>", "<script>\n\x1b[31m"))
	if s := evil.HTML(); strings.Contains(s, "<script>") || strings.Contains(s, "<u>") || strings.Contains(s, "\x1b") {
		t.Error(s)
	}
	if b := evil.MimeBundle(); b["text/html"] != evil.HTML() || !strings.HasPrefix(b["text/plain"].(string), evil.String()) {
		t.Error(b)
	}
}

func TestAJoinWithoutEndIsRefused(t *testing.T) {
	big := New(Ints("a", make([]int64, 20000)...))
	if err := dl.Try(func() { big.Join(big, "a") }); err == nil || !strings.Contains(err.Error(), "repeat in both tables") {
		t.Error(err)
	}
}

func TestStreamReadsRows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.csv")
	write := func(text string) { os.WriteFile(path, []byte(text), 0o644) }
	write("x,kind,y\n1,a,true\n2,b,false\nNA,a,1.5\n")
	s, err := CSV{}.Stream(path, Rows{Target: "kind", Classes: []string{"b", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	l := data.Loader{Dataset: s, BatchSize: 2}
	for pass := range 2 {
		var y []int32
		var x []float32
		for _, b := range l.Batches() {
			y, x = append(y, b.Y.Int32s()...), append(x, b.X.Float32s()...)
		}
		if l.Err() != nil || !slices.Equal(y, []int32{1, 0, 1}) || !slices.Equal(x[:4], []float32{1, 1, 2, 0}) || x[4] == x[4] || x[5] != 1.5 {
			t.Errorf("pass %d: %v %v %v", pass, x, y, l.Err())
		}
	}
	for _, c := range []struct {
		text string
		rows Rows
		want string
	}{
		{"x,y\n1,2\nb,3\n", Rows{Target: "y"}, `:3:1: column "x": "b" is no number`}, {"x,y\n1,\n", Rows{Target: "y"}, `:2:3: column "y": the target is missing`},
		{"x,y\n1,no\n", Rows{Target: "y"}, `:2:3: column "y": "no" is no number; texts of classes are named in Rows.Classes`},
		{"x,y\n1,c\n", Rows{Target: "y", Classes: []string{"a"}}, `"c" is none of the classes "a"`}, {"x\n1,2\n", Rows{}, ":2: 2 fields"},
	} {
		write(c.text)
		s, err := CSV{}.Stream(path, c.rows)
		if err != nil {
			t.Fatal(err)
		}
		l := data.Loader{Dataset: s}
		for range l.Batches() {
		}
		if l.Err() == nil || !strings.Contains(l.Err().Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, l.Err(), c.want)
		}
	}
	if _, err := (CSV{}).Stream(path, Rows{Features: []string{"z"}}); err == nil {
		t.Error("a column that is not there is streamed")
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,b\n1,2\n", byte(0), false)
	f.Add("a;b\n\"1\n\";NA\n2024-02-29;x\n", byte(';'), true)
	f.Add("\xef\xbb\xbfa,a,\n1e999,true,\x00\n", byte(0), false)
	f.Fuzz(func(t *testing.T, text string, comma byte, noHeader bool) {
		table, err := CSV{Comma: rune(comma), NoHeader: noHeader, MaxBytes: 1 << 20}.Read(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		_ = table.String()
		_ = table.HTML()
		_ = table.Describe().String()
		var b strings.Builder
		if err := table.WriteCSV(&b); err != nil {
			t.Fatal(err)
		}
		kinds := map[string]Kind{}
		for _, c := range table.Columns() {
			kinds[c.Name] = c.Kind
		}
		again, err := CSV{Kinds: kinds}.Read(strings.NewReader(b.String()), "again")
		if len(table.Columns()) > 0 && (err != nil || again.Len() != table.Len()) {
			t.Fatalf("%q is read, but not what is written of it, %q: %v", text, b.String(), err)
		}
	})
}

func FuzzJSONLines(f *testing.F) {
	f.Add(`{"a":1,"b":"x"}` + "\n" + `{"b":null,"c":true}`)
	f.Add(`{"a":1e999}`)
	f.Fuzz(func(t *testing.T, text string) {
		table, err := ParseJSONLines(strings.NewReader(text), "fuzz")
		if err != nil {
			return
		}
		var b strings.Builder
		if err := table.WriteJSONLines(&b); err != nil {
			t.Fatal(err)
		}
		again, err := ParseJSONLines(strings.NewReader(b.String()), "again")
		if err != nil || len(table.Columns()) > 0 && again.Len() != table.Len() {
			t.Fatalf("%q is read, but not what is written of it, %q: %v", text, b.String(), err)
		}
	})
}

// Latin-1 is Windows-1252, as in browsers; a mark of UTF-8 tells more than the setting.
func TestLatin1(t *testing.T) {
	for text, want := range map[string]string{"name\ncaf\xe9 \x80 5 \x93a\x94 \xff\n": "café € 5 “a” ÿ", "\xef\xbb\xbfname\ncafé\n": "café"} {
		table, err := CSV{Latin1: true}.Read(strings.NewReader(text), "x.csv")
		if err != nil || table.Column("name").Text(0) != want {
			t.Errorf("%q: %v %v", text, table, err)
		}
	}
}

func TestJSONLinesAreUTF8(t *testing.T) {
	_, err := ParseJSONLines(strings.NewReader("{\"a\": \"é\"}\n  {\"a\": \"caf\xe9\"}\n"), "x.jsonl")
	if err == nil || !strings.Contains(err.Error(), "x.jsonl:2:13: the byte 0xe9 is not UTF-8") {
		t.Error(err)
	}
}
