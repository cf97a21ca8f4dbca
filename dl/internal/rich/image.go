package rich

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"

	"modelbook/internal/pixels"
)

// pictureOf is a picture in a page, so wide and high there; its pixels stay sharp.
func pictureOf(img image.Image, w, h int, alt string) string {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(&b, img); err != nil {
		return Note("the picture is not shown: " + err.Error())
	}
	return fmt.Sprintf(`<img width="%d" height="%d" alt="%s" style="image-rendering:pixelated" src="data:image/png;base64,%s">`,
		w, h, Escape(alt), base64.StdEncoding.EncodeToString(b.Bytes()))
}

// Picture shows values, row by row with the channels together, as a picture whose longer side is about side CSS pixels. Of
// a large one only so many pixels are read as are shown; of four channels the first three are. It tells which values are
// black and white.
func Picture(at func(i int) float32, h, w, channels int, bytes bool, side int) (string, pixels.Levels) {
	longer := max(h, w)
	high, wide := h, w
	if longer > 2*side { // two to a CSS pixel, for fine screens
		high, wide = max(h*2*side/longer, 1), max(w*2*side/longer, 1)
	}
	drawn := min(channels, 3)
	values := make([]float32, 0, high*wide*drawn)
	for y := range high {
		for x := range wide {
			from := ((y*h/high)*w + x*w/wide) * channels
			for k := range drawn {
				values = append(values, at(from+k))
			}
		}
	}
	levels := pixels.LevelsOf(values, bytes)
	shownHigh, shownWide := max(h*side/longer, 1), max(w*side/longer, 1)
	if k := side / longer; k > 0 { // all pixels are of one size
		shownHigh, shownWide = h*k, w*k
	}
	return pictureOf(levels.Image(values, high, wide, drawn), shownWide, shownHigh, fmt.Sprintf("picture of %d × %d", w, h)), levels
}
