package table

import (
	"fmt"
	"io"
	"os"
	"slices"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Rows says what a stream of a CSV file's rows is made of: see [CSV.Stream].
type Rows struct {
	Features []string // the columns that are the input [features]: numbers, or true and false; nil: all but the target
	Target   string   // "": there is none
	Classes  []string // the texts of the target, whose place here is the class number; nil: the target is a number
}

// Stream reads the rows of a file one after the other, whatever its size: a dataset for a training, whose ShuffleBuffer
// shuffles it. A missing value is NaN in the input and an error in the target. MaxBytes counts for nothing.
func (o CSV) Stream(path string, rows Rows) (*data.Stream, error) {
	o.MaxBytes = 1 << 62
	o.Columns = nil
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head, err := o.open(f, path)
	if err != nil {
		return nil, err
	}
	features := rows.Features
	if features == nil {
		for _, name := range head.names {
			if name != rows.Target {
				features = append(features, name)
			}
		}
	}
	var at []int
	for _, name := range features {
		i := slices.Index(head.names, name)
		if i < 0 {
			return nil, fmt.Errorf("%s: there is no column %q; there are %s", path, name, quoted(head.names))
		}
		at = append(at, i)
	}
	target := -1
	spec := data.Spec{X: dl.Shape{len(features)}, YType: data.NoTarget}
	if rows.Target != "" {
		if target = slices.Index(head.names, rows.Target); target < 0 {
			return nil, fmt.Errorf("%s: there is no column %q; there are %s", path, rows.Target, quoted(head.names))
		}
		spec.Y, spec.YType = dl.Shape{1}, dl.Float32
		if rows.Classes != nil {
			spec.Y, spec.YType, spec.Classes = dl.Shape{}, dl.Int32, rows.Classes
		}
	}
	na := o.NA
	if na == nil {
		na = Missing
	}
	return &data.Stream{Sample: spec, Open: func() (data.Source, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		in, err := o.open(f, path)
		if err == nil && !slices.Equal(in.names, head.names) {
			err = fmt.Errorf("%s: the columns are others than before", path)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		return &rowSource{reader: in, file: f, at: at, target: target, classes: rows.Classes, na: na}, nil
	}}, nil
}

// rowSource is one pass over a file.
type rowSource struct {
	*reader
	file    *os.File
	at      []int
	target  int
	classes []string
	na      []string
	rows    int
}

// Next reads the next rows: see data.Source.
func (s *rowSource) Next(b data.Batch) (int, error) {
	x := b.X.Float32s()
	for row := range b.Len() {
		if s.o.MaxRows > 0 && s.rows == s.o.MaxRows {
			return row, s.Close()
		}
		record, err := s.next()
		if err == io.EOF {
			return row, s.Close()
		}
		if err != nil {
			s.Close()
			return row, err
		}
		s.rows++
		for k, i := range s.at {
			v, err := s.number(record, i)
			if err != nil {
				s.Close()
				return row, err
			}
			x[row*len(s.at)+k] = v
		}
		if s.target < 0 {
			continue
		}
		text := record[s.target]
		if s.classes != nil {
			class := slices.Index(s.classes, text)
			if class < 0 {
				s.Close()
				return row, s.wrong(s.target, fmt.Sprintf("%q is none of the classes %s", shortened(text), quoted(s.classes)))
			}
			b.Y.Int32s()[row] = int32(class)
			continue
		}
		v, err := s.number(record, s.target)
		if err == nil && v != v {
			err = s.wrong(s.target, "the target is missing")
		}
		if err != nil {
			s.Close()
			return row, err
		}
		b.Y.Float32s()[row] = v
	}
	return b.Len(), nil
}

// Close closes the file: a pass that is not read to its end needs it.
func (s *rowSource) Close() error { return s.file.Close() }

func (s *rowSource) number(record []string, i int) (float32, error) {
	text := record[i]
	if slices.Contains(s.na, text) {
		return nan32, nil
	}
	if v, err := parseBool(text); err == nil {
		if v {
			return 1, nil
		}
		return 0, nil
	}
	v, err := s.o.parseFloat(text)
	if err != nil {
		detail := fmt.Sprintf("%q is no number", shortened(text))
		if i == s.target {
			detail += "; texts of classes are named in Rows.Classes"
		}
		return 0, s.wrong(i, detail)
	}
	return float32(v), nil
}

func (s *rowSource) wrong(i int, detail string) error {
	_, column := s.csv.FieldPos(i)
	return &ParseError{File: s.name, Line: s.line(i), Column: column, Name: s.names[i], Detail: detail}
}
