package transforms

import (
	"math"

	"modelbook/dl"
)

// RandomHorizontalFlip mirrors an image left to right with the probability P (0: 0.5, as in torchvision).
type RandomHorizontalFlip struct{ P float64 }

// Apply mirrors the image or not: see [Transform].
func (o RandomHorizontalFlip) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if !happens("transforms.RandomHorizontalFlip", x, o.P, 0.5, r) {
		return x
	}
	return HorizontalFlip{}.Apply(x, r)
}

// RandomVerticalFlip mirrors an image top to bottom with the probability P (0: 0.5, as in torchvision).
type RandomVerticalFlip struct{ P float64 }

// Apply mirrors the image or not: see [Transform].
func (o RandomVerticalFlip) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if !happens("transforms.RandomVerticalFlip", x, o.P, 0.5, r) {
		return x
	}
	return VerticalFlip{}.Apply(x, r)
}

// RandomCrop cuts out a rectangle at a random place, after Padding pixels of 0 were added on each side.
type RandomCrop struct{ Height, Width, Padding int }

// Apply cuts the rectangle out: see [Transform].
func (o RandomCrop) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.RandomCrop"
	if o.Padding != 0 {
		x = Pad{Top: o.Padding, Left: o.Padding, Bottom: o.Padding, Right: o.Padding}.Apply(x, r)
	}
	in := read(op, x)
	if o.Height < 1 || o.Width < 1 || o.Height > in.h || o.Width > in.w {
		dl.PanicValue(op, "%d x %d pixels do not lie in an image of %d x %d, padding included", o.Height, o.Width, in.h, in.w)
	}
	return Crop{r.IntN(in.h - o.Height + 1), r.IntN(in.w - o.Width + 1), o.Height, o.Width}.Apply(x, r)
}

// RandomResizedCrop cuts out a rectangle of a random area and ratio of the sides and brings it to a size: the crop of
// Inception. Zero ranges are torchvision's.
type RandomResizedCrop struct {
	Height, Width int
	Scale         [2]float64 // of the area; 0, 0: 0.08 to 1
	Ratio         [2]float64 // width to height; 0, 0: 3/4 to 4/3
}

// Apply cuts the rectangle out: see [Transform].
func (o RandomResizedCrop) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.RandomResizedCrop"
	in := read(op, x)
	scale, ratio := rangeOr(op, o.Scale, 0.08, 1), rangeOr(op, o.Ratio, 3.0/4, 4.0/3)
	h, w, ok := area(in, scale, ratio, 0, r)
	if !ok { // the largest rectangle in the middle with a ratio that is allowed
		h, w = in.h, in.w
		switch is := float64(in.w) / float64(in.h); {
		case is < ratio[0]:
			h = min(in.h, int(math.Round(float64(w)/ratio[0])))
		case is > ratio[1]:
			w = min(in.w, int(math.Round(float64(h)*ratio[1])))
		}
		return Compose{Crop{(in.h - h) / 2, (in.w - w) / 2, max(h, 1), max(w, 1)}, Resize{o.Height, o.Width}}.Apply(x, r)
	}
	return Compose{Crop{r.IntN(in.h - h + 1), r.IntN(in.w - w + 1), h, w}, Resize{o.Height, o.Width}}.Apply(x, r)
}

// area draws the sides of a rectangle in an image, smaller by so many pixels; ok is false when ten draws did not fit.
func area(in picture, scale, ratio [2]float64, smaller int, r *dl.Rand) (h, w int, ok bool) {
	for range 10 {
		area := float64(in.h*in.w) * between(scale[0], scale[1], r)
		aspect := math.Exp(between(math.Log(ratio[0]), math.Log(ratio[1]), r))
		w, h = int(math.Round(math.Sqrt(area*aspect))), int(math.Round(math.Sqrt(area/aspect)))
		if w > 0 && w <= in.w-smaller && h > 0 && h <= in.h-smaller {
			return h, w, true
		}
	}
	return 0, 0, false
}

// rangeOr is a range, or another when it is zero.
func rangeOr(op string, v [2]float64, lo, hi float64) [2]float64 {
	if v == [2]float64{} {
		return [2]float64{lo, hi}
	}
	if !(v[0] > 0 && v[1] >= v[0]) || math.IsInf(v[1], 0) {
		dl.PanicValue(op, "%v is no range of positive numbers", v)
	}
	return v
}

// RandomRotation turns an image by an angle from -Degrees to Degrees: see [Rotate].
type RandomRotation struct{ Degrees float64 }

// Apply turns the image: see [Transform].
func (o RandomRotation) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	return Rotate{between(-o.Degrees, o.Degrees, r)}.Apply(x, r)
}

// RandomAffine turns, moves, scales and shears an image at random: see [Affine]. What is zero is not done.
type RandomAffine struct {
	Degrees   float64    // from -Degrees to Degrees
	Translate [2]float64 // to the right and down, up to these shares of width and height, either way
	Scale     [2]float64 // from, to
	Shear     [2]float64 // along x and y, from minus to plus these degrees
}

// Apply moves the image: see [Transform].
func (o RandomAffine) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.RandomAffine"
	in := read(op, x)
	scale := rangeOr(op, o.Scale, 1, 1)
	return Affine{
		Degrees: between(-o.Degrees, o.Degrees, r),
		Right:   math.Round(between(-o.Translate[0], o.Translate[0], r) * float64(in.w)),
		Down:    math.Round(between(-o.Translate[1], o.Translate[1], r) * float64(in.h)),
		Scale:   between(scale[0], scale[1], r),
		ShearX:  between(-o.Shear[0], o.Shear[0], r),
		ShearY:  between(-o.Shear[1], o.Shear[1], r),
	}.Apply(x, r)
}

// ColorJitter changes brightness, contrast, saturation and hue at random, in a random order, as torchvision's: by a
// factor from 1-v to 1+v, not below 0, and a turn from -Hue to Hue. What is zero is not changed.
type ColorJitter struct{ Brightness, Contrast, Saturation, Hue float64 }

// Apply changes the colours: see [Transform].
func (o ColorJitter) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.ColorJitter"
	if !(min(o.Brightness, o.Contrast, o.Saturation, o.Hue) >= 0 && o.Hue <= 0.5) || max(o.Brightness, o.Contrast, o.Saturation) > math.MaxFloat32/2 {
		dl.PanicValue(op, "%+v: all are finite in float32, none is negative, and the hue is at most 0.5", o)
	}
	colours(op, x)
	for _, i := range r.Perm(4) {
		v := [4]float64{o.Brightness, o.Contrast, o.Saturation, o.Hue}[i]
		if v == 0 {
			continue
		}
		f := between(max(0, 1-v), 1+v, r)
		switch i {
		case 0:
			x = Brightness{f}.Apply(x, r)
		case 1:
			x = Contrast{f}.Apply(x, r)
		case 2:
			x = Saturation{f}.Apply(x, r)
		case 3:
			x = Hue{between(-v, v, r)}.Apply(x, r)
		}
	}
	return x
}

// RandomGrayscale makes an image grey with the probability P (0: 0.1, as in torchvision).
type RandomGrayscale struct{ P float64 }

// Apply makes the image grey or not: see [Transform].
func (o RandomGrayscale) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if !happens("transforms.RandomGrayscale", x, o.P, 0.1, r) {
		return x
	}
	return Grayscale{}.Apply(x, r)
}

// RandomErasing erases a rectangle at a random place with the probability P (Zhong and others, "Random Erasing Data
// Augmentation", 2017). Zero values are torchvision's.
type RandomErasing struct {
	P     float64    // 0: 0.5
	Scale [2]float64 // of the area; 0, 0: 0.02 to 0.33
	Ratio [2]float64 // width to height; 0, 0: 0.3 to 3.3
	Value float64
}

// Apply erases a rectangle or not: see [Transform].
func (o RandomErasing) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.RandomErasing"
	in := read(op, x)
	scale, ratio := rangeOr(op, o.Scale, 0.02, 0.33), rangeOr(op, o.Ratio, 0.3, 3.3)
	if !happens(op, x, o.P, 0.5, r) {
		return x
	}
	h, w, ok := area(in, scale, ratio, 1, r)
	if !ok {
		return x
	}
	return Erase{r.IntN(in.h - h + 1), r.IntN(in.w - w + 1), h, w, o.Value}.Apply(x, r)
}

// Cutout gives squares at random places the value 0 (DeVries and Taylor, "Improved Regularization of Convolutional
// Neural Networks with Cutout", 2017). A square may reach over the edge.
type Cutout struct {
	Size  int // pixels on a side
	Holes int // 0: 1
}

// Apply cuts squares out: see [Transform].
func (o Cutout) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	in := read("transforms.Cutout", x)
	if o.Size < 1 || o.Holes < 0 || o.Holes > in.h*in.w {
		dl.PanicValue("transforms.Cutout", "%d holes of %d pixels: the size is 1 or more, and there are no more holes than pixels", o.Holes, o.Size)
	}
	for range max(o.Holes, 1) {
		y, l := r.IntN(in.h)-o.Size/2, r.IntN(in.w)-o.Size/2
		bottom, right := min(y+o.Size, in.h), min(l+o.Size, in.w)
		y, l = max(y, 0), max(l, 0)
		x = Erase{Top: y, Left: l, Height: bottom - y, Width: right - l}.Apply(x, r)
	}
	return x
}

// GaussianNoise adds normally distributed noise.
type GaussianNoise struct {
	Sigma float64 // 0: 0.1, as in torchvision
	Clip  bool    // to 0 and 1
}

// Apply adds noise: see [Transform].
func (o GaussianNoise) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if o.Sigma == 0 {
		o.Sigma = 0.1
	}
	if !(o.Sigma > 0 && o.Sigma <= math.MaxFloat32) {
		dl.PanicValue("transforms.GaussianNoise", "a standard deviation of %v: it is above 0, and finite in float32", o.Sigma)
	}
	in := read("transforms.GaussianNoise", x)
	noise := r.Normals(0, o.Sigma, in.h, in.w, in.c)
	for i, v := range noise.Float32s() {
		v += in.p[i]
		if o.Clip {
			v = unit(v)
		}
		noise.Float32s()[i] = v
	}
	return noise
}

// RandomGaussianBlur blurs an image with a random standard deviation: torchvision's GaussianBlur.
type RandomGaussianBlur struct {
	Kernel int        // see [GaussianBlur]
	Sigma  [2]float64 // 0, 0: 0.1 to 2
}

// Apply blurs the image: see [Transform].
func (o RandomGaussianBlur) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	sigma := rangeOr("transforms.RandomGaussianBlur", o.Sigma, 0.1, 2)
	return GaussianBlur{o.Kernel, between(sigma[0], sigma[1], r)}.Apply(x, r)
}

// RandomApply applies transforms with the probability P (0: 0.5, as in torchvision).
type RandomApply struct {
	P          float64
	Transforms Compose
}

// Apply applies the transforms or not: see [Transform].
func (o RandomApply) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	const op = "transforms.RandomApply"
	for i, t := range o.Transforms {
		given(op, i, t != nil)
	}
	if !happens(op, x, o.P, 0.5, r) {
		return x
	}
	return o.Transforms.Apply(x, r)
}

// RandomChoice applies one of several transforms.
type RandomChoice []Transform

// Apply applies one of the transforms: see [Transform].
func (o RandomChoice) Apply(x *dl.Tensor, r *dl.Rand) *dl.Tensor {
	if len(o) == 0 {
		dl.PanicValue("transforms.RandomChoice", "there is nothing to choose from: one transform or more is needed")
	}
	for i, t := range o {
		given("transforms.RandomChoice", i, t != nil)
	}
	return o[r.IntN(len(o))].Apply(x, r)
}
