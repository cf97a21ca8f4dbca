package dl

import (
	"fmt"
	"math"
)

// Interpolation says how [Resize] finds values between those that there are.
type Interpolation uint8

const (
	Nearest Interpolation = iota // the next one below, as PyTorch's "nearest"
	Linear                       // of the two around, along each axis: PyTorch's "linear", "bilinear" and "trilinear"
	Cubic                        // of the four around, by Keys's cubic with a = -0.75: PyTorch's "bicubic"
	Area                         // the mean of those under each place, for smaller sizes: PyTorch's "area"
)

var interpolations = [...]string{"nearest", "linear", "cubic", "area"}

// String returns "nearest", "linear", "cubic" or "area".
func (m Interpolation) String() string {
	if int(m) < len(interpolations) {
		return interpolations[m]
	}
	return fmt.Sprintf("interpolation %d", uint8(m))
}

// MarshalText returns what String does.
func (m Interpolation) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Interpolation) UnmarshalText(text []byte) error {
	for i, name := range interpolations {
		if name == string(text) {
			*m = Interpolation(i)
			return nil
		}
	}
	return fmt.Errorf("dl: unknown interpolation %.40q; known are %v", text, interpolations)
}

// ResizeOptions are the details of [Resize].
type ResizeOptions struct {
	Mode Interpolation
	// AlignCorners puts the middles of the first and last places on each other; otherwise the edges are, as in Keras.
	// It is for Linear and Cubic.
	AlignCorners bool
}

// Resize gives images, or sequences, or volumes [N, sizes..., C] other sizes: x is [N, L, C], [N, H, W, C] or [N, D, H,
// W, C]. It is PyTorch's interpolate of these sizes, without its antialias.
func Resize(x *Tensor, o ResizeOptions, sizes ...int) *Tensor {
	x.resizable("Resize", sizes)
	if o.Mode > Area {
		PanicValue("Resize", "there is no %v", o.Mode)
	}
	if o.Mode == Area {
		return AdaptiveAvgPool(x, sizes...)
	}
	for i, n := range sizes {
		if x.shape[i+1] != n {
			x = x.mixed("Resize", i+1, o.Mode.along(x, i+1, n, o.AlignCorners))
		}
	}
	return x
}

// resizable checks that x can be given sizes along the axes between the first and the last.
func (x *Tensor) resizable(op string, sizes []int) {
	x.check()
	x.float(op)
	if len(x.shape) != len(sizes)+2 || len(sizes) == 0 {
		shapePanic(op, fmt.Sprintf("%d sizes are for an operand [N, sizes..., C] of %d axes", len(sizes), len(sizes)+2), x)
	}
	grown := shapeOf(x.shape...)
	for i, n := range sizes {
		if n < 1 || x.shape[i+1] < 1 {
			shapePanic(op, fmt.Sprintf("%d places cannot become %d", x.shape[i+1], n), x)
		}
		grown[i+1] = max(n, x.shape[i+1])
	}
	for i := range grown {
		grown[i] = max(grown[i], 1)
	}
	grown.fits(op, x.dtype)
}

// along is the mixture for an axis of x that gets n places.
func (m Interpolation) along(x *Tensor, axis, n int, corners bool) mixture {
	size := x.shape[axis]
	mix := newMixture(x, axis, n, [...]int{1, 2, 4}[m])
	for i := range n {
		at, w := mix.at[i*mix.taps:(i+1)*mix.taps], mix.weights[i*mix.taps:(i+1)*mix.taps]
		if m == Nearest {
			at[0], w[0] = i*size/n, 1
			continue
		}
		from := (float64(i)+0.5)*float64(size)/float64(n) - 0.5
		if corners {
			if from = 0; n > 1 {
				from = float64(i) * float64(size-1) / float64(n-1)
			}
		}
		if m == Linear {
			from = max(from, 0)
		}
		below := math.Floor(from)
		t := from - below
		first := int(below)
		if m == Linear {
			w[0], w[1] = 1-t, t
		} else {
			w[0], w[1], w[2], w[3] = cubicFar(1+t), cubicNear(t), cubicNear(1-t), cubicFar(2-t)
			first--
		}
		for k := range at {
			at[k] = min(max(first+k, 0), size-1)
		}
	}
	return mix
}

// Keys's cubic: of distances up to 1, and from 1 to 2.
const keys = -0.75

func cubicNear(t float64) float64 { return ((keys+2)*t-(keys+3))*t*t + 1 }
func cubicFar(t float64) float64  { return ((keys*t-5*keys)*t+8*keys)*t - 4*keys }
