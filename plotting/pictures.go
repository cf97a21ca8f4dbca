package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"modelbook/dl"
)

// pictures takes images out of what the caller has: a tensor [N,H,W], [N,H,W,1] or [N,H,W,3], images, or one image.
// Float tensors hold 0 (black) to 1 (white); when values lie outside, they are stretched so that the smallest is black
// and the largest white. Only the first limit are made; n is how many there are.
func pictures(from any, limit int) (images []image.Image, n int) {
	switch from := from.(type) {
	case nil:
		return nil, 0
	case image.Image:
		return []image.Image{from}, 1
	case []image.Image:
		return slices.Clone(from[:min(limit, len(from))]), len(from)
	case []*image.Gray:
		for _, img := range from[:min(limit, len(from))] {
			images = append(images, img)
		}
		return images, len(from)
	case *dl.Tensor:
		return tensorPictures(from, limit)
	}
	panic(fmt.Sprintf("plotting.Images: cannot take images out of a %T: give a *dl.Tensor [N,H,W], [N,H,W,1] or "+
		"[N,H,W,3], or []image.Image", from))
}

func tensorPictures(t *dl.Tensor, limit int) ([]image.Image, int) {
	shape := t.Shape()
	channels := 1
	if len(shape) == 4 && (shape[3] == 1 || shape[3] == 3) {
		channels = shape[3]
	} else if len(shape) != 3 {
		panic(&dl.ShapeError{Op: "plotting.Images", Shapes: []dl.Shape{shape},
			Detail: "pictures have the shape [N,H,W], [N,H,W,1] or [N,H,W,3]"})
	}
	n, h, w := shape[0], shape[1], shape[2]
	size := h * w * channels
	if size == 0 {
		return nil, 0
	}
	kept := min(n, limit)
	values := dl.Values[float32](t)
	low, high := float32(0), float32(1)
	if t.DType() == dl.Uint8 {
		high = 255
	}
	least, most := bounds(values)
	if least < low || most > high {
		low, high = least, most
	}
	images := make([]image.Image, kept)
	for i := range images {
		images[i] = picture(values[i*size:(i+1)*size], h, w, channels, low, high)
	}
	return images, n
}

// bounds are the smallest and the largest finite value; (0, 0) when there is none.
func bounds(values []float32) (least, most float32) {
	found := false
	for _, v := range values {
		if finite(float64(v)) {
			if !found {
				least, most, found = v, v, true
			}
			least, most = min(least, v), max(most, v)
		}
	}
	return least, most
}

// picture makes an image of values, row by row with the channels together; what is not a number is black.
func picture(values []float32, h, w, channels int, low, high float32) image.Image {
	level := func(v float32) uint8 {
		if !(high > low) || v != v {
			return 0
		}
		return uint8(math.Round(255 * float64(min(max((v-low)/(high-low), 0), 1))))
	}
	if channels == 1 {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range values {
			img.Pix[i] = level(v)
		}
		return img
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		v := values[3*i:]
		img.SetRGBA(i%w, i/w, color.RGBA{level(v[0]), level(v[1]), level(v[2]), 0xFF})
	}
	return img
}

// numbers copies a list of numbers out of what the caller has.
func numbers(of string, from any) []float64 {
	switch from := from.(type) {
	case nil:
		return nil
	case []float64:
		return slices.Clone(from)
	case []float32:
		return converted(from)
	case []int:
		return converted(from)
	case []int32:
		return converted(from)
	case []int64:
		return converted(from)
	case []uint8:
		return converted(from)
	case *dl.Tensor:
		return dl.Values[float64](from)
	}
	panic(fmt.Sprintf("%s: cannot take numbers out of a %T: give a slice of numbers or a *dl.Tensor", of, from))
}

func converted[T float32 | int | int32 | int64 | uint8](from []T) []float64 {
	values := make([]float64, len(from))
	for i, v := range from {
		values[i] = float64(v)
	}
	return values
}
