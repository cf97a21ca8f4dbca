package data

import (
	"slices"

	"modelbook/dl"
)

// Ragged is a dataset of samples whose first axis differs in length: recordings, sets of points, sequences of vectors.
// A batch is as long as its longest sample, the others are filled up with Pad; the field "mask" (Mask, float32 [N, T])
// is 1 where there is something. For tokens there is [Sequences].
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
		longest = max(longest, r.X[i].Dim(0))
	}
	spec := Spec{X: dl.Shape{longest}, YType: NoTarget, Classes: r.Classes,
		More: []Field{{Name: "mask", Role: Mask, Shape: dl.Shape{longest}, DType: dl.Float32}}}
	if len(r.X) > 0 {
		spec.XType = r.X[0].DType()
		spec.X = append(spec.X, r.X[0].Shape()[1:]...)
	}
	switch {
	case r.Labels != nil:
		spec.Y, spec.YType = dl.Shape{}, dl.Int32
	case r.Targets != nil:
		spec.Y, spec.YType = sampleShape(r.Targets), r.Targets.DType()
	}
	return spec
}

// Lengths is the length of each sample: for [ByLength].
func (r *Ragged) Lengths() []int {
	lengths := make([]int, len(r.X))
	for i, x := range r.X {
		lengths[i] = x.Dim(0)
	}
	return lengths
}

// Read fills a batch: see [Dataset].
func (r *Ragged) Read(b Batch, samples []int) error {
	parts := make([]*dl.Tensor, len(samples))
	for row, i := range samples {
		parts[row] = r.X[i]
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
		dl.PanicValue("data.Pad", "no tensors [length, ...]")
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
