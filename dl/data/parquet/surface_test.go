package parquet_test

import (
	"bytes"
	"io"
	"os"
	"reflect"
	"testing"

	"modelbook/dl/data/parquet"
	"modelbook/dl/data/table"
	"modelbook/dl/internal/mistakes"
)

func sheet() *table.Table {
	return table.New(table.Floats("a", 1, 2, 3), table.Strings("c", "x", "y", "y"))
}

func content() []byte {
	var b bytes.Buffer
	if err := parquet.WriteTable(&b, sheet()); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func written() string {
	if err := os.WriteFile("x.parquet", content(), 0o666); err != nil {
		panic(err)
	}
	return "x.parquet"
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"ReadFile": parquet.ReadFile, "WriteFile": parquet.WriteFile, "WriteTable": parquet.WriteTable,
		},
		Types: []reflect.Type{
			reflect.TypeFor[parquet.Reader](),
		},
		Any: map[string]string{"name": "it stands in errors"},
	}
	s.Args = map[string]func() []any{
		"ReadFile":        func() []any { return []any{written()} },
		"Reader.ReadFile": func() []any { return []any{parquet.Reader{}, written()} },
		"Reader.Read":     func() []any { return []any{parquet.Reader{}, bytes.NewReader(content()), int64(len(content())), "x"} },
		"WriteFile":       func() []any { return []any{"y.parquet", sheet()} },
	}
	s.Good(sheet, func() io.ReaderAt { return bytes.NewReader(content()) })
	s.Test(t)
}
