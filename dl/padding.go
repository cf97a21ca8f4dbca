package dl

import (
	"fmt"
	"strconv"
	"strings"
)

// Padding says what lies around the images, or sequences, that a window slides over: [Valid] (nothing, the zero value),
// [Same], [Causal], or numbers: see [Pad1D], [Pad2D] and [Pad3D].
type Padding struct {
	kind uint8
	axes int // those that there are numbers for; 0 of Valid, Same and Causal
	n    [3]int
}

const (
	padNumbers = iota
	padSame
	padCausal
)

var (
	// Valid pads with nothing: the window stays inside the image.
	Valid = Padding{}
	// Same pads so that the output has size/stride rows and columns, rounded
	// up, as Keras's "same" does: where the padding is odd, the greater part is
	// below and right.
	Same = Padding{kind: padSame}
	// Causal pads the beginning of sequences so that no output depends on a later
	// input, as Keras's "causal" does: the output has length/stride places,
	// rounded up. It is for windows over one axis.
	Causal = Padding{kind: padCausal}
)

// Pad1D pads with a number of places before and after, as PyTorch's padding=n does.
func Pad1D(n int) Padding { return padBy(n) }

// Pad2D pads with a number of rows above and below, and of columns left and
// right, as PyTorch's padding=(height, width) does.
func Pad2D(height, width int) Padding { return padBy(height, width) }

// Pad3D pads on both sides of each of three axes, as PyTorch's padding=(depth, height, width) does.
func Pad3D(depth, height, width int) Padding { return padBy(depth, height, width) }

func padBy(n ...int) Padding {
	p := Padding{axes: len(n)}
	if copy(p.n[:], n); p.n == Valid.n {
		return Valid
	}
	return p
}

// String returns "valid", "same", "causal", or the numbers, as in "1,2".
func (p Padding) String() string {
	switch p {
	case Valid:
		return "valid"
	case Same:
		return "same"
	case Causal:
		return "causal"
	}
	var numbers []string
	for _, n := range p.n[:p.axes] {
		numbers = append(numbers, strconv.Itoa(n))
	}
	return strings.Join(numbers, ",")
}

// MarshalText returns what String does.
func (p Padding) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Padding) UnmarshalText(text []byte) error {
	for _, known := range []Padding{Valid, Same, Causal} {
		if strings.EqualFold(string(text), known.String()) {
			*p = known
			return nil
		}
	}
	var numbers []int
	for _, s := range strings.SplitN(string(text), ",", 4) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 || len(numbers) == 3 {
			return fmt.Errorf("dl: %.40q is no padding: valid, same, causal, or a number for each axis as in \"1,1\"", text)
		}
		numbers = append(numbers, n)
	}
	*p = padBy(numbers...)
	return nil
}

// Suits says what is wrong with the padding for windows over so many axes, and "" when nothing is.
func (p Padding) Suits(axes int) string {
	switch {
	case p.kind == padCausal && axes != 1:
		return fmt.Sprintf("the padding causal is for windows over one axis, not %d", axes)
	case p.axes != 0 && p.axes != axes:
		return fmt.Sprintf("the padding %v has %d numbers for windows over %d axes; use Pad%dD", p, p.axes, axes, axes)
	case min(p.n[0], p.n[1], p.n[2]) < 0:
		return fmt.Sprintf("a padding of %v is impossible", p)
	}
	return ""
}

// Along returns the padding before the first place of an axis, numbered from 0, and the number of places of a window
// along it; a window that does not fit anywhere has none. A dilated window of k is (k-1)*dilation+1 large. Window and
// stride are positive.
func (p Padding) Along(axis, size, window, stride int) (before, places int) {
	if size < 0 || window < 1 || stride < 1 {
		PanicValue("Padding.Along", "size %d must not be negative, window %d and stride %d must be positive", size, window, stride)
	}
	switch p.kind {
	case padSame:
		places = (size + stride - 1) / stride
		return max(0, (places-1)*stride+window-size) / 2, places
	case padCausal:
		return window - 1, (size + stride - 1) / stride
	}
	if axis < 0 || axis >= len(p.n) {
		PanicValue("Padding.Along", "axis %d of an image is not among 0 to %d", axis, len(p.n)-1)
	}
	before = p.n[axis]
	if size+2*before >= window {
		places = (size+2*before-window)/stride + 1
	}
	return before, places
}

// AlongUp is Along, but a last window that reaches over the end counts, too, unless it begins there: PyTorch's ceil_mode.
func (p Padding) AlongUp(axis, size, window, stride int) (before, places int) {
	before, places = p.Along(axis, size, window, stride)
	if last := places * stride; p.kind == padNumbers && places > 0 && last+window > size+2*before && last < size+before && last-stride+window < size+2*before {
		places++
	}
	return before, places
}
