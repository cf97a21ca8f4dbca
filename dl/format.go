package dl

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"modelbook/dl/internal/rich"
	"modelbook/internal/pixels"
)

// Long axes are shown as their first and last edge elements once a tensor has
// more than summarize elements, as in NumPy and PyTorch.
const (
	edge      = 3
	summarize = 1000
)

// shown returns the indices of an axis of size n to print; -1 is the gap.
func (t *Tensor) shown(n int) []int {
	if t.Size() > summarize {
		return rich.Shown(n, 2*edge)
	}
	return rich.Shown(n, n)
}

// walk calls f for each element shown, in order, with its place in memory.
func (t *Tensor) walk(axis, at int, f func(i int)) {
	if axis == len(t.shape) {
		f(at)
		return
	}
	for _, i := range t.shown(t.shape[axis]) {
		if i >= 0 {
			t.walk(axis+1, at*t.shape[axis]+i, f)
		}
	}
}

// formatter returns how to print the elements that walk calls a function for: all alike, as wide as needed.
func (t *Tensor) formatter(walk func(f func(i int))) func(i int) string {
	if t.dtype == Bool {
		return func(i int) string { return fmt.Sprintf("%5v", t.at(i) != 0) }
	}
	largest, smallest, whole := 0.0, math.Inf(1), true
	walk(func(i int) {
		v := math.Abs(t.at(i))
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		whole = whole && v == math.Trunc(v)
		largest = max(largest, v)
		if v > 0 {
			smallest = min(smallest, v)
		}
	})
	text := func(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }
	switch {
	case !t.dtype.IsFloat():
		text = func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }
	case whole && largest < 1e8:
		text = func(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) + "." }
	case largest >= 1e8 || smallest < 1e-4 || largest/smallest > 1e3 && largest >= 1e4:
		text = func(v float64) string { return strconv.FormatFloat(v, 'e', 4, 64) }
	}
	clean := func(i int) string {
		if t.dtype == Int64 {
			return strconv.FormatInt(int64(device.bits(t.storage, t.locate(i))), 10)
		}
		v := t.at(i)
		switch {
		case math.IsNaN(v):
			return "nan"
		case math.IsInf(v, 1):
			return "inf"
		case math.IsInf(v, -1):
			return "-inf"
		}
		return text(v)
	}
	width := 0
	walk(func(i int) { width = max(width, len(clean(i))) })
	return func(i int) string { return fmt.Sprintf("%*s", width, clean(i)) }
}

// String prints the tensor as PyTorch does: aligned, with four digits, long
// axes shortened, and dtype and shape at the end. Numbers have no exponent up to
// 1e8 where PyTorch gives them one from a quotient of 1000 on.
func (t *Tensor) String() string {
	if t == nil {
		return "<nil>"
	}
	var b strings.Builder
	b.WriteString("tensor(")
	text := t.formatter(func(f func(i int)) { t.walk(0, 0, f) })
	var write func(axis, at int)
	write = func(axis, at int) {
		if axis == len(t.shape) {
			b.WriteString(text(at))
			return
		}
		b.WriteByte('[')
		for k, i := range t.shown(t.shape[axis]) {
			if k > 0 {
				b.WriteByte(',')
				if axis == len(t.shape)-1 {
					b.WriteByte(' ')
				} else {
					b.WriteString(strings.Repeat("\n", len(t.shape)-1-axis) + strings.Repeat(" ", len("tensor(")+axis+1))
				}
			}
			if i < 0 {
				b.WriteString("...")
			} else {
				write(axis+1, at*t.shape[axis]+i)
			}
		}
		b.WriteByte(']')
	}
	if t.Size() > 0 {
		write(0, 0)
	} else {
		b.WriteString("[]")
	}
	fmt.Fprintf(&b, ", shape=%v, dtype=%v", t.shape, t.dtype)
	if t.requires {
		b.WriteString(", requires_grad")
	}
	b.WriteByte(')')
	return b.String()
}

// Image returns the image of a tensor [H, W], [H, W, 1] or [H, W, 3]. As in
// plotting.Images, values from 0 to 1 (uint8: to 255) go from black to white,
// and values of another range are stretched over it; t.Clip(0, 1).Image() cuts
// them off instead. What is not a number is orange. A uint8 tensor [H, W, 4] is
// an image of red, green, blue and alpha as it is, in the tensor's memory if its
// rows lie without gaps.
func (t *Tensor) Image() image.Image {
	t.check()
	if len(t.shape) == 3 && t.shape[2] == 4 {
		return t.shared()
	}
	channels := 1
	if len(t.shape) == 3 {
		channels = t.shape[2]
	}
	if len(t.shape) != 2 && len(t.shape) != 3 || channels != 1 && channels != 3 {
		shapePanic("Image", "a picture is [H, W], or [H, W, channels] of 1, 3 or 4 channels", t)
	}
	values := Values[float32](t)
	return pixels.LevelsOf(values, t.dtype == Uint8).Image(values, t.shape[0], t.shape[1], channels)
}
