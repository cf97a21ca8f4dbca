package table

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/data"
)

// Tensor is some columns as a float32 tensor [rows, columns]: see [Column.Number]; missing values are NaN. Without
// names it is all columns.
func (t *Table) Tensor(names ...string) *dl.Tensor {
	columns := t.columns
	if len(names) > 0 {
		columns = t.Select(names...).columns
	}
	for _, c := range columns {
		if c.Kind == String {
			dl.PanicValue("table.Tensor", "column %q has texts; make numbers of them with With(Column.Categories()) or preprocess.OneHotEncoder, or leave it out", c.Name)
		}
	}
	if len(columns) == 0 {
		dl.PanicValue("table.Tensor", "a table without columns")
	}
	out := dl.New(dl.Float32, t.rows, len(columns))
	values := out.Float32s()
	for j, c := range columns {
		for i := range t.rows {
			values[i*len(columns)+j] = float32(c.Number(i))
		}
	}
	return out
}

// Labels is a column as class numbers, int32 [rows], and the names of the classes: those of categories in the order of
// their levels, those of texts and truth values sorted, those of integers in their order. It panics when a value is
// missing.
func (t *Table) Labels(name string) (*dl.Tensor, []string) {
	c := t.columns[t.must("table.Labels", name)]
	if c.Kind == Float || c.Kind == Time {
		dl.PanicValue("table.Labels", "column %q of kind %v has no classes", name, c.Kind)
	}
	if n := c.MissingCount(); n > 0 {
		dl.PanicValue("table.Labels", "column %q has %d missing values; DropMissing leaves their rows out", name, n)
	}
	if c.Kind == Int {
		counts := New(c).Unique().Sort(c.Name)
		levels := make([]string, counts.Len())
		number := map[int64]int32{}
		for i, v := range counts.columns[0].Ints {
			levels[i] = counts.columns[0].Text(i)
			number[v] = int32(i)
		}
		codes := make([]int32, c.Len())
		for i, v := range c.Ints {
			codes[i] = number[v]
		}
		return dl.Of(codes), levels
	}
	c = c.Categories()
	return dl.Of(append([]int32{}, c.Codes...)), c.Levels
}

// Dataset is the rows as samples: the input is the features [columns] (all other columns than the target when none is
// named), the target a class number when the column has texts, categories, truth values or integers, and a float of
// shape [1] when it has floats. It panics when a value is missing.
func (t *Table) Dataset(target string, features ...string) *data.Tensors {
	c := t.columns[t.must("table.Dataset", target)]
	rest := t.Drop(target)
	if len(features) > 0 {
		rest = t.Select(features...)
	}
	for _, f := range rest.columns {
		if n := f.MissingCount(); n > 0 {
			dl.PanicValue("table.Dataset", "column %q has %d missing values; DropMissing leaves their rows out, preprocess.SimpleImputer fills them", f.Name, n)
		}
	}
	x := rest.Tensor()
	if c.Kind != Float {
		y, classes := t.Labels(target)
		return data.FromTensors(x, y).WithClasses(classes...)
	}
	y := dl.New(dl.Float32, t.rows, 1)
	for i, v := range c.Floats {
		if math.IsNaN(v) {
			dl.PanicValue("table.Dataset", "the target %q is missing in row %d; DropMissing(%[1]q) leaves such rows out", target, i)
		}
		y.Float32s()[i] = float32(v)
	}
	return data.FromTensors(x, y)
}

var nan32 = float32(math.NaN())
