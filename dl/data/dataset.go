package data

import (
	"slices"

	"modelbook/dl"
)

// Dataset is a finite list of samples, each an input and a target, and more if needed: see [Spec]. Methods are called
// from goroutines other than the one that trains, Read from several at a time: an evaluation may read what a training
// reads, and a Loader may have several workers.
type Dataset interface {
	// Len is the number of samples; that of a [Stream] is -1, unknown.
	Len() int
	// Spec describes one sample.
	Spec() Spec
	// Read copies the samples with the given numbers into b, whose tensors have the shapes of Spec with
	// len(samples) before them: sample samples[i] becomes row i. It runs beside the training and writes values; it
	// does not compute with tensors.
	Read(b Batch, samples []int) error
}

// Varying is a dataset whose samples differ in shape, such as sequences. BatchSpec is the Spec of a batch of some of
// them, to whose shapes Read brings them all, by padding for instance.
type Varying interface {
	Dataset
	BatchSpec(samples []int) Spec
}

// Spec describes a sample: the shapes of its input and target without the batch axis, and their types. A target that
// is a class number has the shape [] and the type dl.Int32; other targets are dl.Float32, a one-hot one of shape
// [classes]. Inputs are dl.Float32, or dl.Int32 where they are tokens. A dataset without targets has the YType
// NoTarget.
type Spec struct {
	X, Y    dl.Shape
	YType   dl.DType
	Classes []string // names of the classes, if known
	XType   dl.DType `since:"2"`
	More    []Field  `since:"2"` // what a sample has beside its first input and its first target

	XName, YName string `since:"3"` // names that Batch.Get knows X and Y by, beside "x" and "y"
}

// NoTarget is the YType of a dataset that has inputs only.
const NoTarget = dl.Bool

// Field describes a part of a sample by its name: what it is for, its shape without the batch axis, and its type.
type Field struct {
	Name  string
	Role  Role
	Shape dl.Shape
	DType dl.DType
}

// Role is what a field is for.
type Role uint8

const (
	Other  Role = iota // for the training step of a user's own
	Input              // the model computes from it
	Target             // what the model should say
	Weight             // how much a sample, or a place of a sequence, counts in loss and metrics
	Mask               // 1 where a place of a sequence is real and 0 where it is padding
)

// Batch is some samples: X [N, ...] and Y [N] or [N, ...] (nil without targets), and what else the dataset has. Its
// tensors are reused: they hold the values until the next batch is asked for.
type Batch struct {
	X, Y *dl.Tensor
	More []Value `since:"2"` // in the order of Spec.More

	XName, YName string `since:"3"` // those of the Spec
}

// Value is a field of a batch.
type Value struct {
	Field  Field
	Tensor *dl.Tensor // [N, ...]
}

// Len is the number of samples in the batch.
func (b Batch) Len() int {
	given("data.Batch.Len", "X", b.X != nil)
	return b.X.Dim(0)
}

// Get returns the field of a name, nil when there is none. "x" and "y" are X and Y, and so are the names that Spec has
// for them.
func (b Batch) Get(name string) *dl.Tensor {
	for i := range b.More {
		if b.More[i].Field.Name == name {
			return b.More[i].Tensor
		}
	}
	switch {
	case name == "":
	case name == "x", name == b.XName:
		return b.X
	case name == "y", name == b.YName:
		return b.Y
	}
	return nil
}

// Of returns the first of the fields beside X and Y that has a role, nil when there is none.
func (b Batch) Of(role Role) *dl.Tensor {
	for i := range b.More {
		if b.More[i].Field.Role == role {
			return b.More[i].Tensor
		}
	}
	return nil
}

// newBatch makes room for n samples.
func newBatch(s Spec, n int) Batch {
	b := Batch{X: dl.New(s.XType, batchShape(n, s.X)...), XName: s.XName, YName: s.YName}
	if s.YType != NoTarget {
		b.Y = dl.New(s.YType, batchShape(n, s.Y)...)
	}
	for _, f := range s.More {
		b.More = append(b.More, Value{Field: f, Tensor: dl.New(f.DType, batchShape(n, f.Shape)...)})
	}
	return b
}

func batchShape(n int, sample dl.Shape) dl.Shape { return append(dl.Shape{n}, sample...) }

// fits says whether a batch has room for n samples of a Spec, and for no more.
func (b Batch) fits(s *Spec, n int) bool {
	if b.X == nil || !holds(b.X, n, s.X, s.XType) || (b.Y == nil) != (s.YType == NoTarget) || len(b.More) != len(s.More) {
		return false
	}
	if b.Y != nil && !holds(b.Y, n, s.Y, s.YType) {
		return false
	}
	for i, f := range s.More {
		if b.More[i].Field.Name != f.Name || !holds(b.More[i].Tensor, n, f.Shape, f.DType) {
			return false
		}
	}
	return true
}

func holds(t *dl.Tensor, n int, sample dl.Shape, d dl.DType) bool {
	if t == nil {
		return false
	}
	shape := t.Shape()
	return t.DType() == d && len(shape) == len(sample)+1 && shape[0] == n && slices.Equal(shape[1:], sample)
}

// specOf is the Spec of a batch of some samples.
func specOf(d Dataset, samples []int) Spec {
	if v, ok := d.(Varying); ok {
		return v.BatchSpec(samples)
	}
	return d.Spec()
}

// varies says whether the batches of a dataset differ in shape.
func varies(d Dataset) bool {
	if w, ok := d.(wrapper); ok {
		return slices.ContainsFunc(w.parts(), varies)
	}
	_, ok := d.(Varying)
	return ok
}

// All reads a whole dataset into one batch of new tensors.
func All(d Dataset) (Batch, error) {
	mustBeNumbered("data.All", d)
	samples := sequence(d.Len())
	b := newBatch(specOf(d, samples), len(samples))
	return b, d.Read(b, samples)
}

// sequence returns 0, 1, ... n-1.
func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
