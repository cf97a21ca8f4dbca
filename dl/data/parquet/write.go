package parquet

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/parquet-go/parquet-go"

	"modelbook/dl/data/table"
)

// levelsKey is where the levels of categories are in a file's metadata, as JSON: name of the column to levels.
const levelsKey = "modelbook.levels"

// atOnce is the number of rows that are written together.
const atOnce = 1024

// ordered is a group whose fields are in the order of the columns; parquet-go sorts them by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

func (o *ordered) Fields() []parquet.Field { return o.fields }

// WriteTable writes a table, compressed with Zstandard: floats as DOUBLE, integers as INT64, texts and categories as
// STRING with a dictionary, times as TIMESTAMP in microseconds (what is finer is cut off). Missing values are null.
func WriteTable(w io.Writer, t *table.Table) error {
	if w == nil || t == nil {
		return errors.New("parquet: the writer or the table is nil")
	}
	group := parquet.Group{}
	levels := map[string][]string{}
	for _, c := range t.Columns() {
		group[c.Name] = parquet.Optional(parquet.Compressed(node(c.Kind), &parquet.Zstd))
		if c.Kind == table.Category {
			levels[c.Name] = c.Levels
		}
	}
	byName := map[string]parquet.Field{}
	for _, f := range group.Fields() {
		byName[f.Name()] = f
	}
	root := &ordered{Group: group}
	for _, name := range t.Names() {
		root.fields = append(root.fields, byName[name])
	}
	out := parquet.NewWriter(w, parquet.NewSchema("table", root))
	if len(levels) > 0 {
		text, err := json.Marshal(levels)
		if err != nil {
			return err
		}
		out.SetKeyValueMetadata(levelsKey, string(text))
	}
	columns := t.Columns()
	rows := make([]parquet.Row, 0, atOnce)
	for i := range t.Len() {
		row := make(parquet.Row, len(columns))
		for k := range columns {
			row[k] = value(&columns[k], i, k)
		}
		if rows = append(rows, row); len(rows) == atOnce || i == t.Len()-1 {
			if _, err := out.WriteRows(rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	return out.Close()
}

func node(k table.Kind) parquet.Node {
	switch k {
	case table.Float:
		return parquet.Leaf(parquet.DoubleType)
	case table.Int:
		return parquet.Int(64)
	case table.Bool:
		return parquet.Leaf(parquet.BooleanType)
	case table.Time:
		return parquet.Timestamp(parquet.Microsecond)
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// value is value i of a column, the column k of the file.
func value(c *table.Column, i, k int) parquet.Value {
	if c.Missing(i) {
		return parquet.NullValue().Level(0, 0, k)
	}
	var v parquet.Value
	switch c.Kind {
	case table.Float:
		v = parquet.DoubleValue(c.Floats[i])
	case table.Int:
		v = parquet.Int64Value(c.Ints[i])
	case table.Bool:
		v = parquet.BooleanValue(c.Bools[i])
	case table.Time:
		v = parquet.Int64Value(c.Times[i].UnixMicro())
	default:
		v = parquet.ByteArrayValue([]byte(c.Text(i)))
	}
	return v.Level(0, 1, k)
}

// WriteFile writes a table to a file, which is there whole or not at all.
func WriteFile(path string, t *table.Table) error {
	f, err := renameio.NewPendingFile(path, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o644))
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriter(f)
	if err := errors.Join(WriteTable(w, t), w.Flush()); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
