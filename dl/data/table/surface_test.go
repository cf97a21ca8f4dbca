package table_test

import (
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"modelbook/dl"
	"modelbook/dl/data"
	"modelbook/dl/data/table"
	"modelbook/dl/internal/mistakes"
)

func sheet() *table.Table {
	return table.New(table.Floats("a", 1, 2, 3), table.Ints("b", 4, 5, 5), table.Strings("c", "x", "y", "y"), table.Bools("d", true, false, true),
		table.Times("e", time.Unix(0, 0), time.Unix(1, 0), time.Unix(2, 0)), table.Categories("f", "u", "v", "u"))
}

func saved(name, content string) string {
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		panic(err)
	}
	return name
}

const (
	someCSV  = "a,b\n1,2\n3,4\n"
	someJSON = "{\"a\":1}\n{\"a\":2}\n"
)

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"Bools": table.Bools, "Categories": table.Categories, "Count": table.Count, "First": table.First,
			"Floats": table.Floats, "Ints": table.Ints, "Last": table.Last, "Max": table.Max, "Mean": table.Mean,
			"Median": table.Median, "Min": table.Min, "New": table.New, "ParseJSONLines": table.ParseJSONLines,
			"Present": table.Present, "Quantile": table.Quantile, "ReadCSV": table.ReadCSV,
			"ReadJSONLines": table.ReadJSONLines, "Std": table.Std, "Strings": table.Strings, "Sum": table.Sum,
			"Times": table.Times, "Unique": table.Unique, "Var": table.Var,
		},
		Types: []reflect.Type{
			reflect.TypeFor[table.Aggregate](), reflect.TypeFor[table.CSV](), reflect.TypeFor[table.Column](),
			reflect.TypeFor[table.Groups](), reflect.TypeFor[table.Kind](), reflect.TypeFor[table.ParseError](),
			reflect.TypeFor[table.Row](), reflect.TypeFor[table.Rows](), reflect.TypeFor[table.Table](),
		},
		Any: map[string]string{
			"name": "what a column is called, or stands in errors", "column": "a table says whether it has it", "to": "what a column is called",
			"{Name}": "what a column is called", "{As}": "what a column is called", "Aggregate.Named receiver": "it tells the fields",
			"ParseError.Error receiver": "it tells the fields", "{NA}": "any text may stand for what is missing", "{Classes}": "what classes are called",
			"Column.Categories receiver": "New refuses what does not fit together", "Column.Clone receiver": "New refuses what does not fit together",
			"Column.Len receiver": "it counts values", "Column.MissingCount receiver": "it counts values", "Column.Missing receiver": "it looks at one value",
			"Column.Number receiver": "it looks at one value", "Column.Text receiver": "it looks at one value", "Column.Numbers receiver": "it looks at values",
			"Column.Numeric receiver": "it looks at Kind", "Column.Rename receiver": "New refuses what does not fit together",
			"Column.Take receiver": "New refuses what does not fit together", "values": "any value may stand in a column",
		},
		Use: func(result any) {
			if x, ok := result.(*data.Stream); ok && x != nil {
				l := data.Loader{Dataset: x, BatchSize: 2}
				for range l.Batches() {
				}
				if err := l.Err(); err != nil {
					dl.PanicValue("reading", "%v", err)
				}
			}
		},
	}
	s.Args = map[string]func() []any{
		"ReadCSV":             func() []any { return []any{saved("x.csv", someCSV)} },
		"CSV.ReadFile":        func() []any { return []any{table.CSV{}, saved("x.csv", someCSV)} },
		"CSV.Read":            func() []any { return []any{table.CSV{}, strings.NewReader(someCSV), "x"} },
		"CSV.Stream":          func() []any { return []any{table.CSV{}, saved("x.csv", someCSV), table.Rows{Target: "b"}} },
		"ReadJSONLines":       func() []any { return []any{saved("x.jsonl", someJSON)} },
		"ParseJSONLines":      func() []any { return []any{strings.NewReader(someJSON), "x"} },
		"Table.Dataset":       func() []any { return []any{sheet(), "b", []string{"a"}} },
		"Table.Labels":        func() []any { return []any{sheet(), "c"} },
		"Table.Tensor":        func() []any { return []any{sheet(), []string{"a", "b"}} },
		"Table.Join":          func() []any { return []any{sheet(), sheet(), []string{"a"}} },
		"Table.LeftJoin":      func() []any { return []any{sheet(), sheet(), []string{"a"}} },
		"Table.SetState":      func() []any { return []any{new(table.Table), sheet().Columns()} },
		"Table.SaveCSV":       func() []any { return []any{sheet(), "y.csv"} },
		"Table.SaveJSONLines": func() []any { return []any{sheet(), "y.jsonl"} },
		"Table.Slice":         func() []any { return []any{sheet(), 1, 2} },
		"Table.With":          func() []any { return []any{sheet(), table.Ints("z", 1, 2, 3)} },
		"Row.Int":             func() []any { return []any{sheet().Row(1), "b"} },
		"Row.Bool":            func() []any { return []any{sheet().Row(1), "d"} },
		"Row.Time":            func() []any { return []any{sheet().Row(1), "e"} },
		"Groups.Aggregate":    func() []any { return []any{sheet().GroupBy("c"), []table.Aggregate{table.Mean("a"), table.Count()}} },
		"New":                 func() []any { return []any{sheet().Columns()} },
	}
	s.Good(sheet, func() table.Column { return table.Ints("b", 4, 5, 5) }, func() table.Row { return sheet().Row(1) },
		func() *table.Groups { return sheet().GroupBy("c") }, func() table.Aggregate { return table.Mean("a") },
		func() io.Reader { return strings.NewReader(someCSV) }, func() time.Time { return time.Unix(0, 0) })
	s.Test(t)
}
