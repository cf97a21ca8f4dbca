package data

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// Tensors is a dataset in memory: sample i is row i of each of its tensors.
type Tensors struct {
	n    int
	all  Batch // all samples
	spec Spec
}

// FromTensors makes a dataset of inputs x [N, ...] and targets y: class numbers [N] of an integer type, or float rows
// [N, ...]. A nil y makes a dataset of inputs only. Inputs become float32, except that int32 and int64 stay: they are
// tokens. The tensors must not change afterwards. It panics with a *dl.ShapeError when x and y differ in their number
// of samples. [FromColumns] makes datasets with more than this.
func FromTensors(x, y *dl.Tensor) *Tensors {
	if x.Rank() < 1 || y != nil && (y.Rank() < 1 || y.Dim(0) != x.Dim(0)) {
		dl.PanicShape("data.FromTensors", "inputs and targets need the same number of samples on their first axis", x, y)
	}
	x = x.Contiguous()
	if y != nil {
		y = y.Contiguous()
	}
	switch x.DType() {
	case dl.Int64:
		x = narrow("data.FromTensors", "token", x)
	case dl.Int32:
	default:
		x = x.To(dl.Float32)
	}
	switch {
	case y == nil:
	case y.DType().IsFloat():
		y = y.To(dl.Float32)
	default:
		y = narrow("data.FromTensors", "class number", y)
	}
	return fromBatch(Batch{X: x, Y: y})
}

// narrow is an integer tensor as int32, which must be able to hold its elements.
func narrow(op, what string, t *dl.Tensor) *dl.Tensor {
	if t.DType() == dl.Int64 {
		for i, v := range t.Int64s() {
			if v != int64(int32(v)) {
				dl.PanicValue(op, "the %s %d at place %d is outside of int32", what, v, i)
			}
		}
	}
	return t.To(dl.Int32)
}

// Column is a part of the samples of FromColumns: Values has a row for each sample.
type Column struct {
	Name   string
	Role   Role
	Values *dl.Tensor
}

// FromColumns makes a dataset of columns: the first Input is X, the first Target is Y, and all are found by their names,
// with Batch.Get, the others also by their roles. The tensors keep their types. They must not change afterwards. It
// panics with a *dl.ShapeError when they differ in their number of samples.
func FromColumns(columns ...Column) *Tensors {
	var all Batch
	var shapes []*dl.Tensor
	names := Spec{}
	used := map[string]bool{"x": true, "y": true}
	for _, c := range columns {
		shapes = append(shapes, c.Values)
		switch {
		case c.Values == nil || c.Values.Rank() < 1:
			dl.PanicValue("data.FromColumns", "column %q has no rows", c.Name)
		case c.Values.Dim(0) != shapes[0].Dim(0):
			dl.PanicShape("data.FromColumns", "all columns need the same number of samples on their first axis", shapes...)
		case !copied(c.Values.DType()):
			dl.PanicDType("data.FromColumns", "rows of this type cannot be read; To makes them float32", c.Values)
		case c.Role == Input && all.X == nil && (c.Name == "" || c.Name == "x" || !used[c.Name]):
			all.X, names.XName = c.Values.Contiguous(), c.Name
		case c.Role == Target && all.Y == nil && (c.Name == "" || c.Name == "y" || !used[c.Name]):
			all.Y, names.YName = c.Values.Contiguous(), c.Name
		case c.Name == "" || used[c.Name]:
			dl.PanicValue("data.FromColumns", "a column needs a name of its own, not %q", c.Name)
		default:
			all.More = append(all.More, Value{Field: Field{Name: c.Name, Role: c.Role, Shape: c.Values.Shape()[1:],
				DType: c.Values.DType()}, Tensor: c.Values.Contiguous()})
		}
		used[c.Name] = true
	}
	if all.X == nil {
		dl.PanicValue("data.FromColumns", "one column must be an Input")
	}
	t := fromBatch(all)
	t.spec.named(names)
	return t
}

// fromBatch is the dataset of the samples of a batch.
func fromBatch(b Batch) *Tensors {
	t := &Tensors{n: b.Len(), all: b}
	t.spec = Spec{X: sampleShape(b.X), XType: b.X.DType(), YType: NoTarget}
	if b.Y != nil {
		t.spec.Y, t.spec.YType = sampleShape(b.Y), b.Y.DType()
	}
	for _, v := range b.More {
		t.spec.More = append(t.spec.More, v.Field)
	}
	return t
}

func sampleShape(t *dl.Tensor) dl.Shape { return append(dl.Shape{}, t.Shape()[1:]...) }

// Len is the number of samples, -1 when it is not known: see [Dataset].
func (t *Tensors) Len() int { return t.n }

// Spec describes the samples: see [Dataset].
func (t *Tensors) Spec() Spec { return t.spec }

// Read fills a batch: see [Dataset].
func (t *Tensors) Read(b Batch, samples []int) error {
	if err := b.room(&t.spec, samples, t.n); err != nil || len(samples) == 0 {
		return err
	}
	copyTensor(b.X, t.all.X, samples)
	if t.all.Y != nil {
		copyTensor(b.Y, t.all.Y, samples)
	}
	for i, v := range t.all.More {
		copyTensor(b.More[i].Tensor, v.Tensor, samples)
	}
	return nil
}

// copied says whether copyTensor and putTensor copy rows of a type.
func copied(d dl.DType) bool {
	switch d {
	case dl.Float32, dl.Float64, dl.Int32, dl.Int64, dl.Uint8, dl.Bool:
		return true
	}
	return false
}

// copyTensor copies rows of src to dst, which has the same type.
func copyTensor(dst, src *dl.Tensor, rows []int) {
	size := src.Size() / max(src.Dim(0), 1)
	switch src.DType() {
	case dl.Float32:
		copyRows(dst.Float32s(), src.Float32s(), rows, size)
	case dl.Float64:
		copyRows(dst.Float64s(), src.Float64s(), rows, size)
	case dl.Int32:
		copyRows(dst.Int32s(), src.Int32s(), rows, size)
	case dl.Int64:
		copyRows(dst.Int64s(), src.Int64s(), rows, size)
	case dl.Uint8:
		copyRows(dst.Uint8s(), src.Uint8s(), rows, size)
	case dl.Bool:
		copyRows(dst.Bools(), src.Bools(), rows, size)
	default:
		dl.PanicDType("data.Tensors.Read", "rows of this type cannot be copied", src)
	}
}

func copyRows[T any](dst, src []T, rows []int, size int) {
	for i, row := range rows {
		copy(dst[i*size:(i+1)*size], src[row*size:(row+1)*size])
	}
}

// State returns all samples, in new tensors; SetState makes the dataset one of these. Saved sessions hold them.
func (t *Tensors) State() Batch {
	if t.n == 0 {
		return Batch{}
	}
	b, err := All(t)
	if err != nil {
		panic(err) // reading memory does not fail
	}
	return b
}

// SetState makes t the dataset of the samples in b.
func (t *Tensors) SetState(b Batch) error {
	if b.X == nil {
		*t = Tensors{}
		return nil
	}
	all := []*dl.Tensor{b.X}
	if b.Y != nil {
		all = append(all, b.Y)
	}
	for _, v := range b.More {
		if v.Tensor == nil || v.Tensor.Rank() < 1 || v.Tensor.DType() != v.Field.DType || !slices.Equal(v.Tensor.Shape()[1:], v.Field.Shape) {
			return fmt.Errorf("data: the field %q is not what it says", v.Field.Name)
		}
		all = append(all, v.Tensor)
	}
	for _, v := range all {
		if v.Rank() < 1 || b.X.Rank() < 1 || v.Dim(0) != b.X.Dim(0) {
			return fmt.Errorf("data: inputs and targets need the same number of samples on their first axis")
		}
		if !copied(v.DType()) {
			return fmt.Errorf("data: rows of %v cannot be read; To makes them float32", v.DType())
		}
	}
	b.More = slices.Clone(b.More)
	for i := range b.More {
		b.More[i].Tensor = b.More[i].Tensor.Contiguous()
	}
	if b.X = b.X.Contiguous(); b.Y != nil {
		b.Y = b.Y.Contiguous()
	}
	*t = *fromBatch(b)
	t.spec.XName, t.spec.YName = b.XName, b.YName
	return nil
}

// WithClasses is the dataset with names for its classes, which a confusion matrix shows.
func (t *Tensors) WithClasses(names ...string) *Tensors {
	if t.spec.YType != dl.Int32 || len(t.spec.Y) != 0 {
		dl.PanicValue("data.Tensors.WithClasses", "targets of shape %v and type %v are not class numbers", t.spec.Y, t.spec.YType)
	}
	named := *t
	named.spec.Classes = slices.Clone(names)
	return &named
}
