package parquet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"os"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"modelbook/dl/data/table"
)

// Reader says how to read a file. The zero value reads all of it.
type Reader struct {
	Columns   []string // the columns to keep; nil: all
	MaxValues int64    // a file that has, or claims, more values is an error; 0: 256 million
	MaxBytes  int64    // a file that claims more bytes, unpacked, is an error; 0: 4 GiB
}

// ReadFile reads a file with the zero Reader.
func ReadFile(path string) (*table.Table, error) { return Reader{}.ReadFile(path) }

// ReadFile reads a file.
func (o Reader) ReadFile(path string) (*table.Table, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return o.Read(f, info.Size(), path)
}

// Read reads a file of a size from r; the name stands in errors.
func (o Reader) Read(r io.ReaderAt, size int64, name string) (t *table.Table, err error) {
	defer func() {
		if p := recover(); p != nil { // the reader below believes some of what a damaged file says
			t, err = nil, fmt.Errorf("%s: damaged: %v", name, p)
		}
	}()
	if t, err = o.read(r, size); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func (o Reader) read(r io.ReaderAt, size int64) (*table.Table, error) {
	if o.MaxValues <= 0 {
		o.MaxValues = 1 << 28
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 4 << 30
	}
	if r == nil {
		return nil, errors.New("the reader is nil")
	}
	if size < 12 {
		return nil, errors.New("not a Parquet file: it is too short")
	}
	if err := checkFooter(r, size); err != nil {
		return nil, err
	}
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("not a Parquet file: %w", err)
	}
	fields := f.Root().Columns()
	names := o.Columns
	if names == nil {
		for _, c := range fields {
			names = append(names, c.Name())
		}
	}
	if rows := f.NumRows(); rows < 0 || int64(len(names)) > 0 && rows > o.MaxValues/int64(len(names)) {
		return nil, fmt.Errorf("claims %d rows of %d columns, more than %d values; choose Columns or raise MaxValues", rows, len(names), o.MaxValues)
	}
	bytes := int64(0)
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			n := c.MetaData.TotalUncompressedSize
			if n < 0 || n > o.MaxBytes-bytes {
				return nil, fmt.Errorf("claims more than %d bytes; raise MaxBytes", o.MaxBytes)
			}
			bytes += n
		}
	}
	levels := map[string][]string{}
	if text, ok := f.Lookup(levelsKey); ok {
		if err := json.Unmarshal([]byte(text), &levels); err != nil {
			return nil, fmt.Errorf("the levels of categories in its metadata: %w", err)
		}
	}
	var columns []table.Column
	for _, name := range names {
		i := slices.IndexFunc(fields, func(c *parquet.Column) bool { return c.Name() == name })
		if i < 0 {
			var all []string
			for _, c := range fields {
				all = append(all, c.Name())
			}
			return nil, fmt.Errorf("there is no column %q; there are %q", name, all)
		}
		if slices.Index(names, name) != len(columns) {
			return nil, fmt.Errorf("two columns have the name %q", name)
		}
		c, err := readColumn(f, fields[i], levels[name])
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		columns = append(columns, c)
	}
	t := &table.Table{}
	if err := t.SetState(columns); err != nil {
		return nil, err
	}
	return t, nil
}

// checkFooter looks at the length that a file's end claims for its metadata before there is memory for it.
func checkFooter(r io.ReaderAt, size int64) error {
	var end [8]byte
	if _, err := r.ReadAt(end[:], size-8); err != nil && err != io.EOF {
		return err
	}
	if string(end[4:]) != "PAR1" {
		return errors.New("not a Parquet file: it does not end in PAR1")
	}
	if n := int64(end[0]) | int64(end[1])<<8 | int64(end[2])<<16 | int64(end[3])<<24; n > size-12 {
		return fmt.Errorf("not a whole Parquet file: its metadata claims %d bytes of %d", n, size)
	}
	return nil
}

// builder makes a column of values.
type builder struct {
	c    table.Column
	gaps bool
	add  func(v parquet.Value) error // a value that is not missing
	zero func()                      // a missing one
}

// newBuilder finds how the values of a column are read.
func newBuilder(col *parquet.Column) (*builder, error) {
	b := &builder{}
	c := &b.c
	c.Name = col.Name()
	floats := func(f func(v parquet.Value) float64) {
		c.Kind = table.Float
		b.add = func(v parquet.Value) error { c.Floats = append(c.Floats, f(v)); return nil }
		b.zero = func() { c.Floats = append(c.Floats, math.NaN()) }
	}
	times := func(f func(v parquet.Value) time.Time) {
		c.Kind = table.Time
		b.add = func(v parquet.Value) error { c.Times = append(c.Times, f(v).UTC()); return nil }
		b.zero = func() { c.Times = append(c.Times, time.Time{}) }
	}
	integers := func(f func(v parquet.Value) (int64, error)) {
		c.Kind = table.Int
		b.add = func(v parquet.Value) error {
			n, err := f(v)
			c.Ints = append(c.Ints, n)
			return err
		}
		b.zero = func() { c.Ints = append(c.Ints, 0) }
	}
	texts := func() {
		c.Kind = table.String
		b.add = func(v parquet.Value) error {
			if !utf8.Valid(v.ByteArray()) {
				return errors.New("bytes that are no text (UTF-8)")
			}
			c.Strings = append(c.Strings, string(v.ByteArray()))
			return nil
		}
		b.zero = func() { c.Strings = append(c.Strings, "") }
	}
	kind := col.Type().Kind()
	logical := col.Type().LogicalType()
	if logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			scale := math.Pow10(int(-l.Scale))
			switch kind {
			case parquet.Int32:
				floats(func(v parquet.Value) float64 { return float64(v.Int32()) * scale })
			case parquet.Int64:
				floats(func(v parquet.Value) float64 { return float64(v.Int64()) * scale })
			default:
				floats(func(v parquet.Value) float64 { return decimal(v.ByteArray(), int(l.Scale)) })
			}
			return b, nil
		case *format.DateType:
			times(func(v parquet.Value) time.Time { return time.Unix(int64(v.Int32())*24*3600, 0) })
			return b, nil
		case *format.TimestampType:
			switch l.Unit.Value.(type) {
			case *format.MilliSeconds:
				times(func(v parquet.Value) time.Time { return time.UnixMilli(v.Int64()) })
			case *format.MicroSeconds:
				times(func(v parquet.Value) time.Time { return time.UnixMicro(v.Int64()) })
			default:
				times(func(v parquet.Value) time.Time { return time.Unix(0, v.Int64()) })
			}
			return b, nil
		case *format.IntType:
			if !l.IsSigned {
				if kind == parquet.Int32 {
					integers(func(v parquet.Value) (int64, error) { return int64(v.Uint32()), nil })
				} else {
					integers(func(v parquet.Value) (int64, error) {
						if v.Uint64() > math.MaxInt64 {
							return 0, fmt.Errorf("%d is larger than an int64", v.Uint64())
						}
						return int64(v.Uint64()), nil
					})
				}
				return b, nil
			}
		case *format.StringType, *format.EnumType, *format.JsonType:
			texts()
			return b, nil
		case *format.NullType:
			floats(func(v parquet.Value) float64 { return math.NaN() })
			return b, nil
		default:
			return nil, fmt.Errorf("values of type %v are not read", col.Type())
		}
	}
	switch kind {
	case parquet.Boolean:
		c.Kind = table.Bool
		b.add = func(v parquet.Value) error { c.Bools = append(c.Bools, v.Boolean()); return nil }
		b.zero = func() { c.Bools = append(c.Bools, false) }
	case parquet.Int32:
		integers(func(v parquet.Value) (int64, error) { return int64(v.Int32()), nil })
	case parquet.Int64:
		integers(func(v parquet.Value) (int64, error) { return v.Int64(), nil })
	case parquet.Int96: // a timestamp of Impala and old Spark: nanoseconds of the day, and the Julian day
		times(func(v parquet.Value) time.Time {
			i := v.Int96()
			return time.Unix((int64(i[2])-2440588)*24*3600, int64(uint64(i[1])<<32|uint64(i[0])))
		})
	case parquet.Float:
		floats(func(v parquet.Value) float64 { return float64(v.Float()) })
	case parquet.Double:
		floats(func(v parquet.Value) float64 { return v.Double() })
	case parquet.ByteArray:
		texts()
	default:
		return nil, fmt.Errorf("values of type %v are not read", col.Type())
	}
	return b, nil
}

// decimal is a big-endian two's complement number with so many decimals.
func decimal(b []byte, scale int) float64 {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	v, _ := new(big.Float).SetInt(n).Float64()
	return v * math.Pow10(-scale)
}

// readColumn reads the values of a column in all row groups.
func readColumn(f *parquet.File, col *parquet.Column, levels []string) (table.Column, error) {
	if !col.Leaf() || col.Repeated() {
		return table.Column{}, errors.New("lists, maps and structures do not fit into a table; Reader.Columns leaves the column out")
	}
	b, err := newBuilder(col)
	if err != nil {
		return table.Column{}, err
	}
	var gaps []bool
	for _, group := range f.RowGroups() {
		if err := readChunk(group.ColumnChunks()[col.Index()], b, &gaps, f.NumRows()); err != nil {
			return table.Column{}, err
		}
	}
	if int64(len(gaps)) != f.NumRows() {
		return table.Column{}, fmt.Errorf("it has %d values, the file says %d rows", len(gaps), f.NumRows())
	}
	c := b.c
	if b.gaps && c.Kind != table.Float {
		c.Gaps = gaps
	}
	if levels != nil && c.Kind == table.String {
		return categories(c, levels)
	}
	return c, nil
}

func readChunk(chunk parquet.ColumnChunk, b *builder, gaps *[]bool, rows int64) error {
	pages := chunk.Pages()
	defer pages.Close()
	values := make([]parquet.Value, 1024)
	for {
		page, err := pages.ReadPage()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		in := page.Values()
		for {
			n, err := in.ReadValues(values)
			if int64(len(*gaps)+n) > rows {
				return fmt.Errorf("more values than the %d rows that the file says", rows)
			}
			for _, v := range values[:n] {
				if v.IsNull() {
					b.zero()
					b.gaps = true
				} else if err := b.add(v); err != nil {
					return fmt.Errorf("row %d: %w", len(*gaps), err)
				}
				*gaps = append(*gaps, v.IsNull())
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if n == 0 {
				return io.ErrNoProgress
			}
		}
		parquet.Release(page)
	}
}

// categories makes categories of texts.
func categories(c table.Column, levels []string) (table.Column, error) {
	number := map[string]int32{}
	for i, l := range levels {
		number[l] = int32(i)
	}
	out := table.Column{Name: c.Name, Kind: table.Category, Levels: levels, Codes: make([]int32, c.Len())}
	for i, text := range c.Strings {
		code, ok := number[text]
		switch {
		case c.Missing(i):
			code = -1
		case !ok:
			return c, fmt.Errorf("row %d: %q is none of its levels", i, text)
		}
		out.Codes[i] = code
	}
	return out, nil
}
