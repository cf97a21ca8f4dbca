package parquet

import (
	"math"
	"slices"
	"testing"

	"modelbook/dl/data/table"
)

// Files that pyarrow and pandas have written, from Apache's parquet-testing: pairs of columns with the same values in
// two encodings; two groups of rows with nulls, sorted; and a missing value alone, by pandas.
func TestArrow(t *testing.T) {
	var names []string
	for _, kind := range []string{"float", "double", "int32", "int64"} {
		names = append(names, kind+"_plain", kind+"_byte_stream_split")
	}
	pairs, err := Reader{Columns: names}.ReadFile("testdata/byte_stream_split_extended.gzip.parquet")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(names); i += 2 {
		a, b := pairs.Column(names[i]).Numbers(), pairs.Column(names[i+1]).Numbers()
		if len(a) != 200 || !slices.Equal(a, b) {
			t.Errorf("%s and %s differ: %v and %v", names[i], names[i+1], a, b)
		}
	}
	if v := pairs.Column("int64_plain").Ints[199]; v != 836245000000 {
		t.Errorf("the last is %d", v)
	}
	sorted, err := ReadFile("testdata/sort_columns.parquet")
	if err != nil {
		t.Fatal(err)
	}
	a := table.Ints("a", 0, 2, 1, 0, 2, 1)
	a.Gaps = []bool{true, false, false, true, false, false}
	equal(t, sorted, table.New(a, table.Strings("b", "a", "b", "c", "a", "b", "c")))
	none, err := ReadFile("testdata/single_nan.parquet")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, none, table.New(table.Floats("mycol", math.NaN())))
}
