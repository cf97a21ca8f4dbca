package nn

import (
	"fmt"

	"modelbook/dl"
)

// Merge is how a [Bidirectional] joins the outputs of its directions, and a [Parallel] those of its branches.
type Merge uint8

const (
	MergeConcat Merge = iota // side by side along the last axis, as Keras's Concatenate
	MergeSum                 // Keras's Add
	MergeMul                 // Keras's Multiply
	MergeMean                // Keras's Average, and "ave"
	MergeMax                 // Keras's Maximum
)

var merges = [...]string{"concat", "sum", "mul", "ave", "max"}

// String is for messages and tables.
func (m Merge) String() string {
	if int(m) < len(merges) {
		return merges[m]
	}
	return fmt.Sprintf("merge %d", uint8(m))
}

// MarshalText gives the name under which it is saved, Keras's.
func (m Merge) MarshalText() ([]byte, error) {
	if int(m) >= len(merges) {
		return nil, fmt.Errorf("there is no Merge %d", uint8(m))
	}
	return []byte(m.String()), nil
}

// UnmarshalText reads that name.
func (m *Merge) UnmarshalText(name []byte) error {
	for i, known := range merges {
		if known == string(name) {
			*m = Merge(i)
			return nil
		}
	}
	return fmt.Errorf("unknown merge %q; known are %v", name, merges)
}

// of merges tensors.
func (m Merge) of(ys ...*dl.Tensor) *dl.Tensor {
	if m == MergeConcat {
		return dl.Concat(ys[0].Rank()-1, ys...)
	}
	y := ys[0]
	for _, other := range ys[1:] {
		switch m {
		case MergeMul:
			y = y.Mul(other)
		case MergeMax:
			y = y.Maximum(other)
		default:
			y = y.Add(other)
		}
	}
	if m == MergeMean {
		y = y.MulScalar(1 / float64(len(ys)))
	}
	return y
}
