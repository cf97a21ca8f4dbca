package nn

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// Padding says what lies around images: Valid, Same, Causal, or Pad1D, Pad2D or Pad3D with a number for each axis.
type Padding = dl.Padding

var (
	// Valid pads with nothing, as in Keras: the zero value.
	Valid = dl.Valid
	// Same pads so that a stride of 1 keeps the size, as in Keras.
	Same = dl.Same
	// Causal pads the beginning of sequences so that no output depends on a later input, as in Keras.
	Causal = dl.Causal
)

// Pad1D pads with n places before and after, as PyTorch's padding does.
func Pad1D(n int) Padding { return dl.Pad1D(n) }

// Pad2D pads with rows above and below and columns left and right, as PyTorch's padding does.
func Pad2D(rows, columns int) Padding { return dl.Pad2D(rows, columns) }

// Pad3D pads on both sides of each of three axes, as PyTorch's padding does.
func Pad3D(depth, rows, columns int) Padding { return dl.Pad3D(depth, rows, columns) }

// A sliding window is what convolutions and pools have in common, with a number for each axis that it slides along.
type sliding struct {
	field                  string // "Kernel" or "Size"
	size, stride, dilation []int
	padding                Padding
	ceil                   bool // see MaxPool2D
}

// kindsOfInput are the samples that have so many axes besides their channels.
var kindsOfInput = [...]string{1: "a sequence [length, channels]", 2: "an image [height, width, channels]", 3: "a volume [depth, height, width, channels]"}

// isSample checks that a sample has so many axes besides its channels.
func isSample(in dl.Shape, axes int) error {
	switch {
	case len(in) == axes && axes > 1:
		return fmt.Errorf("the input %v is not %s; Unsqueeze(-1) of a batch adds the axis of one channel", in, kindsOfInput[axes])
	case len(in) != axes+1:
		return fmt.Errorf("the input %v is not %s", in, kindsOfInput[axes])
	}
	return nil
}

// check checks what does not depend on the input's size.
func (s *sliding) check(in dl.Shape) error {
	if err := isSample(in, len(s.size)); err != nil {
		return err
	}
	for i := range s.size {
		if s.size[i] < 1 || s.stride[i] < 1 {
			return fmt.Errorf("%s %v and Stride %v must be positive", s.field, plain(s.size), plain(s.stride))
		}
		if s.dilation[i] < 1 {
			return fmt.Errorf("Dilation %v must be positive", plain(s.dilation))
		}
		if max(s.size[i], s.stride[i]) > maxVolume || s.dilation[i] > maxVolume/s.size[i] {
			return fmt.Errorf("%s %v, Stride %v and Dilation %v are too large", s.field, plain(s.size), plain(s.stride), plain(s.dilation))
		}
	}
	if wrong := s.padding.Suits(len(s.size)); wrong != "" {
		return fmt.Errorf("Padding: %s; it must not be negative", wrong)
	}
	return nil
}

// reach is how far a window reaches along an axis.
func (s *sliding) reach(axis int) int { return (s.size[axis]-1)*s.dilation[axis] + 1 }

// over checks a window that slides over a sample and returns how many places it has along each axis.
func (s *sliding) over(in dl.Shape) ([]int, error) {
	if err := s.check(in); err != nil {
		return nil, err
	}
	places := make([]int, len(s.size))
	for i := range places {
		var before int
		before, places[i] = s.padding.Along(i, in[i], s.reach(i), s.stride[i])
		if s.padding != Same && s.padding != Causal && before >= s.reach(i) {
			return nil, fmt.Errorf("Padding %v must be smaller than the %s %v", s.padding, s.field, plain(s.size))
		}
		if places[i] < 1 {
			return nil, fmt.Errorf("the %s %v is larger than the input %v; use Padding: nn.Same or fewer reductions before%s", s.field, plain(s.size), in, channelsLast(in))
		}
	}
	return places, nil
}

// channelsLast says how channels come last, where the shape of a sample looks as if they came first.
func channelsLast(in dl.Shape) string {
	if len(in) < 3 || in[0] > 4 || slices.Min(in[1:]) <= 4 {
		return ""
	}
	return "; if its channels come first, MoveAxis(1, -1) of a batch puts them last, as layers here have them"
}

// plain shows one number by itself and several in brackets, as the fields of layers are.
func plain(n []int) any {
	if len(n) == 1 {
		return n[0]
	}
	return n
}
