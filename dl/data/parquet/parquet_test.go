package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"modelbook/dl/data/table"
)

// all has a column of every kind, with values missing, in an order that is not that of the names.
func all(n int) *table.Table {
	var columns []table.Column
	kinds := []table.Column{
		table.Strings("z text", "a", "", "ü,\n\"", "a"), table.Ints("n", 1, -1<<63, 1<<63-1, 0), table.Floats("float", 1.5, math.NaN(), math.Inf(1), -0.25),
		table.Bools("b", true, false, true, true), table.Categories("kind", "red", "green", "red", "blue"),
		table.Times("when", time.Date(2024, 2, 29, 1, 2, 3, 4000, time.UTC), time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0).UTC(), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)),
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i % 4
		if i%7 == 6 {
			rows[i] = -1
		}
	}
	for _, c := range kinds {
		columns = append(columns, c.Take(rows))
	}
	return table.New(columns...)
}

func equal(t *testing.T, got, want *table.Table) {
	t.Helper()
	if got.Len() != want.Len() || !slices.Equal(got.Names(), want.Names()) {
		t.Fatalf("%d rows of %q, want %d of %q", got.Len(), got.Names(), want.Len(), want.Names())
	}
	for k, c := range got.Columns() {
		w := want.Columns()[k]
		if c.Kind != w.Kind || !slices.Equal(c.Levels, w.Levels) {
			t.Errorf("%q is %v %v, want %v %v", c.Name, c.Kind, c.Levels, w.Kind, w.Levels)
			continue
		}
		for i := range c.Len() {
			if c.Missing(i) != w.Missing(i) || c.Text(i) != w.Text(i) {
				t.Fatalf("%q in row %d is %q, want %q", c.Name, i, c.Text(i), w.Text(i))
			}
		}
	}
}

func TestTablesAreReadAgain(t *testing.T) {
	for _, n := range []int{0, 1, 4, 5000} {
		want := all(n)
		path := filepath.Join(t.TempDir(), "t.parquet")
		if err := WriteFile(path, want); err != nil {
			t.Fatal(err)
		}
		got, err := ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, got, want)
		if got, err = (Reader{Columns: []string{"n", "b"}}).ReadFile(path); err != nil {
			t.Fatal(err)
		}
		equal(t, got, want.Select("n", "b"))
		if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
			t.Errorf("writing leaves %v, %v", left, err)
		}
	}
}

// A file that Impala has written, from Apache's parquet-testing: other encodings, Snappy, and timestamps of 96 bits.
func TestImpala(t *testing.T) {
	got, err := ReadFile("testdata/alltypes_plain.snappy.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"id", "bool_col", "tinyint_col", "smallint_col", "int_col", "bigint_col", "float_col", "double_col", "date_string_col", "string_col", "timestamp_col"}; !slices.Equal(got.Names(), want) {
		t.Fatalf("%q", got.Names())
	}
	if got.Len() != 2 || !slices.Equal(got.Column("id").Ints, []int64{6, 7}) || !slices.Equal(got.Column("bool_col").Bools, []bool{true, false}) ||
		!slices.Equal(got.Column("bigint_col").Ints, []int64{0, 10}) || !slices.Equal(got.Column("double_col").Floats, []float64{0, 10.1}) ||
		!slices.Equal(got.Column("date_string_col").Strings, []string{"04/01/09", "04/01/09"}) ||
		!got.Column("timestamp_col").Times[1].Equal(time.Date(2009, 4, 1, 0, 1, 0, 0, time.UTC)) {
		t.Errorf("%v", got)
	}
}

// Types that WriteTable does not write.
func TestOtherTypes(t *testing.T) {
	type row struct {
		Day      int32   `parquet:"day,date"`
		Milli    int64   `parquet:"milli,timestamp(millisecond)"`
		Nano     int64   `parquet:"nano,timestamp(nanosecond)"`
		Price    int64   `parquet:"price,decimal(2:18)"`
		Unsigned uint32  `parquet:"unsigned"`
		Single   float32 `parquet:"single"`
		Kind     string  `parquet:"kind,enum"`
		List     []int64 `parquet:"list"`
		Large    uint64  `parquet:"large"`
		Bytes    []byte  `parquet:"bytes"`
		Fixed    [4]byte `parquet:"fixed"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b)
	if _, err := w.Write([]row{{Day: 19782, Milli: 1500, Nano: 7, Price: -1234, Unsigned: math.MaxUint32, Single: 0.5, Kind: "x", List: []int64{1, 2}, Large: math.MaxUint64, Bytes: []byte{0xff}}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	read := func(names ...string) (*table.Table, error) {
		return Reader{Columns: names}.Read(bytes.NewReader(b.Bytes()), int64(b.Len()), "other")
	}
	got, err := read("day", "milli", "nano", "price", "unsigned", "single", "kind")
	if err != nil {
		t.Fatal(err)
	}
	want := table.New(table.Times("day", time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)), table.Times("milli", time.UnixMilli(1500).UTC()), table.Times("nano", time.Unix(0, 7).UTC()),
		table.Floats("price", -12.34), table.Ints("unsigned", math.MaxUint32), table.Floats("single", 0.5), table.Strings("kind", "x"))
	equal(t, got, want)
	for name, want := range map[string]string{"list": `column "list": lists, maps and structures`, "large": "larger than an int64", "bytes": "no text (UTF-8)", "fixed": "are not read", "none": "there is no column"} {
		if _, err := read(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	if decimal([]byte{0xff, 0x38}, 1) != -20 || decimal([]byte{0, 200}, 1) != 20 {
		t.Error("decimals of bytes")
	}
}

func TestBadFiles(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b, all(50)); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	for want, o := range map[string]Reader{"more than 10 values": {MaxValues: 10}, "more than 5 bytes": {MaxBytes: 5}, "two columns": {Columns: []string{"n", "n"}}} {
		if _, err := o.Read(bytes.NewReader(good), int64(len(good)), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	claims := bytes.Clone(good)
	copy(claims[len(claims)-8:], []byte{0xff, 0xff, 0xff, 0x7f})
	for want, content := range map[string][]byte{"too short": good[:5], "end in PAR1": good[:len(good)-3], "claims 2147483647 bytes": claims} {
		if _, err := (Reader{}).Read(bytes.NewReader(content), int64(len(content)), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := ReadFile("testdata/none"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	// Each byte damaged: an error or a table, and never a panic.
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x55
		(Reader{MaxBytes: 1 << 24, MaxValues: 1 << 20}).Read(bytes.NewReader(bad), int64(len(bad)), "x")
	}
}

func FuzzRead(f *testing.F) {
	for _, n := range []int{0, 3, 40} {
		var b bytes.Buffer
		if err := WriteTable(&b, all(n)); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Reader{MaxBytes: 1 << 24, MaxValues: 1 << 20}.Read(bytes.NewReader(b), int64(len(b)), "fuzz")
		if err == nil {
			_ = got.String()
		}
	})
}

func Example() {
	t := table.New(table.Strings("name", "Ada", "Alan"), table.Ints("born", 1815, 1912))
	path := filepath.Join(os.TempDir(), "people.parquet")
	defer os.Remove(path)
	if err := WriteFile(path, t); err != nil {
		panic(err)
	}
	again, err := ReadFile(path)
	fmt.Println(again, err)
	// Output:
	//    name  born
	// 0  Ada   1815
	// 1  Alan  1912
	// 2 rows, 2 columns <nil>
}
