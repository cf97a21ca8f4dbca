package data

import (
	"fmt"
	"math"
	"slices"

	"modelbook/dl"
)

// Ragged is a dataset of samples whose first axis differs in length: recordings, sets of points, sequences of vectors.
// A batch is as long as its longest sample, the others are filled up with Pad; the field "mask" (Mask, float32 [N, T])
// is 1 where there is something. A model does not see that field, unless a Step of the Trainer's gives it to it: an
// nn.Masking in front marks what was filled up for the layers behind. For tokens there is [Sequences].
type Ragged struct {
	X       []*dl.Tensor // each [length, ...], of one dtype and alike but for the length
	Labels  []int32      // a class for each; nil: see Targets
	Targets *dl.Tensor   // a row for each, float32 [N, ...]; with neither, there are no targets
	Pad     float64
	Classes []string // names of the classes, if known
}

// Len is the number of samples: see [Dataset].
func (r *Ragged) Len() int { return len(r.X) }

// Spec has the shapes of a batch of all samples.
func (r *Ragged) Spec() Spec { return r.BatchSpec(sequence(len(r.X))) }

// BatchSpec has the shapes of a batch of some samples.
func (r *Ragged) BatchSpec(samples []int) Spec {
	longest := 1
	for _, i := range samples {
		mustBeSample("data.Ragged.BatchSpec", i, len(r.X))
		longest = max(longest, r.length("data.Ragged.BatchSpec", i))
	}
	return r.spec(longest)
}

// length is that of a sample.
func (r *Ragged) length(op string, i int) int {
	if r.X[i] == nil || r.X[i].Rank() < 1 {
		dl.PanicValue(op, "sample %d is no tensor [length, ...]", i)
	}
	return r.X[i].Dim(0)
}

func (r *Ragged) spec(longest int) Spec {
	spec := Spec{X: dl.Shape{longest}, YType: NoTarget, Classes: r.Classes,
		More: []Field{{Name: "mask", Role: Mask, Shape: dl.Shape{longest}, DType: dl.Float32}}}
	if len(r.X) > 0 {
		r.length("data.Ragged.Spec", 0)
		spec.XType = r.X[0].DType()
		spec.X = append(spec.X, r.X[0].Shape()[1:]...)
	}
	switch {
	case r.Labels != nil:
		spec.Y, spec.YType = dl.Shape{}, dl.Int32
	case r.Targets != nil:
		if r.Targets.Rank() < 1 || !copied(r.Targets.DType()) {
			dl.PanicShape("data.Ragged", "the targets need a row for each sample, of numbers that are not half ones", r.Targets)
		}
		spec.Y, spec.YType = sampleShape(r.Targets), r.Targets.DType()
	}
	return spec
}

// Lengths is the length of each sample: for [ByLength].
func (r *Ragged) Lengths() []int {
	lengths := make([]int, len(r.X))
	for i := range r.X {
		lengths[i] = r.length("data.Ragged.Lengths", i)
	}
	return lengths
}

// Read fills a batch: see [Dataset].
func (r *Ragged) Read(b Batch, samples []int) error {
	var spec Spec
	parts := make([]*dl.Tensor, len(samples))
	if err := dl.Try(func() {
		longest := 1
		for row, i := range samples {
			mustBeSample("data.Ragged.Read", i, len(r.X))
			parts[row], longest = r.X[i], max(longest, r.length("data.Ragged.Read", i))
		}
		if b.X != nil && b.X.Rank() > 1 {
			longest = max(longest, b.X.Dim(1)) // more is filled up than is needed
		}
		spec = r.spec(longest)
	}); err != nil {
		return err
	}
	if err := b.room(&spec, samples, len(r.X)); err != nil {
		return err
	}
	switch {
	case r.Labels != nil && len(r.Labels) != len(r.X):
		return fmt.Errorf("data: %d labels for %d samples", len(r.Labels), len(r.X))
	case r.Labels == nil && r.Targets != nil && r.Targets.Dim(0) != len(r.X):
		return fmt.Errorf("data: %d targets for %d samples", r.Targets.Dim(0), len(r.X))
	case len(samples) == 0:
		return nil
	}
	if err := dl.Try(func() { padInto(b.X, b.More[0].Tensor, parts, r.Pad) }); err != nil {
		return err
	}
	switch {
	case r.Labels != nil:
		copyRows(b.Y.Int32s(), r.Labels, samples, 1)
	case r.Targets != nil:
		copyTensor(b.Y, r.Targets.Contiguous(), samples)
	}
	return nil
}

// Pad puts tensors [length, ...] of different lengths into one [N, longest, ...], filled up with a value, and returns a
// mask, float32 [N, longest], that is 1 where there was something: pad_sequence of PyTorch, pad_sequences of Keras with
// padding="post".
func Pad(value float64, parts ...*dl.Tensor) (batch, mask *dl.Tensor) {
	if len(parts) == 0 || parts[0].Rank() < 1 {
		dl.PanicShape("data.Pad", "one tensor [length, ...] or more is needed", parts...)
	}
	longest := 0
	for _, p := range parts {
		if p.Rank() < 1 || !slices.Equal(p.Shape()[1:], parts[0].Shape()[1:]) {
			dl.PanicShape("data.Pad", "all need the same shape but for the first axis", parts...)
		}
		longest = max(longest, p.Dim(0))
	}
	batch = dl.New(parts[0].DType(), append(dl.Shape{len(parts), longest}, parts[0].Shape()[1:]...)...)
	mask = dl.New(dl.Float32, len(parts), longest)
	padInto(batch, mask, parts, value)
	return batch, mask
}

func padInto(batch, mask *dl.Tensor, parts []*dl.Tensor, value float64) {
	mustHold("data.Pad", batch.DType(), value)
	longest := batch.Dim(1)
	ones := mask.Float32s()
	clear(ones)
	for row, p := range parts {
		if p.Rank() != batch.Rank()-1 || p.DType() != batch.DType() || p.Dim(0) > longest || !slices.Equal(p.Shape()[1:], batch.Shape()[2:]) {
			dl.PanicShape("data.Pad", "all need the same shape but for the first axis, and the same dtype", parts...)
		}
		for i := range p.Dim(0) {
			ones[row*longest+i] = 1
		}
		padRow(batch, p.Contiguous(), row, value)
	}
}

// mustHold refuses a value that tensors of a type cannot hold.
func mustHold(op string, d dl.DType, value float64) {
	lo, hi := math.Inf(-1), math.Inf(1)
	switch d {
	case dl.Int32:
		lo, hi = math.MinInt32, math.MaxInt32
	case dl.Int64: // those that a float64 tells apart
		lo, hi = -1<<53, 1<<53
	case dl.Uint8:
		lo, hi = 0, math.MaxUint8
	default:
		return
	}
	if !(value >= lo && value <= hi) || value != math.Trunc(value) {
		dl.PanicValue(op, "%v cannot fill up %v, which holds whole numbers from %v to %v", value, d, lo, hi)
	}
}

func padRow(batch, part *dl.Tensor, row int, value float64) {
	switch batch.DType() {
	case dl.Float32:
		padValues(batch.Float32s(), part.Float32s(), row, batch.Dim(0), float32(value))
	case dl.Float64:
		padValues(batch.Float64s(), part.Float64s(), row, batch.Dim(0), value)
	case dl.Int32:
		padValues(batch.Int32s(), part.Int32s(), row, batch.Dim(0), int32(value))
	case dl.Int64:
		padValues(batch.Int64s(), part.Int64s(), row, batch.Dim(0), int64(value))
	case dl.Uint8:
		padValues(batch.Uint8s(), part.Uint8s(), row, batch.Dim(0), uint8(value))
	default:
		dl.PanicDType("data.Pad", "samples of this type cannot be filled up", part)
	}
}

func padValues[T any](dst, src []T, row, rows int, value T) {
	size := len(dst) / rows
	dst = dst[row*size : (row+1)*size]
	for i := copy(dst, src); i < size; i++ {
		dst[i] = value
	}
}
