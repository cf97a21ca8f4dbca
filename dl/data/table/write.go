package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"

	"github.com/google/renameio/v2"
)

// WriteCSV writes the table: a line with the names, then the rows. A missing value is an empty field. CSV{}.Read makes
// the same table of it, except that categories are read as strings and what looks like numbers as numbers, unless
// CSV.Kinds says otherwise.
func (t *Table) WriteCSV(w io.Writer) error {
	if w == nil {
		return errors.New("table.WriteCSV: the writer is nil")
	}
	out := csv.NewWriter(w)
	if len(t.columns) == 0 {
		return nil
	}
	if err := write(out, t.Names()); err != nil {
		return err
	}
	record := make([]string, len(t.columns))
	for i := range t.rows {
		for j, c := range t.columns {
			record[j] = c.Text(i)
		}
		if err := write(out, record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// write writes a line. One empty field alone would be an empty line, which readers leave out.
func write(out *csv.Writer, record []string) error {
	if len(record) == 1 && record[0] == "" {
		record = []string{"NA"}
	}
	return out.Write(record)
}

// SaveCSV writes the table to a file, which is there whole or not at all.
func (t *Table) SaveCSV(path string) error { return save(path, t.WriteCSV) }

// SaveJSONLines writes the table to a file, which is there whole or not at all.
func (t *Table) SaveJSONLines(path string) error { return save(path, t.WriteJSONLines) }

func save(path string, write func(w io.Writer) error) error {
	f, err := renameio.NewPendingFile(path, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer f.Cleanup()
	w := bufio.NewWriter(f)
	if err := write(w); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
