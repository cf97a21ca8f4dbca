package plotting

import (
	"fmt"
	"image"
	"slices"
	"time"

	"modelbook/dl"
	"modelbook/internal/number"
	"modelbook/internal/pixels"
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
	levels := pixels.LevelsOf(values, t.DType() == dl.Uint8)
	note = told(levels)
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
		images[i] = levels.Image(values[i*size:(i+1)*size], h, w, channels)
	}
	return images, n, note
}

// told says which values are black and white, where that is not plain.
func told(l pixels.Levels) string {
	words := func(v, end float32, relation string) string {
		if v == end {
			return measured(float64(v))
		}
		return measured(float64(v)) + " and " + relation
	}
	switch {
	case l.Usual:
		return ""
	case l.Least == l.Most:
		return "all values are " + measured(float64(l.Least))
	case l.Black == 0 && l.White == 255:
		return "black is 0, white 255"
	}
	return "black is " + words(l.Black, l.Least, "less") + ", white " + words(l.White, l.Most, "more")
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
	case interface{ Numbers() []float64 }:
		return from.Numbers()
	}
	panic(fmt.Sprintf("%s: cannot take numbers out of a %T: give a slice of numbers, a *dl.Tensor, or a column of a table", of, from))
}

func converted[T float32 | int | int8 | int16 | int32 | int64 | uint | uint8 | uint16 | uint32 | uint64](from []T) []float64 {
	values := make([]float64, len(from))
	for i, v := range from {
		values[i] = float64(v)
	}
	return values
}
