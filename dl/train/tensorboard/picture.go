package tensorboard

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"

	"modelbook/dl"
	"modelbook/internal/pixels"
)

// Image writes a picture.
func (w *Writer) Image(tag string, picture image.Image, step int) error {
	if err := tagged(tag); err != nil {
		return err
	}
	if picture == nil {
		return errors.New("tensorboard: the image is nil")
	}
	v, err := pictureValue(tag, picture)
	if err != nil {
		return err
	}
	return w.values(step, v)
}

// Images writes the pictures of a tensor, [H, W], [H, W, C] or [N, H, W, C] with C of 1 or 3; of several, the tags are
// that with "/0", "/1" and so on behind it. Bytes, numbers from 0 to 255, and floats from 0 to 1 are shown as they are;
// others are stretched from black to white, the same for all.
func (w *Writer) Images(tag string, pictures *dl.Tensor, step int) error {
	if err := tagged(tag); err != nil {
		return err
	}
	values, err := pictureValues(tag, pictures)
	if err != nil {
		return err
	}
	return w.values(step, values...)
}

// pictureValues are the Summary.Values of the pictures of a tensor.
func pictureValues(tag string, pictures *dl.Tensor) (values []message, err error) {
	if pictures == nil {
		return nil, errors.New("tensorboard: the tensor of images is nil")
	}
	shape := pictures.Shape()
	n, h, width, c := 1, 0, 0, 1
	switch len(shape) {
	case 2:
		h, width = shape[0], shape[1]
	case 3:
		h, width, c = shape[0], shape[1], shape[2]
	case 4:
		n, h, width, c = shape[0], shape[1], shape[2], shape[3]
	default:
		return nil, fmt.Errorf("tensorboard: images of shape %v: they are [H, W], [H, W, C] or [N, H, W, C]", shape)
	}
	if pictures.Size() == 0 || c != 1 && c != 3 {
		return nil, fmt.Errorf("tensorboard: images of shape %v: they have pixels, and 1 channel or 3 in the last axis", shape)
	}
	all := dl.Values[float32](pictures)
	levels := pixels.LevelsOf(all, pictures.DType() == dl.Uint8)
	for i := range n {
		name := tag
		if n > 1 {
			name = fmt.Sprintf("%s/%d", tag, i)
		}
		size := h * width * c
		v, err := pictureValue(name, levels.Image(all[i*size:(i+1)*size], h, width, c))
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// pictureValue is the Summary.Value of a picture.
func pictureValue(tag string, picture image.Image) (message, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return nil, fmt.Errorf("tensorboard: %w", err)
	}
	channels := 4
	switch p := picture.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	case interface{ Opaque() bool }:
		if p.Opaque() {
			channels = 3
		}
	}
	return imageValue(tag, picture.Bounds().Dy(), picture.Bounds().Dx(), channels, b.Bytes()), nil
}
