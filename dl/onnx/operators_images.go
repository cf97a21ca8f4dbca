package onnx

import (
	"math"
	"slices"

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
		"LpPool":            {run: lpPool, least: 1, most: 1},
		"Resize":            {run: resize, least: 1, most: 4},
		"DepthToSpace":      with(depthToSpace),
		"SpaceToDepth":      with(spaceToDepth),
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
	if whole := x.Shape().Clone(); slices.Max(append(w.before, w.after...)) > 0 {
		for i := range n {
			whole[i+2] += w.before[i] + w.after[i]
		}
		if whole.Size() > 8*x.Size() { // more padding than image
			c.size(whole)
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
	if rank < 3 || rank > 5 || weight.Rank() != rank {
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
	groups := c.int("group", 1)
	if rank == 5 {
		return along(dl.Conv3D(x, weight, b, dl.Conv3DOptions{Stride: [3]int(w.stride), Dilation: [3]int(w.dilation), Groups: groups,
			Padding: dl.Pad3D(left[0], left[1], left[2])}), flat)
	}
	return along(dl.Conv2D(x, weight, b, dl.ConvOptions{Stride: [2]int(w.stride), Dilation: [2]int(w.dilation), Groups: groups,
		Padding: dl.Pad2D(left[0], left[1])}), flat)
}

// along is what an operator made of images [N, ..., C], with channels first; flat ones were sequences.
func along(y *dl.Tensor, flat bool) []*dl.Tensor {
	if flat {
		y = y.Squeeze(1)
	}
	return []*dl.Tensor{y.MoveAxis(-1, 1)}
}

func convTranspose(c *call) []*dl.Tensor {
	x, weight := c.in[0], c.in[1]
	rank := x.Rank()
	if rank < 3 || rank > 5 || weight.Rank() != rank {
		c.fail("%v by %v is not supported", x.Shape(), weight.Shape())
	}
	if c.attr("output_shape") != nil || c.text("auto_pad", "NOTSET") != "NOTSET" {
		c.fail("output_shape and auto_pad are not supported")
	}
	if !c.turned {
		weight = weight.Permute(inLast(rank)...)
	}
	w := c.window(x, weight.Shape()[:rank-2])
	more := c.ints("output_padding")
	if more == nil {
		more = make([]int, rank-2)
	}
	if len(more) != rank-2 || slices.Min(more) < 0 || slices.Max(more) > maxWindow {
		c.fail("an output_padding of %v is not supported", more)
	}
	whole := []int{x.Dim(0), weight.Dim(-2)}
	for i := range rank - 2 {
		whole = append(whole, x.Dim(2+i)*w.stride[i]+(w.kernel[i]-1)*w.dilation[i]+more[i])
	}
	c.size(whole)
	x, flat := w.planar(x.MoveAxis(1, -1))
	if flat {
		weight, more = weight.Unsqueeze(0), []int{0, more[0]}
	}
	groups := c.int("group", 1)
	var y *dl.Tensor
	if rank == 5 {
		y = dl.ConvTranspose3D(x, weight, c.in[2], dl.Conv3DOptions{Stride: [3]int(w.stride), Dilation: [3]int(w.dilation), Groups: groups, OutputPadding: [3]int(more)})
	} else {
		y = dl.ConvTranspose2D(x, weight, c.in[2], dl.ConvOptions{Stride: [2]int(w.stride), Dilation: [2]int(w.dilation), Groups: groups, OutputPadding: [2]int(more)})
	}
	for i := range w.before { // pads are cut off
		end := y.Dim(i+1) - w.after[i]
		if end <= w.before[i] {
			c.fail("pads of %v and %v leave nothing of %v", w.before, w.after, y.Shape())
		}
		y = y.Slice(i+1, w.before[i], end)
	}
	return along(y, flat)
}

// pooling is a window that slides over x [N, ..., C], with the padding that is left for dl.
type pooling struct {
	windowOf
	x            *dl.Tensor
	left         []int
	flat         bool
	countPadding bool
}

// pool is the pooling of a node. What lies around the image is a value.
func (c *call) pool(with float64) (p pooling) {
	x := c.in[0]
	if x.Rank() < 3 || x.Rank() > 5 {
		c.fail("%v is not supported", x.Shape())
	}
	p.windowOf = c.window(x, c.ints("kernel_shape"))
	for _, d := range p.dilation {
		if d != 1 {
			c.fail("dilations are not supported")
		}
	}
	p.x, p.flat = p.planar(x.MoveAxis(1, -1))
	before, after, uneven := make([]int, p.x.Rank()), make([]int, p.x.Rank()), false
	for i := range p.kernel {
		if c.int("ceil_mode", 0) != 0 { // places that begin inside the image or its padding, the last one cut off
			size := p.x.Dim(i+1) + p.before[i] + p.after[i] - p.kernel[i]
			if over := size % p.stride[i]; size >= 0 && over != 0 && (size/p.stride[i]+1)*p.stride[i] < p.x.Dim(i+1)+p.before[i] {
				p.after[i] += p.stride[i] - over
			}
		}
		before[i+1], after[i+1] = p.before[i], p.after[i]
		uneven = uneven || p.before[i] != p.after[i] || 2*p.before[i] > p.kernel[i]
	}
	if p.left = p.before; uneven {
		p.x, p.left = p.x.PadConstant(before, after, with), make([]int, len(p.before))
	}
	return p
}

// of pools by the operation for so many axes.
func (p *pooling) of(x *dl.Tensor, two func(x *dl.Tensor, o dl.PoolOptions) *dl.Tensor, three func(x *dl.Tensor, o dl.Pool3DOptions) *dl.Tensor) *dl.Tensor {
	if len(p.kernel) == 3 {
		return three(x, dl.Pool3DOptions{Size: [3]int(p.kernel), Stride: [3]int(p.stride), Padding: dl.Pad3D(p.left[0], p.left[1], p.left[2]),
			CountIncludePad: p.countPadding})
	}
	return two(x, dl.PoolOptions{Size: [2]int(p.kernel), Stride: [2]int(p.stride), Padding: dl.Pad2D(p.left[0], p.left[1]), CountIncludePad: p.countPadding})
}

func maxPool(c *call) []*dl.Tensor {
	if len(c.out) > 1 {
		c.fail("places of the largest values are not supported")
	}
	p := c.pool(math.Inf(-1))
	return along(p.of(p.x, dl.MaxPool2D, dl.MaxPool3D), p.flat)
}

func averagePool(c *call) []*dl.Tensor {
	p := c.pool(0)
	p.countPadding = c.int("count_include_pad", 0) != 0
	y := p.of(p.x, dl.AvgPool2D, dl.AvgPool3D)
	if slices.Max(p.left) == 0 && !p.countPadding && slices.Max(append(p.before, p.after...)) > 0 {
		// What was padded counts as nothing: the mean of 1 inside and 0 outside is the share of a window inside.
		shape, before, after := dl.Shape{1}, []int{0}, []int{0}
		for i := range p.kernel {
			shape = append(shape, p.x.Dim(i+1)-p.before[i]-p.after[i])
			before, after = append(before, p.before[i]), append(after, p.after[i])
		}
		inside := dl.Ones(append(shape, 1)...).PadConstant(append(before, 0), append(after, 0), 0)
		y = y.Div(p.of(inside, dl.AvgPool2D, dl.AvgPool3D))
	}
	return along(y, p.flat)
}

// lpPool is the p-norm of windows.
func lpPool(c *call) []*dl.Tensor {
	if c.int("ceil_mode", 0) != 0 {
		c.fail("ceil_mode is not supported")
	}
	norm := c.int("p", 2)
	if norm < 1 {
		c.fail("a p of %d", norm)
	}
	p := c.pool(0)
	p.countPadding = true
	n := 1
	for _, k := range p.kernel {
		n *= k
	}
	y := p.of(p.x.Abs().Pow(float64(norm)), dl.AvgPool2D, dl.AvgPool3D)
	return along(y.MulScalar(float64(n)).Pow(1/float64(norm)), p.flat)
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

func spaceToDepth(c *call, x *dl.Tensor) *dl.Tensor {
	b := c.int("blocksize", 0)
	if x.Rank() != 4 || b < 1 || b > maxWindow || x.Dim(2)%b != 0 || x.Dim(3)%b != 0 {
		c.fail("%v has no blocks of %d", x.Shape(), b)
	}
	n, k, h, w := x.Dim(0), x.Dim(1), x.Dim(2)/b, x.Dim(3)/b
	return x.Reshape(n, k, h, b, w, b).Permute(0, 3, 5, 1, 2, 4).Reshape(n, k*b*b, h, w)
}
