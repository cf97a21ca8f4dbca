package data

import (
	"fmt"

	"modelbook/dl"
)

// Sequences is a dataset of sequences of tokens that differ in length. A batch is as long as its longest sequence, the
// others are filled up with Pad; the field "mask" (Mask, float32 [N, T]) is 1 at the tokens and 0 at what was filled
// up. Loss and metrics leave out what was filled up where there is a target for each token; for a model, an nn.Embedding
// with MaskZero marks tokens 0.
type Sequences struct {
	Tokens  [][]int32
	Targets [][]int32 // a class for each token; nil: see Labels
	Labels  []int32   // a class for each sequence; with neither, there are no targets
	Pad     int32     // also stands in targets where there is no token
	Classes []string  // names of the classes, if known
}

// Len is the number of samples, -1 when it is not known: see [Dataset].
func (s *Sequences) Len() int { return len(s.Tokens) }

// Spec has the shapes of a batch of all sequences.
func (s *Sequences) Spec() Spec {
	longest := 1
	for _, tokens := range s.Tokens {
		longest = max(longest, len(tokens))
	}
	return s.spec(longest)
}

// BatchSpec has the shapes of a batch of some sequences.
func (s *Sequences) BatchSpec(samples []int) Spec {
	longest := 1
	for _, i := range samples {
		mustBeSample("data.Sequences.BatchSpec", i, len(s.Tokens))
		longest = max(longest, len(s.Tokens[i]))
	}
	return s.spec(longest)
}

func (s *Sequences) spec(length int) Spec {
	spec := Spec{X: dl.Shape{length}, XType: dl.Int32, YType: NoTarget, Classes: s.Classes,
		More: []Field{{Name: "mask", Role: Mask, Shape: dl.Shape{length}, DType: dl.Float32}}}
	switch {
	case s.Targets != nil:
		spec.Y, spec.YType = dl.Shape{length}, dl.Int32
	case s.Labels != nil:
		spec.Y, spec.YType = dl.Shape{}, dl.Int32
	}
	return spec
}

// Read fills a batch: see [Dataset].
func (s *Sequences) Read(b Batch, samples []int) error {
	longest := 1
	for _, i := range samples {
		if i >= 0 && i < len(s.Tokens) {
			longest = max(longest, len(s.Tokens[i]))
		}
	}
	if b.X != nil && b.X.Rank() == 2 {
		longest = max(longest, b.X.Dim(1)) // more is filled up than is needed
	}
	spec := s.spec(longest)
	if err := b.room(&spec, samples, len(s.Tokens)); err != nil {
		return err
	}
	switch {
	case s.Targets != nil && len(s.Targets) != len(s.Tokens):
		return fmt.Errorf("data: targets of %d sequences, of which there are %d", len(s.Targets), len(s.Tokens))
	case s.Targets == nil && s.Labels != nil && len(s.Labels) != len(s.Tokens):
		return fmt.Errorf("data: %d labels for %d sequences", len(s.Labels), len(s.Tokens))
	}
	length := b.X.Dim(1)
	x, mask := b.X.Int32s(), b.More[0].Tensor.Float32s()
	for row, i := range samples {
		n := len(s.Tokens[i])
		fill(x[row*length:(row+1)*length], s.Tokens[i], s.Pad)
		for j := range length {
			mask[row*length+j] = 0
			if j < n {
				mask[row*length+j] = 1
			}
		}
		switch {
		case s.Targets != nil:
			if len(s.Targets[i]) != n {
				return fmt.Errorf("data: sequence %d has %d tokens and not as many targets", i, n)
			}
			fill(b.Y.Int32s()[row*length:(row+1)*length], s.Targets[i], s.Pad)
		case s.Labels != nil:
			b.Y.Int32s()[row] = s.Labels[i]
		}
	}
	return nil
}

// fill copies src and fills up what is left.
func fill(dst, src []int32, pad int32) {
	n := copy(dst, src)
	for i := n; i < len(dst); i++ {
		dst[i] = pad
	}
}
