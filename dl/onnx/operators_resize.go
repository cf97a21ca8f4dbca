package onnx

import (
	"math"
	"slices"

	"modelbook/dl"
)

// resize gives axes other sizes: by the nearest place along any axes, and linearly or by cubics along those of images.
func resize(c *call) []*dl.Tensor {
	x := c.in[0]
	sizes, scales := c.resized(x)
	coordinates := c.text("coordinate_transformation_mode", "half_pixel")
	switch {
	case c.attr("axes") != nil || c.text("keep_aspect_ratio_policy", "stretch") != "stretch":
		c.fail("axes and keep_aspect_ratio_policy are not supported")
	case c.int("antialias", 0) != 0 || c.int("exclude_outside", 0) != 0:
		c.fail("antialias and exclude_outside are not supported")
	}
	mode := c.text("mode", "nearest")
	if mode == "nearest" {
		nearest := c.text("nearest_mode", "round_prefer_floor")
		return []*dl.Tensor{c.overImages(x, sizes, func(x *dl.Tensor, axis, n int, scale float64) *dl.Tensor {
			at := make([]int, n)
			for i := range at {
				at[i] = c.nearestPlace(coordinates, nearest, i, x.Dim(axis), n, scale)
			}
			return x.IndexSelect(axis, at)
		}, scales)}
	}
	o, ok := map[string]dl.ResizeOptions{"linear": {Mode: dl.Linear}, "cubic": {Mode: dl.Cubic}}[mode]
	o.AlignCorners = coordinates == "align_corners"
	switch {
	case !ok || x.Rank() < 3 || x.Rank() > 5 || sizes[0] != x.Dim(0) || sizes[1] != x.Dim(1):
		c.fail("the mode %q of %v to %v is not supported", mode, x.Shape(), sizes)
	case !o.AlignCorners && coordinates != "half_pixel" && coordinates != "pytorch_half_pixel":
		c.fail("the coordinate_transformation_mode %q is not supported with the mode %q", coordinates, mode)
	case mode == "cubic" && math.Abs(c.float("cubic_coeff_a", -0.75)+0.75) > 1e-6:
		c.fail("a cubic_coeff_a of %v is not supported", c.float("cubic_coeff_a", 0))
	}
	for i, n := range sizes {
		if scale := scales[i]; !o.AlignCorners && math.Abs(scale*float64(x.Dim(i))-float64(n)) > 1e-4 || coordinates == "pytorch_half_pixel" && n == 1 && x.Dim(i) > 1 {
			c.fail("a scale of %v from %v to %v is not supported", scale, x.Shape(), sizes)
		}
	}
	return []*dl.Tensor{dl.Resize(x.MoveAxis(1, -1), o, sizes[2:]...).MoveAxis(-1, 1)}
}

// resized are the sizes of a Resize's output, and what each axis is multiplied by.
func (c *call) resized(x *dl.Tensor) (sizes []int, scales []float64) {
	if sizes = c.integers(3); sizes == nil {
		if c.in[2] == nil || c.in[2].Size() != x.Rank() || !c.in[2].DType().IsFloat() {
			c.fail("a scale for each axis of %v is needed", x.Shape())
		}
		scales = dl.Values[float64](c.in[2].To(dl.Float64))
		for i, s := range scales {
			if !(s > 0 && s < limit) {
				c.fail("a scale of %v is impossible", s)
			}
			sizes = append(sizes, int(float64(x.Dim(i))*s))
		}
	}
	if len(sizes) != x.Rank() {
		c.fail("a size for each axis of %v is needed", x.Shape())
	}
	for i, n := range c.size(sizes) {
		if n < 1 || x.Dim(i) < 1 {
			c.fail("%v does not become %v", x.Shape(), sizes)
		}
		if len(scales) < len(sizes) {
			scales = append(scales, float64(n)/float64(x.Dim(i)))
		}
	}
	return sizes, scales
}

// overImages changes the axes whose sizes are to change one after the other, as images lie in memory.
func (c *call) overImages(x *dl.Tensor, sizes []int, change func(x *dl.Tensor, axis, n int, scale float64) *dl.Tensor, scales []float64) *dl.Tensor {
	if x.Rank() < 3 || sizes[1] != x.Dim(1) {
		for axis, n := range sizes {
			if n != x.Dim(axis) {
				x = change(x, axis, n, scales[axis])
			}
		}
		return x
	}
	y := x.MoveAxis(1, -1)
	for axis, n := range slices.Delete(slices.Clone(sizes), 1, 2) {
		if n != y.Dim(axis) {
			at := axis
			if axis > 0 {
				at++
			}
			y = change(y, axis, n, scales[at])
		}
	}
	return y.MoveAxis(-1, 1)
}

// nearestPlace is where place i of n takes its value, of size places.
func (c *call) nearestPlace(coordinates, rounding string, i, size, n int, scale float64) int {
	back := func(i float64) float64 { // without a rounded quotient where the scale is that of the sizes
		if scale == float64(n)/float64(size) {
			return i * float64(size) / float64(n)
		}
		return i / scale
	}
	var at float64
	switch {
	case coordinates == "asymmetric":
		at = back(float64(i))
	case coordinates == "align_corners":
		at = float64(i*(size-1)) / float64(max(1, n-1))
	case coordinates == "half_pixel", coordinates == "pytorch_half_pixel" && n > 1:
		at = back(float64(i)+0.5) - 0.5
	case coordinates == "pytorch_half_pixel":
	default:
		c.fail("the coordinate_transformation_mode %q is not supported", coordinates)
	}
	switch rounding {
	case "floor":
		at = math.Floor(at)
	case "ceil":
		at = math.Ceil(at)
	case "round_prefer_floor":
		at = math.Ceil(at - 0.5)
	case "round_prefer_ceil":
		at = math.Floor(at + 0.5)
	default:
		c.fail("the nearest_mode %q is not supported", rounding)
	}
	return min(max(int(at), 0), size-1)
}
