package plotting

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

var regen = flag.Bool("regen", false, "write the golden images anew; look at each before it is committed")

// Every figure looks as it did when a person looked at it. Fonts are linked in and drawing uses no clock and no chance,
// so only floating-point differences between processors are forgiven.
func TestFiguresLookAsTheyDid(t *testing.T) {
	for name, figure := range gallery {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".png")
			got := half(figure().Image())
			if *regen {
				writePNG(t, path, got)
				return
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := png.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if got.Bounds() != want.Bounds() {
				t.Fatalf("size %v, golden image %v", got.Bounds().Size(), want.Bounds().Size())
			}
			if share := differing(got, want); share > 0.0005 {
				seen := filepath.Join(t.TempDir(), "seen.png")
				writePNG(t, seen, got)
				t.Errorf("%.3f %% of the pixels differ from %s; look at both, and if the new one is right run with -regen", 100*share, path)
			}
		})
	}
}

// half shrinks an image to half its size in 64 colours' worth of steps, which keeps golden images small.
func half(img image.Image) *image.NRGBA {
	size := img.Bounds().Size()
	out := image.NewNRGBA(image.Rect(0, 0, size.X/2, size.Y/2))
	for y := range size.Y / 2 {
		for x := range size.X / 2 {
			var sum [4]uint32
			for _, d := range []image.Point{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
				r, g, b, a := img.At(2*x+d.X, 2*y+d.Y).RGBA()
				for i, v := range []uint32{r, g, b, a} {
					sum[i] += v >> 8
				}
			}
			step := func(v uint32) uint8 { return uint8(min((v/4+4)/8*8, 255)) }
			out.Set(x, y, color.RGBA{step(sum[0]), step(sum[1]), step(sum[2]), step(sum[3])})
		}
	}
	return out
}

// differing is the share of pixels that differ by more than two of half's steps in a channel.
func differing(a, b image.Image) float64 {
	n := 0
	size := a.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			r1, g1, b1, a1 := a.At(x, y).RGBA()
			r2, g2, b2, a2 := b.At(x, y).RGBA()
			for _, d := range []int{int(r1) - int(r2), int(g1) - int(g2), int(b1) - int(b2), int(a1) - int(a2)} {
				if max(d, -d) > 18<<8 {
					n++
					break
				}
			}
		}
	}
	return float64(n) / float64(size.Dx()*size.Dy())
}

func writePNG(t *testing.T, path string, img image.Image) {
	t.Helper()
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}
