package images

import (
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"

	"modelbook/dl"
)

// decode reads a picture and writes it to out as values from 0 to 1. The header is read first: what it claims is checked
// before there is memory for it.
func (f Folder) decode(out []float32, r io.ReadSeeker) error {
	most, bytes := f.MaxPixels, f.MaxBytes
	if most <= 0 {
		most = maxPixels
	}
	if bytes <= 0 {
		bytes = maxBytes
	}
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size > bytes {
		return fmt.Errorf("has %d bytes, more than %d", size, bytes)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head, kind, err := image.DecodeConfig(r)
	if err != nil {
		return fmt.Errorf("is no picture: %w", err)
	}
	if head.Width < 1 || head.Height < 1 || head.Width > most/head.Height {
		return fmt.Errorf("claims %d x %d pixels, more than %d", head.Width, head.Height, most)
	}
	turn := 1
	if kind == "jpeg" && !f.AsStored {
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return err
		}
		turn = orientation(r)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	img, _, err := image.Decode(r)
	if err != nil {
		return fmt.Errorf("is a damaged %s: %w", kind, err)
	}
	f.write(out, img, turn)
	return nil
}

// write brings a picture to its size, turns it by an orientation of EXIF and writes its values. What is transparent is
// black.
func (f Folder) write(out []float32, img image.Image, orientation int) {
	lying := f // how it is stored
	if orientation >= 5 {
		lying.Width, lying.Height = f.Height, f.Width
	}
	from, where := lying.fit(img.Bounds())
	sized := image.NewRGBA(image.Rect(0, 0, lying.Width, lying.Height))
	if from.Dx() == where.Dx() && from.Dy() == where.Dy() {
		draw.Draw(sized, where, img, from.Min, draw.Src)
	} else {
		draw.BiLinear.Scale(sized, where, img, from, draw.Src, nil)
	}
	sized = turned(sized, orientation)
	for i := range f.Width * f.Height {
		p := sized.Pix[4*i : 4*i+3]
		if f.Grey { // ITU-R BT.601, as Pillow and torchvision
			out[i] = (0.299*float32(p[0]) + 0.587*float32(p[1]) + 0.114*float32(p[2])) / 255
			continue
		}
		for c, v := range p {
			out[3*i+c] = float32(v) / 255
		}
	}
}

// fit is the part of a picture that is taken, and where it goes.
func (f Folder) fit(b image.Rectangle) (from, to image.Rectangle) {
	to = image.Rect(0, 0, f.Width, f.Height)
	w, h := b.Dx(), b.Dy()
	switch f.Fit {
	case CropToFit:
		cw, ch := min(w, max(1, h*f.Width/f.Height)), min(h, max(1, w*f.Height/f.Width))
		x, y := b.Min.X+(w-cw)/2, b.Min.Y+(h-ch)/2
		return image.Rect(x, y, x+cw, y+ch), to
	case PadToFit:
		pw, ph := min(f.Width, max(1, f.Height*w/h)), min(f.Height, max(1, f.Width*h/w))
		x, y := (f.Width-pw)/2, (f.Height-ph)/2
		return b, image.Rect(x, y, x+pw, y+ph)
	}
	return b, to
}

// Load reads a picture of any size from a file (JPEG, turned as its EXIF data says, PNG, GIF or WebP): float32
// [height, width, 3] with values from 0 to 1.
func Load(path string) (*dl.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head, kind, err := image.DecodeConfig(f)
	if err != nil {
		return nil, fmt.Errorf("%s: is no picture: %w", path, err)
	}
	if head.Width < 1 || head.Height < 1 || head.Width > maxPixels/head.Height {
		return nil, fmt.Errorf("%s: claims %d x %d pixels, more than %d", path, head.Width, head.Height, maxPixels)
	}
	if kind == "jpeg" {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		if orientation(f) >= 5 {
			head.Width, head.Height = head.Height, head.Width
		}
	}
	x := dl.New(dl.Float32, head.Height, head.Width, 3)
	if err := (Folder{Height: head.Height, Width: head.Width}).decode(x.Float32s(), f); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

// Resize brings a picture to a size: float32 [height, width, 3], or [height, width, 1] in grey, with values from 0 to
// 1, as a Folder reads it.
func Resize(img image.Image, height, width int, grey bool, fit Fit) *dl.Tensor {
	if img == nil {
		dl.PanicValue("images.Resize", "the picture is nil")
	}
	if height < 1 || width < 1 || height > maxValues/3/width || img.Bounds().Empty() || fit > PadToFit {
		dl.PanicValue("images.Resize", "a picture of %v cannot become one of %d x %d", img.Bounds(), height, width)
	}
	channels := 3
	if grey {
		channels = 1
	}
	x := dl.New(dl.Float32, height, width, channels)
	Folder{Height: height, Width: width, Grey: grey, Fit: fit}.write(x.Float32s(), img, 1)
	return x
}
