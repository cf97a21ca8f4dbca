package onnx

import (
	"math"

	"modelbook/dl"
)

// images are the operators with windows. Tensors are [N, C, H, W] in ONNX and [N, H, W, C] in dl: a tensor that dl makes
// is turned by its strides alone, so that nothing is moved from one of these operators to the next.
func images() map[string]signature {
	return map[string]signature{
		"Conv":              {run: conv, least: 2, most: 3},
		"ConvTranspose":     {run: convTranspose, least: 2, most: 3},
		"MaxPool":           {run: maxPool, least: 1, most: 1},
		"AveragePool":       {run: averagePool, least: 1, most: 1},
		"GlobalAveragePool": with(func(c *call, x *dl.Tensor) *dl.Tensor { return dl.KeepDim(x.Mean, c.spatial(x)...) }),
		"GlobalMaxPool":     with(func(c *call, x *dl.Tensor) *dl.Tensor { return dl.KeepDim(x.Max, c.spatial(x)...) }),
		"Resize":            {run: resize, least: 1, most: 4},
		"DepthToSpace":      with(depthToSpace),
	}
}

// spatial are the axes behind the channels.
func (c *call) spatial(x *dl.Tensor) (axes []int) {
	if x.Rank() < 3 || x.Size() == 0 {
		c.fail("%v is no image", x.Shape())
	}
	for i := 2; i < x.Rank(); i++ {
		axes = append(axes, i)
	}
	return axes
}

// windowOf is the window of a node over images with n axes behind the channels.
type windowOf struct {
	kernel, stride, dilation []int
	before, after            []int // padding
}

// maxWindow bounds windows, strides and padding.
const maxWindow = 1 << 14

func (c *call) window(x *dl.Tensor, kernel []int) windowOf {
	n := x.Rank() - 2
	w := windowOf{kernel, c.ints("strides"), c.ints("dilations"), make([]int, n), make([]int, n)}
	if w.stride == nil {
		w.stride = ones(n)
	}
	if w.dilation == nil {
		w.dilation = ones(n)
	}
	pads := c.ints("pads")
	if pads == nil {
		pads = make([]int, 2*n)
	}
	if len(w.kernel) != n || len(w.stride) != n || len(w.dilation) != n || len(pads) != 2*n {
		c.fail("the kernel %v, strides %v, dilations %v and pads %v are not those of %v", w.kernel, w.stride, w.dilation, pads, x.Shape())
	}
	copy(w.before, pads[:n])
	copy(w.after, pads[n:])
	switch auto := c.text("auto_pad", "NOTSET"); auto {
	case "NOTSET", "":
	case "VALID":
		clear(w.before)
		clear(w.after)
	case "SAME_UPPER", "SAME_LOWER":
		for i := range n {
			in, reach := x.Dim(2+i), (w.kernel[i]-1)*w.dilation[i]+1
			all := max(0, ((in+w.stride[i]-1)/max(1, w.stride[i])-1)*w.stride[i]+reach-in)
			w.before[i], w.after[i] = all/2, all-all/2
			if auto == "SAME_LOWER" {
				w.before[i], w.after[i] = w.after[i], w.before[i]
			}
		}
	default:
		c.fail("auto_pad %q is not supported", auto)
	}
	for i := range n {
		for _, v := range []int{w.kernel[i], w.stride[i], w.dilation[i], w.before[i] + 1, w.after[i] + 1} {
			if v < 1 || v > maxWindow {
				c.fail("the kernel %v, strides %v, dilations %v and pads %v are impossible, or too large", w.kernel, w.stride, w.dilation, pads)
			}
		}
	}
	return w
}

// padded is x [N, ..., C] with what lies around it, and the padding that is left for dl: the same on both sides.
func (w *windowOf) padded(x *dl.Tensor, with float64) (*dl.Tensor, []int) {
	left := make([]int, len(w.before))
	before, after, more := make([]int, x.Rank()), make([]int, x.Rank()), false
	for i := range w.before {
		left[i] = min(w.before[i], w.after[i])
		before[i+1], after[i+1] = w.before[i]-left[i], w.after[i]-left[i]
		more = more || before[i+1]+after[i+1] > 0
	}
	if more {
		x = x.PadConstant(before, after, with)
	}
	return x, left
}

// planar gives sequences [N, L, C] a height of 1.
func (w *windowOf) planar(x *dl.Tensor) (*dl.Tensor, bool) {
	if x.Rank() != 3 {
		return x, false
	}
	w.kernel, w.stride, w.dilation = append([]int{1}, w.kernel...), append([]int{1}, w.stride...), append([]int{1}, w.dilation...)
	w.before, w.after = append([]int{0}, w.before...), append([]int{0}, w.after...)
	return x.Unsqueeze(1), true
}

func conv(c *call) []*dl.Tensor {
	x, weight, b := c.in[0], c.in[1], c.in[2]
	rank := x.Rank()
	if rank < 3 || rank > 4 || weight.Rank() != rank {
		c.fail("%v by %v is not supported", x.Shape(), weight.Shape())
	}
	if !c.turned {
		weight = weight.Permute(inLast(rank)...)
	}
	w := c.window(x, weight.Shape()[:rank-2])
	x, flat := w.planar(x.MoveAxis(1, -1))
	if flat {
		weight = weight.Unsqueeze(0)
	}
	x, left := w.padded(x, 0)
	y := dl.Conv2D(x, weight, b, dl.ConvOptions{Stride: [2]int(w.stride), Dilation: [2]int(w.dilation), Groups: c.int("group", 1), Padding: dl.Pad2D(left[0], left[1])})
	if flat {
		y = y.Squeeze(1)
	}
	return []*dl.Tensor{y.MoveAxis(-1, 1)}
}

func convTranspose(c *call) []*dl.Tensor {
	x, weight := c.in[0], c.in[1]
	if x.Rank() != 4 || weight.Rank() != 4 {
		c.fail("%v by %v is not supported", x.Shape(), weight.Shape())
	}
	if c.attr("output_shape") != nil || c.text("auto_pad", "NOTSET") != "NOTSET" {
		c.fail("output_shape and auto_pad are not supported")
	}
	if !c.turned {
		weight = weight.Permute(inLast(4)...)
	}
	w := c.window(x, weight.Shape()[:2])
	more := c.ints("output_padding")
	if more == nil {
		more = []int{0, 0}
	}
	if len(more) != 2 || min(more[0], more[1]) < 0 || max(more[0], more[1]) > maxWindow {
		c.fail("an output_padding of %v is not supported", more)
	}
	for i := range 2 {
		c.size([]int{x.Dim(0), x.Dim(2)*w.stride[i] + maxWindow, x.Dim(3)*w.stride[i] + 1})
	}
	y := dl.ConvTranspose2D(x.MoveAxis(1, -1), weight, c.in[2], dl.ConvOptions{Stride: [2]int(w.stride), Dilation: [2]int(w.dilation), Groups: c.int("group", 1),
		OutputPadding: [2]int(more)})
	for i := range 2 { // pads are cut off
		end := y.Dim(i+1) - w.after[i]
		if end <= w.before[i] {
			c.fail("pads of %v and %v leave nothing of %v", w.before, w.after, y.Shape())
		}
		y = y.Slice(i+1, w.before[i], end)
	}
	return []*dl.Tensor{y.MoveAxis(-1, 1)}
}

// pool is the window of a pooling over x [N, H, W, C], with the padding of dl.
func (c *call) pool(with float64) (x *dl.Tensor, o dl.PoolOptions, w windowOf, flat bool) {
	x = c.in[0]
	if x.Rank() < 3 || x.Rank() > 4 {
		c.fail("%v is not supported", x.Shape())
	}
	w = c.window(x, c.ints("kernel_shape"))
	for _, d := range w.dilation {
		if d != 1 {
			c.fail("dilations are not supported")
		}
	}
	x, flat = w.planar(x.MoveAxis(1, -1))
	if c.int("ceil_mode", 0) != 0 {
		for i := range 2 { // places that begin inside the image or its padding, the last one cut off
			size := x.Dim(i+1) + w.before[i] + w.after[i] - w.kernel[i]
			if over := size % w.stride[i]; size >= 0 && over != 0 {
				if (size/w.stride[i]+1)*w.stride[i] < x.Dim(i+1)+w.before[i] {
					w.after[i] += w.stride[i] - over
				}
			}
		}
	}
	left := w.before
	if w.before[0] != w.after[0] || w.before[1] != w.after[1] || 2*w.before[0] > w.kernel[0] || 2*w.before[1] > w.kernel[1] {
		x, left = x.PadConstant([]int{0, w.before[0], w.before[1], 0}, []int{0, w.after[0], w.after[1], 0}, with), []int{0, 0}
	}
	return x, dl.PoolOptions{Size: [2]int(w.kernel), Stride: [2]int(w.stride), Padding: dl.Pad2D(left[0], left[1])}, w, flat
}

func pooled(y *dl.Tensor, flat bool) []*dl.Tensor {
	if flat {
		y = y.Squeeze(1)
	}
	return []*dl.Tensor{y.MoveAxis(-1, 1)}
}

func maxPool(c *call) []*dl.Tensor {
	if len(c.out) > 1 {
		c.fail("places of the largest values are not supported")
	}
	x, o, _, flat := c.pool(math.Inf(-1))
	return pooled(dl.MaxPool2D(x, o), flat)
}

func averagePool(c *call) []*dl.Tensor {
	x, o, w, flat := c.pool(0)
	o.CountIncludePad = c.int("count_include_pad", 0) != 0
	y := dl.AvgPool2D(x, o)
	if o.Padding == dl.Valid && !o.CountIncludePad && (w.before[0]+w.after[0]+w.before[1]+w.after[1] > 0) {
		// What was padded counts as nothing: the mean of 1 inside and 0 outside is the share of a window inside.
		in := c.in[0].Shape()
		h, width := 1, in[len(in)-1]
		if !flat {
			h = in[2]
		}
		inside := dl.Ones(1, h, width, 1).PadConstant([]int{0, w.before[0], w.before[1], 0}, []int{0, w.after[0], w.after[1], 0}, 0)
		y = y.Div(dl.AvgPool2D(inside, o))
	}
	return pooled(y, flat)
}

// resize repeats or leaves out pixels, which is what upsampling by the nearest does.
func resize(c *call) []*dl.Tensor {
	x := c.in[0]
	if mode := c.text("mode", "nearest"); mode != "nearest" {
		c.fail("the mode %q is not supported, but \"nearest\"", mode)
	}
	sizes := c.integers(3)
	if sizes == nil {
		if c.in[2] == nil || c.in[2].Size() != x.Rank() || !c.in[2].DType().IsFloat() {
			c.fail("a scale for each axis of %v is needed", x.Shape())
		}
		for i, s := range dl.Values[float64](c.in[2].To(dl.Float64)) {
			if !(s > 0 && s < limit) {
				c.fail("a scale of %v is impossible", s)
			}
			sizes = append(sizes, int(float64(x.Dim(i))*s))
		}
	}
	if len(sizes) != x.Rank() {
		c.fail("a size for each axis of %v is needed", x.Shape())
	}
	c.size(sizes)
	asymmetric := c.text("coordinate_transformation_mode", "half_pixel") == "asymmetric"
	floor := c.text("nearest_mode", "round_prefer_floor") == "floor"
	for axis, n := range sizes {
		from := x.Dim(axis)
		if n == from {
			continue
		}
		if n%max(1, from) != 0 || from == 0 || !(asymmetric && floor) && n%from != 0 {
			c.fail("from %v to %v is not supported: sizes are multiples", x.Shape(), sizes)
		}
		x = x.Repeat(n/from, axis)
	}
	return []*dl.Tensor{x}
}

func depthToSpace(c *call, x *dl.Tensor) *dl.Tensor {
	b := c.int("blocksize", 0)
	if x.Rank() != 4 || b < 1 || b > maxWindow || x.Dim(1)%(b*b) != 0 {
		c.fail("%v does not become blocks of %d", x.Shape(), b)
	}
	n, k, h, w := x.Dim(0), x.Dim(1)/(b*b), x.Dim(2), x.Dim(3)
	if c.text("mode", "DCR") == "CRD" {
		return x.Reshape(n, k, b, b, h, w).Permute(0, 1, 4, 2, 5, 3).Reshape(n, k, h*b, w*b)
	}
	return x.Reshape(n, b, b, k, h, w).Permute(0, 3, 4, 1, 5, 2).Reshape(n, k, h*b, w*b)
}
