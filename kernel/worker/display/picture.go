package display

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"reflect"
)

// maxPixels bounds the images that are encoded: beyond it encoding would take
// many seconds and no front end would show the result.
const maxPixels = 64 << 20

// A picture whose longer side is up to smallSide would be a stamp on the page: it is enlarged to about shownSide, by
// whole pixels, so that these stay sharp.
const (
	smallSide = 64
	shownSide = 196
)

// enlarged repeats the pixels of a small image.
func enlarged(img image.Image) image.Image {
	from := img.Bounds()
	longer := max(from.Dx(), from.Dy())
	if longer > smallSide {
		return img
	}
	k := min(max(shownSide/longer, 1), 16)
	out := image.NewNRGBA(image.Rect(0, 0, from.Dx()*k, from.Dy()*k))
	for y := range from.Dy() * k {
		for x := range from.Dx() * k {
			out.Set(x, y, img.At(from.Min.X+x/k, from.Min.Y+y/k))
		}
	}
	return out
}

// picture shows an image as PNG, with its size as metadata.
func picture(v any) (data, metadata map[string]any, ok bool) {
	img, is := v.(image.Image)
	if !is {
		return nil, nil, false
	}
	size := img.Bounds().Size()
	about := fmt.Sprintf("%s %d×%d", typeName(reflect.TypeOf(v)), size.X, size.Y)
	if size.X <= 0 || size.Y <= 0 {
		return text(about + " (empty)"), nil, true
	}
	if size.X > maxPixels/size.Y {
		return text(about + " (too large to show)"), nil, true
	}
	img = enlarged(img)
	size = img.Bounds().Size()
	var buf bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&buf, img); err != nil {
		return text(fmt.Sprintf("%s (not shown: %v)", about, err)), nil, true
	}
	data = text(about)
	data["image/png"] = base64.StdEncoding.EncodeToString(buf.Bytes())
	metadata = map[string]any{"image/png": map[string]any{"width": size.X, "height": size.Y}}
	return data, metadata, true
}
