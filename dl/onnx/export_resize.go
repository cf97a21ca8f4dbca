package onnx

import (
	"modelbook/dl"
)

// average writes a pool of means.
func (g *graph) average(x *value, w window, countPadding bool) *value {
	count := 0
	if countPadding {
		count = 1
	}
	return g.pool("AveragePool", x, w, intAttr("count_include_pad", count))
}

// adapted are the sizes of an adaptive pool's output, and whether they divide those of the input: then it is a pool with
// windows of the quotients.
func adapted(x *value, sizes []int) (out []int, w window, divides bool) {
	divides = true
	for i, n := range sizes {
		if n == 0 {
			n = x.shape[i]
		}
		out, w.size = append(out, n), append(w.size, x.shape[i]/n)
		divides = divides && x.shape[i]%n == 0
	}
	w.stride = w.size
	return out, w, divides
}

// adaptiveMean takes means so that so many places remain.
func (g *graph) adaptiveMean(x *value, sizes []int) *value {
	out, w, divides := adapted(x, sizes)
	if divides {
		return g.average(x, w, false)
	}
	return g.mixed(x, out, func(places *dl.Tensor, n int) *dl.Tensor { return dl.AdaptiveAvgPool(places, n) })
}

// adaptiveMax takes the largest values so that so many places remain.
func (g *graph) adaptiveMax(x *value, sizes []int) *value {
	out, w, divides := adapted(x, sizes)
	if divides {
		return g.pool("MaxPool", x, w)
	}
	y, shape := g.first(x), x.shape.Clone()
	for i, n := range out {
		size := x.shape[i]
		if size == n {
			continue
		}
		from := func(k int) int { return k * size / n } // windows as of dl.AdaptiveMaxPool
		to := func(k int) int { return ((k+1)*size + n - 1) / n }
		taps := 0
		for k := range n {
			taps = max(taps, to(k)-from(k))
		}
		var at []int
		for k := range n {
			for tap := range taps {
				at = append(at, min(from(k)+tap, to(k)-1))
			}
		}
		y = g.node("Gather", []string{y, g.integers(at...)}, "", intAttr("axis", 2+i))
		windows := []int{0, 0}
		for k, d := range shape[:len(shape)-1] {
			if k == i {
				windows = append(windows, n, taps)
			} else {
				windows = append(windows, d)
			}
		}
		y = g.node("ReduceMax", []string{g.reshape(y, windows...)}, "", intsAttr("axes", 3+i), intAttr("keepdims", 0))
		shape[i] = n
	}
	return &value{shape: shape, first: y}
}

// mixed gives axes other sizes by multiplications with matrices: mix says what becomes of sequences [N, L, C] with n
// places.
func (g *graph) mixed(x *value, out []int, mix func(places *dl.Tensor, n int) *dl.Tensor) *value {
	y, shape := g.first(x), x.shape.Clone()
	axes := len(out)
	for i, n := range out {
		size := shape[i]
		if size == n {
			continue
		}
		shape[i] = n
		matrix := mix(dl.Eye(size).Unsqueeze(2), n).Squeeze(2) // [size, n]
		switch left := matrix.T().Contiguous(); i {
		case axes - 1:
			y = g.node("MatMul", []string{y, g.constant("mix", matrix)}, "")
		case axes - 2:
			y = g.node("MatMul", []string{g.constant("mix", left), y}, "")
		default: // the axes behind it are one
			y = g.node("MatMul", []string{g.constant("mix", left), g.reshape(y, append([]int{0, 0}, size, -1)...)}, "")
			y = g.reshape(y, append([]int{0, 0}, shape[:axes]...)...)
		}
	}
	return &value{shape: shape, first: y}
}

// resize gives images other sizes, by Resize where sizes are multiples: other scales are rounded in a file.
func (g *graph) resize(x *value, scale, size []int, mode dl.Interpolation, corners bool) *value {
	var out []int
	whole, shape := true, x.shape.Clone()
	for i := range scale {
		if shape[i] = size[i]; scale[i] > 0 {
			shape[i] = x.shape[i] * scale[i]
		} else if size[i] == 0 {
			shape[i] = x.shape[i]
		}
		out, whole = append(out, shape[i]), whole && shape[i]%x.shape[i] == 0
	}
	o := dl.ResizeOptions{Mode: mode, AlignCorners: corners}
	switch {
	case mode == dl.Area:
		return g.adaptiveMean(x, out)
	case whole && (mode == dl.Nearest || mode == dl.Linear || mode == dl.Cubic && len(out) == 2):
	case mode == dl.Nearest:
		return g.nearest(x, out)
	default:
		return g.mixed(x, out, func(places *dl.Tensor, n int) *dl.Tensor { return dl.Resize(places, o, n) })
	}
	scales := []float32{1, 1}
	for i, n := range out {
		scales = append(scales, float32(n/x.shape[i]))
	}
	attributes := []attribute{textAttr("mode", map[dl.Interpolation]string{dl.Nearest: "nearest", dl.Linear: "linear", dl.Cubic: "cubic"}[mode])}
	switch {
	case mode == dl.Nearest:
		attributes = append(attributes, textAttr("coordinate_transformation_mode", "asymmetric"), textAttr("nearest_mode", "floor"))
	case corners:
		attributes = append(attributes, textAttr("coordinate_transformation_mode", "align_corners"))
	}
	return &value{shape: shape, first: g.node("Resize", []string{g.first(x), "", g.constant("scales", dl.Of(scales))}, "", attributes...)}
}

// nearest picks places.
func (g *graph) nearest(x *value, out []int) *value {
	y, shape := g.first(x), x.shape.Clone()
	for i, n := range out {
		if n == shape[i] {
			continue
		}
		var at []int
		for k := range n {
			at = append(at, k*shape[i]/n)
		}
		shape[i] = n
		y = g.node("Gather", []string{y, g.integers(at...)}, "", intAttr("axis", 2+i))
	}
	return &value{shape: shape, first: y}
}

// within changes the axes between the first and the channels, of which axis is the first, in the form that is there.
func within(x *value, shape dl.Shape, change func(name string, axis int) string) *value {
	if x.first != "" {
		return &value{shape: shape, first: change(x.first, 2)}
	}
	return &value{shape: shape, last: change(x.last, 1)}
}

// surround pads images.
func (g *graph) surround(x *value, sides [][2]int, mode string) *value {
	shape := x.shape.Clone()
	for i, s := range sides {
		shape[i] += s[0] + s[1]
	}
	return within(x, shape, func(name string, axis int) string {
		pads := make([]int, 2*len(shape)+2)
		for i, s := range sides {
			pads[axis+i], pads[len(shape)+1+axis+i] = s[0], s[1]
		}
		return g.node("Pad", []string{name, g.integers(pads...)}, "", textAttr("mode", mode))
	})
}

// crop cuts the edges of images off.
func (g *graph) crop(x *value, sides [][2]int) *value {
	shape := x.shape.Clone()
	for i, s := range sides {
		shape[i] -= s[0] + s[1]
	}
	return within(x, shape, func(name string, axis int) string {
		var starts, ends, axes []int
		for i, s := range sides {
			starts, ends, axes = append(starts, s[0]), append(ends, x.shape[i]-s[1]), append(axes, axis+i)
		}
		return g.node("Slice", []string{name, g.integers(starts...), g.integers(ends...), g.integers(axes...)}, "")
	})
}

// pixelShuffle makes channels squares of pixels.
func (g *graph) pixelShuffle(x *value, factor int) *value {
	y := g.node("DepthToSpace", []string{g.first(x)}, "", intAttr("blocksize", factor), textAttr("mode", "CRD"))
	return &value{shape: dl.Shape{x.shape[0] * factor, x.shape[1] * factor, x.shape[2] / (factor * factor)}, first: y}
}

// channelShuffle swaps the groups of channels and the channels of a group.
func (g *graph) channelShuffle(x *value, groups int) *value {
	n := len(x.shape) - 1
	c, places := x.shape[n], x.shape[:n]
	y := g.reshape(g.first(x), append([]int{0, groups, c / groups}, places...)...)
	perm := []int{0, 2, 1}
	for i := range places {
		perm = append(perm, i+3)
	}
	y = g.node("Transpose", []string{y}, "", intsAttr("perm", perm...))
	return formed(x.shape, g.reshape(y, append([]int{0, c}, places...)...), n > 0)
}

// pixelUnshuffle makes squares of pixels channels, in PyTorch's order: SpaceToDepth has another.
func (g *graph) pixelUnshuffle(x *value, factor int) *value {
	h, w, c := x.shape[0]/factor, x.shape[1]/factor, x.shape[2]
	y := g.reshape(g.first(x), 0, c, h, factor, w, factor)
	y = g.node("Transpose", []string{y}, "", intsAttr("perm", 0, 1, 3, 5, 2, 4))
	c *= factor * factor
	return &value{shape: dl.Shape{h, w, c}, first: g.reshape(y, 0, c, h, w)}
}
