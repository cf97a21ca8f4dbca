package dl

import (
	"fmt"
	"math"
)

// QuantizedFilters are the filters of a convolution as signed bytes with a scale for each filter, for images that become
// unsigned bytes between two bounds: see [QuantizeFilters].
type QuantizedFilters struct {
	size       [4]int // KH, KW, C, F
	low, scale float64
	packed     any // the backend's
}

// QuantizeFilters quantizes w [KH, KW, C, F] to integers from -127 to 127, the scale of each filter max|w|/127 (Krishnamoorthi,
// Quantizing deep convolutional networks for efficient inference, 2018), for images with values from low to high. The bias
// b [F], or nil, stays float32. low and high are moved to include 0, so that padding is exact.
func QuantizeFilters(w, b *Tensor, low, high float64) *QuantizedFilters {
	const op = "QuantizeFilters"
	w, b = w.Contiguous(), b.contiguous()
	if w.dtype != Float32 || b != nil && b.dtype != Float32 {
		dtypePanic(op, "filters and bias must be float32; use To", w)
	}
	if len(w.shape) != 4 || w.size == 0 {
		shapePanic(op, "filters [KH, KW, C, F] are needed", w)
	}
	if b != nil && (len(b.shape) != 1 || b.shape[0] != w.shape[3]) {
		shapePanic(op, "the bias needs an element for each filter", w, b)
	}
	if w.size/w.shape[3] > 1<<16 {
		shapePanic(op, "filters of more than 65,536 weights could overflow sums of 32 bits", w)
	}
	if !(low <= high) {
		PanicValue(op, "values from %v to %v: the first is to be the lower one", low, high)
	}
	low, high = min(low, 0), max(high, 0)
	scale := (high - low) / 255
	if !(scale >= 1e-30 && scale <= 1e30) || device.hasNaN(w) {
		PanicValue(op, "values from %v to %v, and filters without NaN, are needed", low, high)
	}
	f := &QuantizedFilters{size: [4]int(w.shape), low: low, scale: scale}
	f.packed = device.packFilters(w, b, scale, int(math.RoundToEven(-low/scale)))
	return f
}

// Shape is that of the filters, [KH, KW, C, F].
func (f *QuantizedFilters) Shape() Shape { return append(Shape(nil), f.size[:]...) }

// Bytes is the memory of the weights, without padding, their scales and the bias.
func (f *QuantizedFilters) Bytes() int {
	return f.size[0]*f.size[1]*f.size[2]*f.size[3] + 8*f.size[3]
}

// QuantizedConv2D is [Conv2D] of quantized filters, in integers: x [N, H, W, C] of Float32 is rounded to the bytes for
// which the filters were made, values beyond their bounds to these, and products are summed up exactly. The results [N,
// OH, OW, F] are float32. A fused ReLU costs nothing; there are no groups. It is for inference and has no gradient.
func QuantizedConv2D(x *Tensor, f *QuantizedFilters, o ConvOptions) *Tensor {
	const op = "QuantizedConv2D"
	given(op, "the filters", f != nil && f.packed != nil)
	g := windowsOver(op, 2, x)
	x = x.Contiguous()
	if x.dtype != Float32 {
		dtypePanic(op, "x must be float32; use To", x)
	}
	if o.Groups > 1 || o.Fuse > FuseReLU {
		PanicValue(op, "there are no groups, and no fused function but ReLU")
	}
	if g.C != f.size[2] {
		shapePanic(op, fmt.Sprintf("the filters are for %d channels", f.size[2]), x)
	}
	if recording(x) {
		PanicValue(op, "integers have no gradient: compute this in dl.NoGrad, or without gradients for x")
	}
	g.take(op, [2]int{f.size[0], f.size[1]}, f.size[3], o, x)
	g.slide(op, o.Padding, x)
	shape := g.places()
	shape.fits(op, Float32)
	out := result(Float32, shape)
	if out.size > 0 {
		device.convolveQuantized(quantizedConvolution{windows: g, x: x, f: f, y: out, bytes: result(Uint8, x.shape), relu: o.Fuse == FuseReLU})
	}
	return out
}
