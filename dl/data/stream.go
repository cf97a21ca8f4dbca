package data

import (
	"fmt"

	"modelbook/dl"
)

// Stream is a dataset of unknown length that is read from its beginning to its end, such as the lines of a large file.
// Open begins a pass. A training shuffles no stream.
type Stream struct {
	Sample Spec // of one sample
	Open   func() (Source, error)
}

// Source is one pass over a stream. Next copies the next samples into the rows of b and returns how many these were:
// fewer than b has rows only at the end, 0 after it. It is called by one goroutine.
type Source interface {
	Next(b Batch) (n int, err error)
}

// begin opens a pass.
func (s *Stream) begin() (Source, error) {
	if s.Open == nil {
		return nil, fmt.Errorf("data: the field Open of a Stream is nil; it begins a pass")
	}
	source, err := s.Open()
	if err == nil && source == nil {
		return nil, fmt.Errorf("data: Open of a Stream returns no Source")
	}
	return source, err
}

// Len is the number of samples, -1 when it is not known: see [Dataset].
func (s *Stream) Len() int { return -1 }

// Spec describes the samples: see [Dataset].
func (s *Stream) Spec() Spec { return s.Sample }

// Read is an error: a stream's samples have no numbers.
func (s *Stream) Read(Batch, []int) error {
	return fmt.Errorf("data: the samples of a stream cannot be read by their numbers; read it with a Loader")
}

// first copies the first n rows of a batch to new tensors: the last batch of a stream is smaller than the others.
func (b Batch) first(n int) Batch {
	rows := sequence(n)
	cut := func(t *dl.Tensor) *dl.Tensor {
		if t == nil {
			return nil
		}
		out := dl.New(t.DType(), batchShape(n, t.Shape()[1:])...)
		copyTensor(out, t, rows)
		return out
	}
	part := Batch{X: cut(b.X), Y: cut(b.Y), XName: b.XName, YName: b.YName}
	for _, v := range b.More {
		part.More = append(part.More, Value{Field: v.Field, Tensor: cut(v.Tensor)})
	}
	return part
}
