package data

import (
	"fmt"
	"strings"

	"modelbook/dl"
)

// given panics when something that a function needs is nil.
func given(op, what string, there bool) {
	if !there {
		dl.PanicValue(op, "%s is nil", what)
	}
}

// mustBeDataset refuses a dataset that is nil.
func mustBeDataset(op string, d Dataset) {
	if d == nil {
		dl.PanicValue(op, "the dataset is nil: FromTensors makes one of tensors")
	}
}

// mustBeNumbered refuses what has no samples with numbers: nil, and streams.
func mustBeNumbered(op string, d Dataset) {
	mustBeDataset(op, d)
	if d.Len() < 0 {
		dl.PanicValue(op, "the samples of a stream have no numbers, and there is no end that is known; read it with a Loader")
	}
}

// maxSamples is the number of samples above which their numbers alone take too much memory.
const maxSamples = 1 << 30

// mustBeCount refuses what is no number of samples.
func mustBeCount(op string, n int) {
	if n < 0 || n > maxSamples {
		dl.PanicValue(op, "there are no %d samples: the number is from 0 to %d", n, maxSamples)
	}
}

// mustBeSample refuses the number of a sample that is not there.
func mustBeSample(op string, i, n int) {
	if i < 0 || i >= n {
		dl.PanicValue(op, "there is no sample %d of %d: the first is 0", i, n)
	}
}

// room is an error unless a batch has room for some samples of a dataset of n, which Spec describes, and for no more.
// Each Read begins with it.
func (b Batch) room(s *Spec, samples []int, n int) error {
	for _, i := range samples {
		if i < 0 || i >= n {
			return fmt.Errorf("data: there is no sample %d of %d", i, n)
		}
	}
	if b.fits(s, len(samples)) {
		return nil
	}
	return fmt.Errorf("data: %d samples are read into a batch of %s, as Spec says, not of %s; data.All makes one, and so does a Loader",
		len(samples), wanted(s, len(samples)), b.parts())
}

// wanted says what a batch of n samples has.
func wanted(s *Spec, n int) string {
	parts := []string{fmt.Sprintf("x %v %v", s.XType, batchShape(n, s.X))}
	if s.YType != NoTarget {
		parts = append(parts, fmt.Sprintf("y %v %v", s.YType, batchShape(n, s.Y)))
	}
	for _, f := range s.More {
		parts = append(parts, fmt.Sprintf("%s %v %v", f.Name, f.DType, batchShape(n, f.Shape)))
	}
	return strings.Join(parts, ", ")
}

// parts says what a batch has.
func (b Batch) parts() string {
	var parts []string
	add := func(name string, t *dl.Tensor) {
		if t != nil {
			parts = append(parts, fmt.Sprintf("%s %v %v", name, t.DType(), t.Shape()))
		}
	}
	add("x", b.X)
	add("y", b.Y)
	for _, v := range b.More {
		add(v.Field.Name, v.Tensor)
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
