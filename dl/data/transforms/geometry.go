package transforms

import (
	"math"

	"modelbook/dl"
)

// HorizontalFlip mirrors an image left to right.
type HorizontalFlip struct{}

// Apply mirrors the image: see [Transform].
func (HorizontalFlip) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.HorizontalFlip"
	in := read(op, x)
	t, out := blank(op, in.h, in.w, in.c)
	for y := range in.h {
		for x := range in.w {
			copy(out.at(y, x), in.at(y, in.w-1-x))
		}
	}
	return t
}

// VerticalFlip mirrors an image top to bottom.
type VerticalFlip struct{}

// Apply mirrors the image: see [Transform].
func (VerticalFlip) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.VerticalFlip"
	in := read(op, x)
	t, out := blank(op, in.h, in.w, in.c)
	row := in.w * in.c
	for y := range in.h {
		copy(out.p[y*row:(y+1)*row], in.p[(in.h-1-y)*row:])
	}
	return t
}

// Pad adds pixels of a value around an image.
type Pad struct {
	Top, Left, Bottom, Right int
	Value                    float64
}

// Apply adds the pixels: see [Transform].
func (o Pad) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Pad"
	if o.Top < 0 || o.Left < 0 || o.Bottom < 0 || o.Right < 0 || max(o.Top, o.Left, o.Bottom, o.Right) > most {
		dl.PanicValue(op, "%d, %d, %d and %d pixels: none is negative or above %d", o.Top, o.Left, o.Bottom, o.Right, most)
	}
	in := read(op, x)
	t, out := blank(op, in.h+o.Top+o.Bottom, in.w+o.Left+o.Right, in.c)
	if o.Value != 0 {
		for i := range out.p {
			out.p[i] = float32(o.Value)
		}
	}
	row := in.w * in.c
	for y := range in.h {
		copy(out.p[((y+o.Top)*out.w+o.Left)*in.c:], in.p[y*row:(y+1)*row])
	}
	return t
}

// Crop cuts a rectangle out of an image.
type Crop struct{ Top, Left, Height, Width int }

// Apply cuts the rectangle out: see [Transform].
func (o Crop) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Crop"
	in := read(op, x)
	if o.Top < 0 || o.Left < 0 || o.Height < 1 || o.Width < 1 || o.Top > in.h-o.Height || o.Left > in.w-o.Width {
		dl.PanicValue(op, "%d x %d pixels from row %d, column %d do not lie in an image of %d x %d", o.Height, o.Width, o.Top, o.Left, in.h, in.w)
	}
	t, out := blank(op, o.Height, o.Width, in.c)
	row := out.w * in.c
	for y := range out.h {
		copy(out.p[y*row:(y+1)*row], in.p[((y+o.Top)*in.w+o.Left)*in.c:])
	}
	return t
}

// CenterCrop cuts the middle out of an image. One that is smaller is filled up with 0.
type CenterCrop struct{ Height, Width int }

// Apply cuts the middle out: see [Transform].
func (o CenterCrop) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	in := read("transforms.CenterCrop", x)
	if high, wide := max(0, o.Height-in.h), max(0, o.Width-in.w); high > 0 || wide > 0 {
		x = Pad{Top: high / 2, Left: wide / 2, Bottom: (high + 1) / 2, Right: (wide + 1) / 2}.Apply(x, r)
		in = read("transforms.CenterCrop", x)
	}
	// Python's round, which torchvision uses: half to even.
	top, left := math.RoundToEven(float64(in.h-o.Height)/2), math.RoundToEven(float64(in.w-o.Width)/2)
	return Crop{int(top), int(left), o.Height, o.Width}.Apply(x, r)
}

// Resize brings an image to a size by bilinear interpolation, over as many pixels as one of the result stands for when
// it becomes smaller: torchvision's Resize with antialias.
type Resize struct{ Height, Width int }

// Apply brings the image to its size: see [Transform].
func (o Resize) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	const op = "transforms.Resize"
	in := read(op, x)
	_, wide := blank(op, in.h, o.Width, in.c)
	for i, w := range weights(in.w, o.Width) {
		for y := range in.h {
			sum := wide.at(y, i)
			for k, v := range w.values {
				for c, p := range in.at(y, w.first+k) {
					sum[c] += v * p
				}
			}
		}
	}
	t, out := blank(op, o.Height, o.Width, in.c)
	row := out.w * out.c
	for i, w := range weights(in.h, o.Height) {
		for k, v := range w.values {
			from := wide.p[(w.first+k)*row:]
			for j := range row {
				out.p[i*row+j] += v * from[j]
			}
		}
	}
	return t
}

// weighted is the pixels that one of the result is made of.
type weighted struct {
	first  int
	values []float32
}

// weights are the triangle filter of a resizing from n pixels to m.
func weights(n, m int) []weighted {
	all := make([]weighted, m)
	scale := float64(n) / float64(m)
	support := max(1, scale)
	for i := range all {
		centre := scale * (float64(i) + 0.5)
		first := max(0, int(centre-support+0.5))
		last := min(n, int(centre+support+0.5))
		w := weighted{first: first}
		sum := 0.0
		values := make([]float64, last-first)
		for k := range values {
			values[k] = max(0, 1-math.Abs((float64(first+k)-centre+0.5)/support))
			sum += values[k]
		}
		for _, v := range values {
			w.values = append(w.values, float32(v/sum))
		}
		all[i] = w
	}
	return all
}

// Rotate turns an image around its centre, counter-clockwise, by bilinear interpolation. What was outside of it is 0.
type Rotate struct{ Degrees float64 }

// Apply turns the image: see [Transform].
func (o Rotate) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor {
	return Affine{Degrees: -o.Degrees}.apply("transforms.Rotate", x)
}

// Affine turns (clockwise), moves, scales and shears an image around its centre, by bilinear interpolation. What was
// outside of it is 0.
type Affine struct {
	Degrees        float64
	Right, Down    float64 // pixels
	Scale          float64 // 0: 1
	ShearX, ShearY float64 // degrees
}

// Apply moves the image: see [Transform].
func (o Affine) Apply(x *dl.Tensor, _ *dl.Rand) *dl.Tensor { return o.apply("transforms.Affine", x) }

func (o Affine) apply(op string, t *dl.Tensor) *dl.Tensor {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if s := o.Degrees + o.Right + o.Down + o.Scale + o.ShearX + o.ShearY; math.IsNaN(s) || math.IsInf(s, 0) || o.Scale < 0 {
		dl.PanicValue(op, "%+v is no finite movement with a positive scale", o)
	}
	m := o.inverse()
	in := read(op, t)
	result, out := blank(op, in.h, in.w, in.c)
	for y := range out.h {
		by := float64(y) + 0.5 - float64(in.h)/2
		for x := range out.w {
			bx := float64(x) + 0.5 - float64(in.w)/2
			in.sample(out.at(y, x), m[3]*bx+m[4]*by+m[5]+float64(in.h)/2-0.5, m[0]*bx+m[1]*by+m[2]+float64(in.w)/2-0.5)
		}
	}
	return result
}

// inverse maps places of the result to places of the image, from its centre: _get_inverse_affine_matrix of torchvision.
func (o Affine) inverse() [6]float64 {
	const degree = math.Pi / 180
	rot, sx, sy := o.Degrees*degree, o.ShearX*degree, o.ShearY*degree
	a := math.Cos(rot-sy) / math.Cos(sy)
	b := -math.Cos(rot-sy)*math.Tan(sx)/math.Cos(sy) - math.Sin(rot)
	c := math.Sin(rot-sy) / math.Cos(sy)
	d := -math.Sin(rot-sy)*math.Tan(sx)/math.Cos(sy) + math.Cos(rot)
	m := [6]float64{d / o.Scale, -b / o.Scale, 0, -c / o.Scale, a / o.Scale, 0}
	m[2] = -m[0]*o.Right - m[1]*o.Down
	m[5] = -m[3]*o.Right - m[4]*o.Down
	return m
}

// sample is the image between its pixels; outside of it is 0.
func (p picture) sample(out []float32, y, x float64) {
	if !(y > -1 && y < float64(p.h) && x > -1 && x < float64(p.w)) {
		return
	}
	top, left := math.Floor(y), math.Floor(x)
	fy, fx := float32(y-top), float32(x-left)
	add := func(y, x int, w float32) {
		if y >= 0 && y < p.h && x >= 0 && x < p.w && w != 0 {
			for c, v := range p.at(y, x) {
				out[c] += w * v
			}
		}
	}
	i, j := int(top), int(left)
	add(i, j, (1-fy)*(1-fx))
	add(i, j+1, (1-fy)*fx)
	add(i+1, j, fy*(1-fx))
	add(i+1, j+1, fy*fx)
}
