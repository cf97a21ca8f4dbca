package transforms

import (
	"math"

	"modelbook/dl"
)

// each makes a new image pixel by pixel.
func each(op string, x *dl.Tensor, f func(out, in []float32)) *dl.Tensor {
	in := read(op, x)
	t, out := blank(op, in.h, in.w, in.c)
	for i := 0; i < len(in.p); i += in.c {
		f(out.p[i:i+in.c], in.p[i:i+in.c])
	}
	return t
}

func unit(v float32) float32 { return max(0, min(1, v)) }

// grey is the brightness of a pixel (ITU-R BT.601), as torchvision and Pillow compute it.
func grey(p []float32) float32 {
	if len(p) < 3 {
		return p[0]
	}
	return 0.2989*p[0] + 0.587*p[1] + 0.114*p[2]
}

func colours(op string, x *dl.Tensor) {
	if c := read(op, x).c; c != 1 && c != 3 {
		dl.PanicShape(op, "an image of 1 channel (grey) or 3 (red, green, blue) is needed", x)
	}
}

func factor(op string, f float64) float32 {
	if !(f >= 0 && f <= math.MaxFloat32) {
		dl.PanicValue(op, "a factor of %v is not 0 or more, and finite in float32", f)
	}
	return float32(f)
}

// Brightness multiplies all values: 1 changes nothing, 0 makes the image black.
type Brightness struct{ Factor float64 }

// Apply changes the brightness: see [Transform].
func (o Brightness) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	f := factor("transforms.Brightness", o.Factor)
	return each("transforms.Brightness", x, func(out, in []float32) {
		for c, v := range in {
			out[c] = unit(f * v)
		}
	})
}

// Contrast moves all values away from the mean brightness of the image: 1 changes nothing, 0 makes it all grey.
type Contrast struct{ Factor float64 }

// Apply changes the contrast: see [Transform].
func (o Contrast) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Contrast"
	f := factor(op, o.Factor)
	colours(op, x)
	in := read(op, x)
	sum := 0.0
	for i := 0; i < len(in.p); i += in.c {
		sum += float64(grey(in.p[i : i+in.c]))
	}
	mean := float32(sum / float64(in.h*in.w))
	return each(op, x, func(out, in []float32) {
		for c, v := range in {
			out[c] = unit(f*v + (1-f)*mean)
		}
	})
}

// Saturation moves the colours away from grey: 1 changes nothing, 0 makes the image grey.
type Saturation struct{ Factor float64 }

// Apply changes the saturation: see [Transform].
func (o Saturation) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Saturation"
	f := factor(op, o.Factor)
	colours(op, x)
	return each(op, x, func(out, in []float32) {
		g := grey(in)
		for c, v := range in {
			out[c] = unit(f*v + (1-f)*g)
		}
	})
}

// Hue turns the circle of colours: by 0.5 to the opposite colours, by 1 all the way round. Grey stays.
type Hue struct{ Turn float64 }

// Apply turns the colours: see [Transform].
func (o Hue) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Hue"
	if math.IsNaN(o.Turn) || math.IsInf(o.Turn, 0) {
		dl.PanicValue(op, "a turn of %v is not finite", o.Turn)
	}
	colours(op, x)
	return each(op, x, func(out, in []float32) {
		if len(in) < 3 {
			copy(out, in)
			return
		}
		h, s, v := hsv(in[0], in[1], in[2])
		h = float32(math.Mod(float64(h)+o.Turn, 1))
		if h < 0 {
			h++
		}
		out[0], out[1], out[2] = rgb(h, s, v)
	})
}

func hsv(r, g, b float32) (h, s, v float32) {
	v = max(r, g, b)
	spread := v - min(r, g, b)
	if spread == 0 {
		return 0, 0, v
	}
	s = spread / v
	rc, gc, bc := (v-r)/spread, (v-g)/spread, (v-b)/spread
	switch v {
	case r:
		h = bc - gc
	case g:
		h = 2 + rc - bc
	default:
		h = 4 + gc - rc
	}
	return float32(math.Mod(float64(h/6+1), 1)), s, v
}

func rgb(h, s, v float32) (r, g, b float32) {
	whole := float32(math.Floor(float64(h * 6)))
	f := h*6 - whole
	p, q, t := unit(v*(1-s)), unit(v*(1-s*f)), unit(v*(1-s*(1-f)))
	switch int(whole) % 6 {
	case 0:
		return v, t, p
	case 1:
		return q, v, p
	case 2:
		return p, v, t
	case 3:
		return p, q, v
	case 4:
		return t, p, v
	}
	return v, p, q
}

// Grayscale makes an image grey, of the same number of channels or of one.
type Grayscale struct {
	OneChannel bool // one channel, torchvision's default; otherwise all channels are alike
}

// Apply makes the image grey: see [Transform].
func (o Grayscale) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Grayscale"
	colours(op, x)
	if o.OneChannel {
		in := read(op, x)
		t, out := blank(op, in.h, in.w, 1)
		for i := range out.p {
			out.p[i] = grey(in.p[i*in.c : (i+1)*in.c])
		}
		return t
	}
	return each(op, x, func(out, in []float32) {
		g := grey(in)
		for c := range out {
			out[c] = g
		}
	})
}

// Normalize takes a mean from each channel and divides by a standard deviation. One value counts for all channels.
type Normalize struct{ Mean, Std []float64 }

// Apply normalises the image: see [Transform].
func (o Normalize) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Normalize"
	c := read(op, x).c
	for _, v := range [][]float64{o.Mean, o.Std} {
		if len(v) != 1 && len(v) != c {
			dl.PanicValue(op, "%d means and %d deviations for an image of %d channels: 1 of each, or one for each channel", len(o.Mean), len(o.Std), c)
		}
	}
	for i, s := range o.Std {
		if !(s > 0 && s <= math.MaxFloat32) {
			dl.PanicValue(op, "the standard deviation %d is %v: it is above 0, and finite in float32", i, s)
		}
	}
	for i, m := range o.Mean {
		if !(math.Abs(m) <= math.MaxFloat32) {
			dl.PanicValue(op, "the mean %d is %v: it is finite in float32", i, m)
		}
	}
	return each(op, x, func(out, in []float32) {
		for c, v := range in {
			out[c] = (v - float32(o.Mean[c%len(o.Mean)])) / float32(o.Std[c%len(o.Std)])
		}
	})
}

// GaussianBlur blurs an image with a bell curve of a standard deviation in pixels. Beyond its edges, the image is
// mirrored.
type GaussianBlur struct {
	Kernel int     // pixels on a side, odd; 0: as many as the curve needs (three deviations on each side)
	Sigma  float64 // 0: 1
}

// Apply blurs the image: see [Transform].
func (o GaussianBlur) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.GaussianBlur"
	if o.Sigma == 0 {
		o.Sigma = 1
	}
	if !(o.Sigma > 0 && o.Sigma < 1e6) {
		dl.PanicValue(op, "a standard deviation of %v pixels: it is above 0 and below 1e6", o.Sigma)
	}
	in := read(op, x)
	if o.Kernel == 0 {
		o.Kernel = 1 + 2*min(int(math.Ceil(3*o.Sigma)), max(0, min(in.h, in.w)-1))
	}
	half := o.Kernel / 2
	if o.Kernel < 1 || o.Kernel%2 == 0 || half >= in.h || half >= in.w {
		dl.PanicValue(op, "a kernel of %d for an image of %d x %d: it is odd, and its half smaller than the image", o.Kernel, in.h, in.w)
	}
	kernel := make([]float32, o.Kernel)
	sum := 0.0
	for i := range kernel {
		d := float64(i-half) / o.Sigma
		v := math.Exp(-0.5 * d * d)
		kernel[i] = float32(v)
		sum += v
	}
	for i := range kernel {
		kernel[i] /= float32(sum)
	}
	_, wide := blank(op, in.h, in.w, in.c)
	t, out := blank(op, in.h, in.w, in.c)
	for y := range in.h {
		for x := range in.w {
			for k, v := range kernel {
				for c, p := range in.at(y, mirrored(x+k-half, in.w)) {
					wide.at(y, x)[c] += v * p
				}
			}
		}
	}
	row := in.w * in.c
	for y := range in.h {
		for k, v := range kernel {
			from := wide.p[mirrored(y+k-half, in.h)*row:]
			for j := range row {
				out.p[y*row+j] += v * from[j]
			}
		}
	}
	return t
}

// mirrored is place i of n when what is outside is mirrored, without the edge itself.
func mirrored(i, n int) int {
	if i < 0 {
		return -i
	}
	if i >= n {
		return 2*n - 2 - i
	}
	return i
}

// Erase gives a rectangle of an image one value.
type Erase struct {
	Top, Left, Height, Width int
	Value                    float64
}

// Apply erases the rectangle: see [Transform].
func (o Erase) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Erase"
	in := read(op, x)
	if o.Top < 0 || o.Left < 0 || o.Height < 0 || o.Width < 0 || o.Top > in.h-o.Height || o.Left > in.w-o.Width {
		dl.PanicValue(op, "%d x %d pixels from row %d, column %d do not lie in an image of %d x %d", o.Height, o.Width, o.Top, o.Left, in.h, in.w)
	}
	t, out := blank(op, in.h, in.w, in.c)
	copy(out.p, in.p)
	for y := o.Top; y < o.Top+o.Height; y++ {
		row := out.p[(y*in.w+o.Left)*in.c : (y*in.w+o.Left+o.Width)*in.c]
		for i := range row {
			row[i] = float32(o.Value)
		}
	}
	return t
}
