// Package data feeds training: datasets, their splitting, shuffled batches, and readers of data files.
package data

import (
	"fmt"

	"modelbook/dl"
)

// Dataset is a finite list of samples, each an input and a target. Methods may be called from a goroutine other than
// the one that trains, but from one at a time.
type Dataset interface {
	// Len is the number of samples.
	Len() int
	// Spec describes one sample.
	Spec() Spec
	// Read copies the samples with the given numbers into b, whose tensors have the shapes of Spec with
	// len(samples) before them: sample samples[i] becomes row i. It runs beside the training and writes values; it
	// does not compute with tensors.
	Read(b Batch, samples []int) error
}

// Spec describes a sample: the shapes of its input and target without the batch axis, and the target's type. A target
// that is a class number has the shape [] and the type dl.Int32; all other targets are dl.Float32, a one-hot one of
// shape [classes]. Inputs are dl.Float32. A dataset without targets has the type dl.Bool, of which no tensor is made.
type Spec struct {
	X, Y    dl.Shape
	YType   dl.DType
	Classes []string // names of the classes, if known
}

// NoTarget is the YType of a dataset that has inputs only.
const NoTarget = dl.Bool

// Batch is some samples: X [N, ...] and Y [N] or [N, ...] (nil without targets). Its tensors are reused: they hold
// the values until the next batch is asked for.
type Batch struct{ X, Y *dl.Tensor }

// Len is the number of samples in the batch.
func (b Batch) Len() int { return b.X.Dim(0) }

// newBatch makes room for n samples.
func newBatch(s Spec, n int) Batch {
	b := Batch{X: dl.Zeros(append(dl.Shape{n}, s.X...)...)}
	if s.YType != NoTarget {
		shape := append(dl.Shape{n}, s.Y...)
		if s.YType == dl.Int32 {
			b.Y = dl.Of(make([]int32, volume(shape)), shape...)
		} else {
			b.Y = dl.Zeros(shape...)
		}
	}
	return b
}

// All reads a whole dataset into one batch of new tensors.
func All(d Dataset) (Batch, error) {
	b := newBatch(d.Spec(), d.Len())
	return b, d.Read(b, sequence(d.Len()))
}

// sequence returns 0, 1, ... n-1.
func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// Tensors is a dataset in memory: sample i is X[i] with target Y[i].
type Tensors struct {
	x, y    []float32
	labels  []int32
	spec    Spec
	n, size int // samples, and values of one input
}

// FromTensors makes a dataset of inputs x [N, ...] and targets y: class numbers [N] of an integer type, or float rows
// [N, ...]. A nil y makes a dataset of inputs only. The tensors must not change afterwards. It panics with a
// *dl.ShapeError when x and y differ in their number of samples.
func FromTensors(x, y *dl.Tensor) *Tensors {
	if x.Rank() < 1 || y != nil && (y.Rank() < 1 || y.Dim(0) != x.Dim(0)) {
		shapes := []dl.Shape{x.Shape()}
		if y != nil {
			shapes = append(shapes, y.Shape())
		}
		panic(&dl.ShapeError{Op: "data.FromTensors", Shapes: shapes,
			Detail: "inputs and targets need the same number of samples on their first axis"})
	}
	x = x.To(dl.Float32)
	t := &Tensors{x: x.Float32s(), n: x.Dim(0), spec: Spec{X: x.Shape()[1:], YType: NoTarget}}
	t.size = volume(t.spec.X)
	if y != nil {
		t.spec.Y, t.spec.YType = y.Shape()[1:], dl.Float32
		if t.spec.Y == nil {
			t.spec.Y = dl.Shape{}
		}
		switch y.DType() {
		case dl.Float32, dl.Float64:
			t.y = y.To(dl.Float32).Float32s()
		default:
			t.spec.YType, t.labels = dl.Int32, y.To(dl.Int32).Int32s()
		}
	}
	return t
}

func (t *Tensors) Len() int   { return t.n }
func (t *Tensors) Spec() Spec { return t.spec }

func (t *Tensors) Read(b Batch, samples []int) error {
	copyRows(b.X.Float32s(), t.x, samples, t.size)
	switch {
	case t.labels != nil:
		copyRows(b.Y.Int32s(), t.labels, samples, volume(t.spec.Y))
	case t.y != nil:
		copyRows(b.Y.Float32s(), t.y, samples, volume(t.spec.Y))
	}
	return nil
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
	switch {
	case b.X == nil:
		*t = Tensors{}
		return nil
	case b.X.Rank() < 1 || b.Y != nil && (b.Y.Rank() < 1 || b.Y.Dim(0) != b.X.Dim(0)):
		return fmt.Errorf("data: inputs and targets need the same number of samples on their first axis")
	}
	*t = *FromTensors(b.X, b.Y)
	return nil
}

func copyRows[T any](dst, src []T, rows []int, size int) {
	for i, row := range rows {
		copy(dst[i*size:(i+1)*size], src[row*size:(row+1)*size])
	}
}

func volume(s dl.Shape) int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Subset is the part of a dataset with the given sample numbers, in their order.
func Subset(d Dataset, samples []int) Dataset {
	for _, s := range samples {
		if s < 0 || s >= d.Len() {
			panic(fmt.Sprintf("data.Subset: sample %d of a dataset of %d", s, d.Len()))
		}
	}
	return &Part{Dataset: d, samples: samples}
}

// Take is the first n samples of a dataset, or all when it has fewer.
func Take(d Dataset, n int) Dataset { return Subset(d, sequence(min(n, d.Len()))) }

// Part is some samples of a dataset, as Subset, Take and Split make it.
type Part struct {
	Dataset
	samples []int
	numbers []int // scratch of Read
}

func (s *Part) Len() int { return len(s.samples) }

// State returns the numbers of the samples, and SetState takes them. Saved sessions hold them.
func (s *Part) State() []int { return s.samples }

// SetState makes s the part of the samples with these numbers.
func (s *Part) SetState(samples []int) error {
	for _, n := range samples {
		if s.Dataset == nil || n < 0 || n >= s.Dataset.Len() {
			return fmt.Errorf("data: there is no sample %d", n)
		}
	}
	s.samples = samples
	return nil
}

func (s *Part) Read(b Batch, samples []int) error {
	s.numbers = s.numbers[:0]
	for _, i := range samples {
		s.numbers = append(s.numbers, s.samples[i])
	}
	return s.Dataset.Read(b, s.numbers)
}

// Split parts a dataset in two, the second with the given share of the samples (rounded down): the last ones, in
// their order, as Keras's validation_split. Data sorted by class must be shuffled before: see [RandomSplit].
func Split(d Dataset, share float64) (first, last Dataset) {
	cut := splitAt(d.Len(), share)
	all := sequence(d.Len())
	return Subset(d, all[:cut]), Subset(d, all[cut:])
}

// RandomSplit parts a dataset in two at random, the second with the given share of the samples (rounded down).
func RandomSplit(d Dataset, share float64, r *dl.Rand) (first, second Dataset) {
	cut := splitAt(d.Len(), share)
	all := r.Perm(d.Len())
	return Subset(d, all[:cut]), Subset(d, all[cut:])
}

func splitAt(n int, share float64) int {
	if !(share >= 0 && share <= 1) {
		panic(fmt.Sprintf("data: a share of %v lies outside 0 to 1", share))
	}
	return int(float64(n)*(1-share) + 1e-6) // 60,000 x 0.8 is 48,000, whatever 1-0.2 is in binary
}

// OneHot gives a dataset of class numbers targets [classes] that are 1 at the class and 0 elsewhere.
func OneHot(d Dataset, classes int) Dataset {
	if s := d.Spec(); s.YType != dl.Int32 || len(s.Y) != 0 {
		panic(fmt.Sprintf("data.OneHot: targets of shape %v and type %v are not class numbers", s.Y, s.YType))
	}
	return &oneHot{Dataset: d, classes: classes}
}

type oneHot struct {
	Dataset
	classes int
	labels  map[int]*dl.Tensor // scratch by batch size
}

func (o *oneHot) Spec() Spec {
	s := o.Dataset.Spec()
	s.Y, s.YType = dl.Shape{o.classes}, dl.Float32
	return s
}

func (o *oneHot) Read(b Batch, samples []int) error {
	labels := o.labels[len(samples)]
	if labels == nil {
		labels = dl.Of(make([]int32, len(samples)))
		if o.labels == nil {
			o.labels = map[int]*dl.Tensor{}
		}
		o.labels[len(samples)] = labels
	}
	if err := o.Dataset.Read(Batch{X: b.X, Y: labels}, samples); err != nil {
		return err
	}
	y := b.Y.Float32s()
	clear(y)
	for i, class := range labels.Int32s() {
		if class < 0 || int(class) >= o.classes {
			return fmt.Errorf("data.OneHot: sample %d has class %d, outside 0 to %d", samples[i], class, o.classes-1)
		}
		y[i*o.classes+int(class)] = 1
	}
	return nil
}
