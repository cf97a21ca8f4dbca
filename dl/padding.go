package dl

import (
	"fmt"
	"strings"
)

// Padding says what lies around the images that a window slides over: [Valid]
// (nothing, the zero value), [Same], or a number of rows and columns: see [Pad2D].
type Padding struct {
	same          bool
	height, width int
}

var (
	// Valid pads with nothing: the window stays inside the image.
	Valid = Padding{}
	// Same pads so that the output has size/stride rows and columns, rounded
	// up, as Keras's "same" does: where the padding is odd, the greater part is
	// below and right.
	Same = Padding{same: true}
)

// Pad2D pads with a number of rows above and below, and of columns left and
// right, as PyTorch's padding=(height, width) does.
func Pad2D(height, width int) Padding { return Padding{height: height, width: width} }

// String returns "valid", "same" or "1,2".
func (p Padding) String() string {
	switch p {
	case Valid:
		return "valid"
	case Same:
		return "same"
	}
	return fmt.Sprintf("%d,%d", p.height, p.width)
}

// MarshalText returns what String does.
func (p Padding) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Padding) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "valid":
		*p = Valid
	case "same":
		*p = Same
	default:
		var q Padding
		var rest string
		if n, _ := fmt.Sscanf(string(text)+" end", "%d,%d %s", &q.height, &q.width, &rest); n != 3 || rest != "end" || q.height < 0 || q.width < 0 {
			return fmt.Errorf("dl: %.40q is no padding: valid, same, or rows and columns as in \"1,1\"", text)
		}
		*p = q
	}
	return nil
}

// Around returns the rows and columns of padding before the first ones of an
// image, and the number of places of a window, down and across; a window that
// does not fit anywhere has none. Sizes and strides are positive.
func (p Padding) Around(image, window, stride [2]int) (before, places [2]int) {
	for i, pad := range [2]int{p.height, p.width} {
		if p.same {
			places[i] = (image[i] + stride[i] - 1) / stride[i]
			before[i] = max(0, (places[i]-1)*stride[i]+window[i]-image[i]) / 2
			continue
		}
		before[i] = pad
		if image[i]+2*pad >= window[i] {
			places[i] = (image[i]+2*pad-window[i])/stride[i] + 1
		}
	}
	return before, places
}
