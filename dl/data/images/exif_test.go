package images

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"testing"

	"modelbook/dl/data"
)

// withOrientation puts EXIF data behind the beginning of a JPEG.
func withOrientation(jpeg []byte, order binary.AppendByteOrder, v uint16) []byte {
	name := "II"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		name = "MM"
	}
	tiff := order.AppendUint32(order.AppendUint16([]byte(name), 42), 8)
	tiff = order.AppendUint16(tiff, 2) // entries: ImageWidth as a long, Orientation as a short
	tiff = order.AppendUint32(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 256), 4), 1), 99)
	tiff = order.AppendUint16(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 274), 3), 1), v)
	tiff = order.AppendUint32(append(tiff, 0, 0), 0)
	segment := append([]byte("Exif\x00\x00"), tiff...)
	out := append([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2}, 0xff, 0xe1) // another segment first
	out = append(binary.BigEndian.AppendUint16(out, uint16(len(segment)+2)), segment...)
	return append(out, jpeg[2:]...)
}

// corners are the colours at the corners of a picture, from the top left one on, line by line.
func corners(x interface{ At(...int) float64 }, h, w int) (all [4]string) {
	for i, at := range [4][2]int{{1, 1}, {1, w - 2}, {h - 2, 1}, {h - 2, w - 2}} {
		r, g, b := x.At(at[0], at[1], 0) > 0.5, x.At(at[0], at[1], 1) > 0.5, x.At(at[0], at[1], 2) > 0.5
		all[i] = map[[3]bool]string{{true, false, false}: "red", {false, true, false}: "green", {false, false, true}: "blue", {true, true, true}: "white"}[[3]bool{r, g, b}]
	}
	return all
}

// Pictures are turned as EXIF says: the corners of the eight orientations, as the standard and Pillow's
// ImageOps.exif_transpose have them.
func TestOrientations(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 32, 16)) // red, green / blue, white
	for y := range 16 {
		for x := range 32 {
			img.Set(x, y, [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}[y/8][x/16])
		}
	}
	stored := encoded(t, "jpeg", img)
	for v, want := range map[uint16][4]string{
		1: {"red", "green", "blue", "white"}, 2: {"green", "red", "white", "blue"}, 3: {"white", "blue", "green", "red"}, 4: {"blue", "white", "red", "green"},
		5: {"red", "blue", "green", "white"}, 6: {"blue", "red", "white", "green"}, 7: {"white", "green", "blue", "red"}, 8: {"green", "white", "red", "blue"},
		0: {"red", "green", "blue", "white"}, 9: {"red", "green", "blue", "white"},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			file := withOrientation(stored, order, v)
			dir := write(t, t.TempDir(), map[string][]byte{"a/x.jpg": file})
			x, err := Load(filepath.Join(dir, "a/x.jpg"))
			if err != nil {
				t.Fatal(err)
			}
			h, w := 16, 32
			if v >= 5 && v <= 8 {
				h, w = w, h
			}
			if x.Dim(0) != h || x.Dim(1) != w || corners(x, h, w) != want {
				t.Errorf("orientation %d: %v of %v, want %v", v, corners(x, h, w), x.Shape(), want)
			}
			for _, f := range []Folder{{Dir: dir, Height: 24, Width: 12}, {Dir: dir, Height: 24, Width: 12, AsStored: true}} {
				s, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				b, err := data.All(s)
				if err != nil {
					t.Fatal(err)
				}
				want := want
				if f.AsStored {
					want = [4]string{"red", "green", "blue", "white"}
				}
				if got := corners(b.X.Index(0), 24, 12); got != want {
					t.Errorf("orientation %d, AsStored %v: %v, want %v", v, f.AsStored, got, want)
				}
			}
		}
	}
}

// A picture in WebP is read: the one of the golang.org/x/image package, which libwebp made.
func TestWebP(t *testing.T) {
	content, err := os.ReadFile("testdata/gopher-doc.1bpp.lossless.webp")
	if err != nil {
		t.Fatal(err)
	}
	dir := write(t, t.TempDir(), map[string][]byte{"a/x.webp": content})
	s, err := Folder{Dir: dir, Height: 8, Width: 8}.Open()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := data.All(s); err != nil || b.X.Min().Item() == b.X.Max().Item() {
		t.Errorf("%v, %v", b, err)
	}
	x, err := Load(filepath.Join(dir, "a/x.webp"))
	if err != nil || x.Dim(0) != 100 || x.Dim(1) != 75 {
		t.Fatalf("%v, %v", x, err)
	}
}

func FuzzOrientation(f *testing.F) {
	jpeg := []byte{0xff, 0xd8, 0xff, 0xda}
	f.Add(withOrientation(jpeg, binary.LittleEndian, 6))
	f.Add(withOrientation(jpeg, binary.BigEndian, 3))
	f.Add([]byte{0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 'E'})
	f.Fuzz(func(t *testing.T, b []byte) {
		if v := orientation(bytes.NewReader(b)); v < 1 || v > 8 {
			t.Errorf("orientation %d", v)
		}
	})
}
