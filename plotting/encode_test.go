package plotting

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// The files hold what the image holds, whatever reads them.
func TestEncodePNG(t *testing.T) {
	shades := image.NewRGBA(image.Rect(0, 0, 256, 40))
	for i := range 256 * 40 {
		a := uint8(i / 40)
		shades.SetRGBA(i%256, i/256, color.RGBA{uint8(i%256) % (a/2 + 1), a, a / 3, a})
	}
	images := map[string]*image.RGBA{"shades": shades, "a pixel": image.NewRGBA(image.Rect(0, 0, 1, 1))}
	for _, name := range []string{"curves", "images", "confusion_dark"} {
		images[name] = gallery[name]().rgba()
	}
	for name, img := range images {
		t.Run(name, func(t *testing.T) {
			got, err := png.Decode(bytes.NewReader(encodePNG(img)))
			if err != nil {
				t.Fatal(err)
			}
			if got.Bounds() != img.Bounds() {
				t.Fatalf("%v, want %v", got.Bounds(), img.Bounds())
			}
			for y := range img.Rect.Dy() {
				for x := range img.Rect.Dx() {
					if got, want := got.At(x, y), color.NRGBAModel.Convert(img.At(x, y)); got != want {
						t.Fatalf("pixel %d, %d is %v, want %v", x, y, got, want)
					}
				}
			}
		})
	}
}
