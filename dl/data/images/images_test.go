package images

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"modelbook/dl"
	"modelbook/dl/data"
)

// plain is a picture of one colour.
func plain(w, h int, c color.Color) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	return img
}

func encoded(t testing.TB, kind string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	default:
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 100})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t testing.TB, dir string, files map[string][]byte) string {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFolder(t *testing.T) {
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	dir := write(t, t.TempDir(), map[string][]byte{
		"red/a.png": encoded(t, "png", plain(5, 9, red)), "red/b.JPG": encoded(t, "jpeg", plain(20, 10, red)), "red/deep/c.gif": encoded(t, "gif", plain(4, 4, red)),
		"blue/z.jpeg": encoded(t, "jpeg", plain(3, 3, blue)), "blue/.hidden.png": nil, "blue/notes.txt": []byte("x"), ".git/x.png": nil, "readme.png": nil,
	})
	s, err := Folder{Dir: dir, Height: 4, Width: 6}.Open()
	if err != nil {
		t.Fatal(err)
	}
	labels, err := data.Labels(s)
	if err != nil || s.Len() != 4 || !slices.Equal(s.Classes, []string{"blue", "red"}) || !slices.Equal(labels, []int32{0, 1, 1, 1}) {
		t.Fatalf("%v %v %v", s, labels, err)
	}
	b, err := data.All(s)
	if err != nil || !slices.Equal(b.X.Shape(), dl.Shape{4, 4, 6, 3}) || !slices.Equal(b.Y.Int32s(), labels) {
		t.Fatalf("%v %v", b, err)
	}
	for i, want := range []color.RGBA{blue, red, red, red} {
		for y := range 4 {
			for x := range 6 {
				for c, v := range []uint8{want.R, want.G, want.B} {
					if got := b.X.At(i, y, x, c); got < float64(v)/255-0.02 || got > float64(v)/255+0.02 {
						t.Fatalf("picture %d, pixel %d %d, channel %d is %v", i, y, x, c, got)
					}
				}
			}
		}
	}
	pass := func(workers int) (all []float32) {
		l := data.Loader{Dataset: s, BatchSize: 1, Workers: workers, Shuffle: dl.NewRand(1)}
		for _, b := range l.Batches() {
			all = append(all, b.X.Float32s()...)
		}
		if l.Err() != nil {
			t.Fatal(l.Err())
		}
		return all
	}
	if !slices.Equal(pass(1), pass(3)) {
		t.Error("workers change something")
	}
	u, err := Folder{Dir: dir, Height: 2, Width: 2, Grey: true, Unlabelled: true}.Open()
	if err != nil || u.Len() != 5 || u.Spec().YType != data.NoTarget {
		t.Errorf("unlabelled: %v %v", u, err)
	}
	one := data.Subset(u, []int{2})
	if b, err = data.All(one); err != nil || b.Y != nil || b.X.At(0, 0, 0, 0) < 0.29 || b.X.At(0, 0, 0, 0) > 0.31 {
		t.Errorf("grey: %v %v", b, err)
	}
}

func TestFits(t *testing.T) {
	img := plain(30, 10, color.White) // white, with a red left third and a blue right third
	for y := range 10 {
		for x := range 10 {
			img.Set(x, y, color.RGBA{255, 0, 0, 255})
			img.Set(20+x, y, color.RGBA{0, 0, 255, 255})
		}
	}
	crop := Resize(img, 10, 10, false, CropToFit)
	if v := slices.Min(crop.Float32s()); v != 1 {
		t.Errorf("the middle is white, not %v", v)
	}
	pad := Resize(img, 30, 30, false, PadToFit)
	if pad.At(0, 15, 1) != 0 || pad.At(29, 15, 1) != 0 || pad.At(15, 15, 1) != 1 || pad.At(15, 2, 0) != 1 || pad.At(15, 2, 1) != 0 {
		t.Error("above and below is black, and the picture in the middle")
	}
	stretch := Resize(img, 30, 30, false, Stretch)
	if stretch.At(0, 15, 1) != 1 || stretch.At(29, 2, 0) != 1 || stretch.At(29, 2, 1) != 0 {
		t.Error("the picture is not stretched")
	}
	if same := Resize(img, 10, 30, false, Stretch); same.At(5, 9, 1) != 0 || same.At(5, 10, 1) != 1 {
		t.Error("a picture of the size itself is changed")
	}
	sub := img.SubImage(image.Rect(20, 0, 30, 10)) // bounds that do not begin at 0
	if v := Resize(sub, 5, 5, false, Stretch); v.At(2, 2, 2) != 1 || v.At(2, 2, 0) != 0 {
		t.Error("a part of a picture is read at the wrong place")
	}
}

// huge is the header of a PNG that claims so many pixels.
func huge(w, h uint32) []byte {
	b := encodedPNG()
	for i := range 4 {
		b[16+i], b[20+i] = byte(w>>(24-8*i)), byte(h>>(24-8*i))
	}
	crc := crc32(b[12:29])
	copy(b[29:33], crc[:])
	return b
}

func encodedPNG() []byte {
	var b bytes.Buffer
	png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 1, 1)))
	return b.Bytes()
}

func crc32(b []byte) [4]byte {
	c := ^uint32(0)
	for _, v := range b {
		c ^= uint32(v)
		for range 8 {
			c = c>>1 ^ 0xedb88320*(c&1)
		}
	}
	c = ^c
	return [4]byte{byte(c >> 24), byte(c >> 16), byte(c >> 8), byte(c)}
}

func TestBadFiles(t *testing.T) {
	good := encodedPNG()
	for want, content := range map[string][]byte{"is no picture": []byte("hello"), "claims 60000 x 60000 pixels": huge(60000, 60000), "is a damaged png": good[:len(good)-20], "is no picture: EOF": nil} {
		dir := write(t, t.TempDir(), map[string][]byte{"a/x.png": content})
		s, err := Folder{Dir: dir, Height: 2, Width: 2}.Open()
		if err != nil {
			t.Fatal(err)
		}
		_, err = data.All(s)
		var format *data.FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), "x.png") || len(content) > 0 && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := Load(filepath.Join(dir, "a", "x.png")); err == nil {
			t.Errorf("Load reads a file that %s", want)
		}
	}
	dir := write(t, t.TempDir(), map[string][]byte{"a/x.png": good})
	s, _ := Folder{Dir: dir, Height: 2, Width: 2, MaxBytes: 10}.Open()
	if _, err := data.All(s); err == nil || !strings.Contains(err.Error(), "more than 10") {
		t.Error(err)
	}
	if x, err := Load(filepath.Join(dir, "a", "x.png")); err != nil || !slices.Equal(x.Shape(), dl.Shape{1, 1, 3}) {
		t.Errorf("%v %v", x, err)
	}
	for want, f := range map[string]Folder{"has no folders": {Dir: filepath.Join(dir, "a"), Height: 1, Width: 1}, "has no pictures": {Dir: write(t, t.TempDir(), map[string][]byte{"a/x.txt": nil}), Height: 1, Width: 1}} {
		if _, err := f.Open(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := (Folder{Dir: dir + "/none", Height: 1, Width: 1}).Open(); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	for name, f := range map[string]func(){"no size": func() { Folder{Dir: dir}.Open() }, "huge": func() { Folder{Dir: dir, Height: 1 << 40, Width: 1 << 40}.Open() },
		"fit": func() { Folder{Dir: dir, Height: 1, Width: 1, Fit: 9}.Open() }, "resize": func() { Resize(plain(1, 1, color.White), 0, 1, false, Stretch) }} {
		var value *dl.ValueError
		if err := dl.Try(f); !errors.As(err, &value) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	img := plain(7, 5, color.RGBA{10, 200, 30, 255})
	for _, kind := range []string{"png", "jpeg", "gif"} {
		f.Add(encoded(f, kind, img))
	}
	f.Add(huge(1<<31, 1<<31))
	f.Fuzz(func(t *testing.T, b []byte) {
		out := make([]float32, 4*4*3)
		if err := (Folder{Height: 4, Width: 4, MaxPixels: 1 << 20, Fit: Fit(len(b) % 3)}).decode(out, bytes.NewReader(b)); err != nil {
			return
		}
		for _, v := range out {
			if !(v >= 0 && v <= 1) {
				t.Fatalf("a value of %v", v)
			}
		}
	})
}

func Example() {
	dir, err := os.MkdirTemp("", "flowers")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"rose/1.png", "rose/2.png", "tulip/1.png"} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), encodedPNG(), 0o644)
	}

	flowers, err := Folder{Dir: dir, Height: 32, Width: 32}.Open()
	if err != nil {
		panic(err)
	}
	loader := data.Loader{Dataset: flowers, BatchSize: 2, Workers: 2}
	for i, b := range loader.Batches() {
		fmt.Println(i, b.X.Shape(), b.Y.Int32s())
	}
	fmt.Println(flowers.Classes, loader.Err())
	// Output:
	// 0 [2 32 32 3] [0 0]
	// 1 [1 32 32 3] [1]
	// [rose tulip] <nil>
}
