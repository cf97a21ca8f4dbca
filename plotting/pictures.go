package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"time"

	"modelbook/dl"
	"modelbook/internal/number"
)

// pictures takes images out of what the caller has: a tensor, images, or one image. Only the first limit are made; n is
// how many there are, and note says which values are black and white, where that is not plain.
func pictures(from any, limit int) (images []image.Image, n int, note string) {
	switch from := from.(type) {
	case nil:
		return nil, 0, ""
	case image.Image:
		return []image.Image{from}, 1, ""
	case []image.Image:
		return slices.Clone(from[:min(limit, len(from))]), len(from), ""
	case []*image.Gray:
		for _, img := range from[:min(limit, len(from))] {
			images = append(images, img)
		}
		return images, len(from), ""
	case *dl.Tensor:
		return tensorPictures(from, limit)
	}
	panic(fmt.Sprintf("plotting.Images: cannot take images out of a %T: give a *dl.Tensor [N,H,W], [N,H,W,1] or "+
		"[N,H,W,3], or []image.Image", from))
}

// layout is how many pictures of which size a tensor holds.
func layout(t *dl.Tensor) (n, h, w, channels int) {
	shape := t.Shape()
	colours := func(channels int) bool { return channels == 1 || channels == 3 }
	switch {
	case len(shape) == 2:
		return 1, shape[0], shape[1], 1
	case len(shape) == 3 && colours(shape[2]): // no pictures are one or three pixels wide
		return 1, shape[0], shape[1], shape[2]
	case len(shape) == 3:
		return shape[0], shape[1], shape[2], 1
	case len(shape) == 4 && colours(shape[3]):
		return shape[0], shape[1], shape[2], shape[3]
	}
	detail := "pictures have the shape [N,H,W], [N,H,W,1] or [N,H,W,3], a single one [H,W], [H,W,1] or [H,W,3]"
	if len(shape) == 4 && colours(shape[1]) {
		detail += "; this looks like [N,C,H,W]: Transpose(0, 2, 3, 1) makes [N,H,W,C] of it"
	}
	panic(&dl.ShapeError{Op: "plotting.Images", Shapes: []dl.Shape{shape}, Detail: detail})
}

func tensorPictures(t *dl.Tensor, limit int) (images []image.Image, n int, note string) {
	n, h, w, channels := layout(t)
	size := h * w * channels
	if size == 0 {
		return nil, 0, ""
	}
	kept := min(n, limit)
	values := dl.Values[float32](t)[:kept*size]
	low, high, note := levels(values, t.DType() == dl.Uint8)
	bad := 0
	for _, v := range values {
		if v != v {
			bad++
		}
	}
	if bad > 0 {
		note = sentence(note, number.Plural(bad, "value is", "values are")+" not a number, in orange")
	}
	images = make([]image.Image, kept)
	for i := range images {
		images[i] = picture(values[i*size:(i+1)*size], h, w, channels, low, high)
	}
	return images, n, note
}

// levels are the values that are drawn black and white: 0 and 1, or 0 and 255, if the values are of that kind, give or
// take a little, as computed pictures are. Else all but the lowest and the highest two hundredth lie between them, so
// that one odd pixel does not make the others all alike.
func levels(values []float32, bytes bool) (low, high float32, note string) {
	least, most := bounds(values)
	switch {
	case bytes:
		return 0, 255, ""
	case least >= -0.05 && most <= 1.05:
		return 0, 1, ""
	case least == most:
		return least - 1, least + 1, "all values are " + measured(float64(least))
	case least >= 0 && most > 2 && most <= 255 && !slices.ContainsFunc(values, func(v float32) bool { return v != float32(math.Trunc(float64(v))) }):
		return 0, 255, "black is 0, white 255"
	}
	sorted := make([]float32, 0, min(len(values), 1<<17))
	for i := 0; i < len(values); i += len(values)/(1<<16) + 1 {
		if finite(float64(values[i])) {
			sorted = append(sorted, values[i])
		}
	}
	slices.Sort(sorted)
	low, high = least, most
	if n := len(sorted); n >= 200 {
		a, b := sorted[n/200], sorted[n-1-n/200]
		// An odd pixel is far from the others; values that just spread are shown whole.
		if b > a && least < a-(b-a)/2 {
			low = a
		}
		if b > a && most > b+(b-a)/2 {
			high = b
		}
	}
	words := func(v, end float32, relation string) string {
		if v == end {
			return measured(float64(v))
		}
		return measured(float64(v)) + " and " + relation
	}
	return low, high, "black is " + words(low, least, "less") + ", white " + words(high, most, "more")
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

// notANumber is the colour of what is not a number in a picture.
var notANumber = rgb(0xE8590C)

// picture makes an image of values, row by row with the channels together.
func picture(values []float32, h, w, channels int, low, high float32) image.Image {
	level := func(v float32) uint8 {
		return uint8(math.Round(255 * min(max((float64(v)-float64(low))/(float64(high)-float64(low)), 0), 1)))
	}
	if channels == 1 && !slices.ContainsFunc(values, func(v float32) bool { return v != v }) {
		img := image.NewGray(image.Rect(0, 0, w, h))
		for i, v := range values {
			img.Pix[i] = level(v)
		}
		return img
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range h * w {
		v := values[channels*i : channels*(i+1)]
		last := v[channels-1]
		if v[0] != v[0] || last != last || v[channels/2] != v[channels/2] {
			img.SetRGBA(i%w, i/w, notANumber)
			continue
		}
		img.SetRGBA(i%w, i/w, color.RGBA{level(v[0]), level(v[channels/2]), level(last), 0xFF})
	}
	return img
}

// numbers copies a list of numbers out of what the caller has; times are in seconds.
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
	case []int8:
		return converted(from)
	case []int16:
		return converted(from)
	case []uint16:
		return converted(from)
	case []uint32:
		return converted(from)
	case []uint64:
		return converted(from)
	case []uint:
		return converted(from)
	case []time.Duration:
		seconds := make([]float64, len(from))
		for i, d := range from {
			seconds[i] = d.Seconds()
		}
		return seconds
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

func converted[T float32 | int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64](from []T) []float64 {
	values := make([]float64, len(from))
	for i, v := range from {
		values[i] = float64(v)
	}
	return values
}
