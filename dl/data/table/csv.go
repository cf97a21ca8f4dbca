package table

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"modelbook/dl/data/internal/invalid"
)

// CSV says how to read a file of comma-separated values. The zero value reads what pandas reads without being told
// anything: the first line has the names, fields that say NA or nothing are missing, and the kind of a column is found
// from its values.
type CSV struct {
	Comma    rune            // between fields; 0: ','
	Decimal  rune            // between whole numbers and fractions; 0: '.'
	Comment  rune            // lines that begin with it are left out; 0: none
	NoHeader bool            // the first line has values; names are then "0", "1" ... or Names
	Names    []string        // names of the columns, in place of those in the file
	Skip     int             // lines before the header that are left out
	NA       []string        // what a missing value looks like; nil: as pandas, see [Missing]
	Kinds    map[string]Kind // the kinds of columns, by name, in place of what is found
	Layouts  []string        // of times, as in time.Parse; nil: 2006-01-02 alone or with the time, RFC 3339
	Columns  []string        // the columns to keep; nil: all
	Trim     bool            // spaces around a field are left out; around numbers they are anyway
	Lazy     bool            // a quotation mark may stand in a field that is not quoted
	Latin1   bool            // the text is in Latin-1, or Windows-1252, and not in UTF-8
	MaxRows  int             // read at most so many rows; 0: all
	MaxBytes int64           // refuse a file with more, unpacked; 0: 1 GiB
}

// Missing are the texts that stand for a missing value unless CSV.NA has others: those of pandas.
var Missing = []string{"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>",
	"N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"}

const (
	maxBytes   = 1 << 30
	maxColumns = 1 << 16
)

// ParseError tells where a file is not what it should be.
type ParseError struct {
	File   string
	Line   int    // from 1
	Column int    // the byte in the line at which the field begins, from 1; 0: the whole line is meant
	Name   string // the name of the column, if known
	Detail string // what is wrong, and what would be right
}

// Error returns "wine.csv:17:24: column "ash": ...".
func (e *ParseError) Error() string {
	s := fmt.Sprintf("%s:%d", e.File, e.Line)
	if e.Column > 0 {
		s += fmt.Sprintf(":%d", e.Column)
	}
	if e.Name != "" {
		s += fmt.Sprintf(": column %q", e.Name)
	}
	return s + ": " + e.Detail
}

// ReadCSV reads a file with the zero CSV, gzip-compressed or not.
func ReadCSV(path string) (*Table, error) { return CSV{}.ReadFile(path) }

// ReadFile reads a file, gzip-compressed or not.
func (o CSV) ReadFile(path string) (*Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return o.Read(f, path)
}

// Read reads from r; the name stands in errors.
func (o CSV) Read(r io.Reader, name string) (*Table, error) {
	in, err := o.open(r, name)
	if err != nil {
		return nil, err
	}
	raw := make([]rawColumn, len(in.keep))
	for n := 0; o.MaxRows <= 0 || n < o.MaxRows; n++ {
		record, err := in.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, at := range in.keep {
			line, column := in.csv.FieldPos(at)
			if line > math.MaxInt32 || column > math.MaxInt32 {
				return nil, &ParseError{File: name, Line: line, Detail: "the file has too many lines, or lines too long; stream it"}
			}
			raw[i].texts = append(raw[i].texts, strings.Clone(record[at]))
			raw[i].places = append(raw[i].places, place{int32(line), int32(column)})
		}
	}
	t := &Table{}
	columns := make([]Column, len(raw))
	for i, at := range in.keep {
		if columns[i], err = o.convert(in.names[at], &raw[i], name); err != nil {
			return nil, err
		}
		raw[i] = rawColumn{} // the texts are of no use any more
	}
	if fault := t.set(columns); fault != "" {
		return nil, &ParseError{File: name, Line: 1 + o.Skip, Detail: fault}
	}
	return t, nil
}

// rawColumn is the fields of a column and where they stand.
type rawColumn struct {
	texts  []string
	places []place
}

type place struct{ line, column int32 }

// reader is a CSV file whose header has been read.
type reader struct {
	o       CSV
	csv     *csv.Reader
	name    string
	limited *limit
	names   []string // of all columns
	keep    []int    // the columns asked for
	first   []string // the first line of a file without header
	skipped int
}

// limit is an io.Reader that fails when there is more than expected.
type limit struct {
	r    io.Reader
	left int64
}

var errTooLong = errors.New("the file is too long")

func (l *limit) Read(b []byte) (int, error) {
	if l.left <= 0 {
		if n, err := l.r.Read(make([]byte, 1)); n == 0 {
			return 0, err
		}
		return 0, errTooLong
	}
	n, err := l.r.Read(b[:min(int64(len(b)), l.left)])
	l.left -= int64(n)
	return n, err
}

// returns reads lines that end in carriage returns, as old Macs and Excel for them write.
type returns struct{ r io.Reader }

func (r returns) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	for i, c := range b[:n] {
		if c == '\r' {
			b[i] = '\n'
		}
	}
	return n, err
}

// open reads the header.
func (o CSV) open(r io.Reader, name string) (*reader, error) {
	if r == nil {
		return nil, errors.New("table.CSV.Read: the reader is nil")
	}
	if o.Skip < 0 || o.MaxRows < 0 || o.MaxBytes < 0 || !utf8.ValidRune(o.Decimal) {
		return nil, fmt.Errorf("table.CSV: Skip %d, MaxRows %d and MaxBytes %d are not negative, and Decimal %d is a letter", o.Skip, o.MaxRows, o.MaxBytes, o.Decimal)
	}
	in := bufio.NewReader(r)
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, &ParseError{File: name, Line: 1, Detail: "a broken gzip header: " + err.Error()}
		}
		in = bufio.NewReader(z)
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = maxBytes
	}
	limited := &limit{in, o.MaxBytes}
	in = bufio.NewReader(limited)
	if mark, _ := in.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		in.Discard(3)
		o.Latin1 = false // the mark says that it is UTF-8
	} else if bytes.HasPrefix(mark, []byte("\xff\xfe")) || bytes.HasPrefix(mark, []byte("\xfe\xff")) {
		return nil, &ParseError{File: name, Line: 1, Detail: "the text is UTF-16; save it as UTF-8 (Excel: CSV UTF-8), or decode it with golang.org/x/text/encoding/unicode"}
	}
	// Of the last byte of these it is not known what follows.
	if start, _ := in.Peek(4096); bytes.IndexByte(start[:min(len(start), 4095)], '\r') >= 0 && bytes.IndexByte(start, '\n') < 0 {
		in = bufio.NewReader(returns{in})
	}
	if o.Latin1 {
		in = bufio.NewReader(charmap.Windows1252.NewDecoder().Reader(in))
	}
	p := &reader{o: o, name: name, limited: limited, skipped: max(o.Skip, 0)}
	for range p.skipped {
		_, err := in.ReadSlice('\n')
		for err == bufio.ErrBufferFull {
			_, err = in.ReadSlice('\n')
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, p.fault(err)
		}
	}
	p.csv = csv.NewReader(in)
	p.csv.ReuseRecord = true
	p.csv.FieldsPerRecord = -1 // the errors here say more
	p.csv.LazyQuotes = o.Lazy
	if o.Comma != 0 {
		p.csv.Comma = o.Comma
	}
	p.csv.Comment = o.Comment
	record, err := p.csv.Read()
	if err == io.EOF {
		if o.NoHeader && o.Names != nil {
			p.names = slices.Clone(o.Names)
			return p, p.choose()
		}
		return nil, &ParseError{File: name, Line: 1 + p.skipped, Detail: "there is nothing; expected a line with the names of the columns"}
	}
	if err != nil {
		return nil, p.fault(err)
	}
	if err := p.valid(record); err != nil {
		return nil, err
	}
	if len(record) > maxColumns {
		return nil, &ParseError{File: name, Line: p.line(0), Detail: fmt.Sprintf("%d fields; expected at most %d: is the separator %q right?", len(record), maxColumns, p.csv.Comma)}
	}
	record = slices.Clone(record)
	if o.Names != nil && len(o.Names) != len(record) {
		return nil, &ParseError{File: name, Line: p.line(0), Detail: fmt.Sprintf("%d fields, but CSV.Names has %d", len(record), len(o.Names))}
	}
	if o.NoHeader {
		p.first = record
	}
	switch {
	case o.Names != nil:
		p.names = slices.Clone(o.Names)
	case o.NoHeader:
		for i := range record {
			p.names = append(p.names, fmt.Sprint(i))
		}
	default:
		p.names = named(record)
	}
	return p, p.choose()
}

// named makes the header's names different and not empty, as pandas does: a second "a" is "a.1", an empty one is
// "Unnamed: 3".
func named(header []string) []string {
	used := map[string]bool{}
	for _, name := range header {
		used[strings.TrimSpace(name)] = true
	}
	seen := map[string]bool{}
	names := make([]string, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		if name == "" {
			name = fmt.Sprintf("Unnamed: %d", i)
		}
		if base := name; seen[name] {
			for n := 1; seen[name] || used[name]; n++ {
				name = fmt.Sprintf("%s.%d", base, n)
			}
		}
		seen[name] = true
		names[i] = name
	}
	return names
}

// choose finds the columns asked for.
func (p *reader) choose() error {
	for name := range p.o.Kinds {
		if !slices.Contains(p.names, name) {
			return fmt.Errorf("%s: CSV.Kinds names the column %q; there are %s", p.name, name, quoted(p.names))
		}
	}
	if p.o.Columns == nil {
		for i := range p.names {
			p.keep = append(p.keep, i)
		}
		return nil
	}
	for _, name := range p.o.Columns {
		i := slices.Index(p.names, name)
		if i < 0 {
			return fmt.Errorf("%s: there is no column %q; there are %s", p.name, name, quoted(p.names))
		}
		p.keep = append(p.keep, i)
	}
	return nil
}

// next is the next line with values. Its fields are valid until the one after it.
func (p *reader) next() ([]string, error) {
	record := p.first
	p.first = nil
	if record == nil {
		var err error
		if record, err = p.csv.Read(); err == io.EOF {
			return nil, err
		} else if err != nil {
			return nil, p.fault(err)
		}
		if err := p.valid(record); err != nil {
			return nil, err
		}
	}
	if len(record) != len(p.names) {
		detail := fmt.Sprintf("%d fields, expected %d", len(record), len(p.names))
		if len(record) == 1 || len(p.names) == 1 {
			detail += fmt.Sprintf(": is the separator %q right?", p.csv.Comma)
		}
		return nil, &ParseError{File: p.name, Line: p.line(0), Detail: detail}
	}
	if p.o.Trim {
		for i, text := range record {
			record[i] = strings.TrimSpace(text)
		}
	}
	return record, nil
}

// valid refuses fields that are not UTF-8, as pandas does.
func (p *reader) valid(record []string) error {
	for i, text := range record {
		at := invalid.UTF8(text)
		if at < 0 {
			continue
		}
		_, column := p.csv.FieldPos(i)
		e := &ParseError{File: p.name, Line: p.line(i), Column: column,
			Detail: fmt.Sprintf("byte %d of the field, %#x, is not UTF-8; CSV.Latin1 reads Latin-1 and Windows-1252, others are to be converted, with iconv for instance", at+1, text[at])}
		if i < len(p.names) {
			e.Name = p.names[i]
		}
		return e
	}
	return nil
}

// line is where field i of the line read last stands.
func (p *reader) line(i int) int {
	line, _ := p.csv.FieldPos(i)
	return line + p.skipped
}

// fault is an error of the reader with the file's name and line.
func (p *reader) fault(err error) error {
	if e := (*csv.ParseError)(nil); errors.As(err, &e) {
		detail := e.Err.Error()
		if errors.Is(e.Err, csv.ErrBareQuote) || errors.Is(e.Err, csv.ErrQuote) {
			detail += " (CSV.Lazy takes quotation marks as they stand)"
		}
		return &ParseError{File: p.name, Line: e.Line + p.skipped, Column: e.Column, Detail: detail}
	}
	if errors.Is(err, errTooLong) {
		return fmt.Errorf("%s: more than %d bytes; raise CSV.MaxBytes, or read it with CSV.Stream", p.name, p.o.MaxBytes)
	}
	return fmt.Errorf("%s: %w", p.name, err)
}
