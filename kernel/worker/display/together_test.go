package display

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
	"reflect"
	"strings"
	"testing"
)

// card is a figure of a colour, with two pixels to the CSS pixel.
type card struct {
	w, h int
	grey uint8
}

func (c *card) String() string { return "card\nof paper" }
func (c *card) MimeBundle() map[string]any {
	var b bytes.Buffer
	if err := png.Encode(&b, filled(2*c.w, 2*c.h, c.grey)); err != nil {
		panic(err)
	}
	return map[string]any{"image/png": b.Bytes()}
}
func (c *card) MimeMetadata() map[string]any {
	return map[string]any{"image/png": map[string]any{"width": c.w, "height": c.h, "alt": "a card"}}
}

func filled(w, h int, grey uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	return img
}

func decoded(t *testing.T, data map[string]any) image.Image {
	t.Helper()
	encoded, _ := data["image/png"].(string)
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in %v", err, data["text/plain"])
	}
	return img
}

// Lists of pictures are one picture, in rows as wide as a page, whatever holds them and however sharp each is.
func TestPicturesSideBySide(t *testing.T) {
	a, b, c := &card{300, 100, 50}, &card{600, 60, 100}, &card{400, 30, 200}
	coarse := filled(90, 100, 250)
	type at struct {
		x, y int
		grey uint8
		none bool
	}
	for name, c := range map[string]struct {
		v             any
		width, height int
		points        []at
	}{
		"a row":          {[]*card{a, b}, 912, 100, []at{{1, 1, 50, false}, {599, 199, 50, false}, {600, 1, 0, true}, {624, 1, 100, false}, {1823, 119, 100, false}, {1823, 121, 0, true}}},
		"two rows":       {[]*card{a, b, c}, 912, 142, []at{{799, 225, 200, false}, {799, 222, 0, true}, {801, 283, 0, true}}},
		"an array":       {[2]*card{c, c}, 812, 30, []at{{0, 0, 200, false}}},
		"interfaces":     {[]any{a, c}, 712, 100, nil},
		"a pointer":      {&[]*card{a}, 300, 100, nil},
		"images":         {[]image.Image{coarse, filled(80, 30, 9)}, 182, 100, []at{{89, 99, 250, false}, {90, 0, 0, true}, {102, 29, 9, false}}},
		"typed images":   {[]*image.Gray{coarse}, 90, 100, nil},
		"both":           {[]any{a, coarse}, 402, 100, []at{{624, 0, 250, false}, {803, 199, 250, false}}},
		"several values": {several{a, coarse}, 402, 100, nil},
	} {
		t.Run(name, func(t *testing.T) {
			data, metadata := Bundle(c.v)
			img := decoded(t, data)
			about, _ := metadata["image/png"].(map[string]any)
			if about["width"] != c.width || about["height"] != c.height {
				t.Fatalf("%v, want %d×%d", about, c.width, c.height)
			}
			for _, p := range c.points {
				got := color.NRGBAModel.Convert(img.At(p.x, p.y)).(color.NRGBA)
				if got.A == 0 != p.none || !p.none && got.R != p.grey {
					t.Errorf("the point %d, %d is %v, want %d", p.x, p.y, got, p.grey)
				}
			}
		})
	}
}

// What is no picture is not hidden by the pictures beside it.
func TestPicturesBesideOthers(t *testing.T) {
	a := &card{30, 10, 50}
	for name, c := range map[string]struct {
		v    any
		want []string
	}{
		"a nil":          {[]*card{a, nil}, []string{"<img width=\"30\" height=\"10\" alt=\"card\" src=\"data:image/png;base64,", "<pre>(*display.card)(nil)</pre>"}},
		"a number":       {several{a, 3}, []string{"<img ", "<pre>3</pre>"}},
		"text":           {[]any{a, "1 < 2"}, []string{"<pre>&#34;1 &lt; 2&#34;</pre>"}},
		"a page":         {[]any{a, page{}}, []string{"<div><p></div>"}},
		"many":           {slicesOf(a, 50), []string{"… 10 more"}},
		"what panics":    {[]any{a, brokenFigure{1}}, []string{"MimeBundle panicked: no picture"}},
		"a map":          {map[string]*card{"b<": a, "a": a}, []string{"<div><b>a</b></div><div", "</div><div><b>b&lt;</b></div><div", "<img "}},
		"a nested list":  {[]any{a, []*card{a}}, []string{"<img "}},
		"several tables": {several{page{}, a}, []string{"<div><p></div>", "<img "}},
	} {
		data, _ := Bundle(c.v)
		text, _ := data["text/html"].(string)
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %s in %.400s", name, want, text)
			}
		}
		if data["image/png"] != nil {
			t.Errorf("%s: a picture without the others", name)
		}
	}
	itself := []any{a, nil}
	itself[1] = itself
	if data, _ := Bundle(itself); data["text/html"] == nil {
		t.Errorf("a list that holds itself: %v", data["text/plain"])
	}
}

func slicesOf(c *card, n int) []*card {
	list := make([]*card, n)
	for i := range list {
		list[i] = c
	}
	return list
}

// Lists of other things are what they were.
func TestNoPictures(t *testing.T) {
	for _, v := range []any{[]any{1, &card{1, 1, 1}}, []*card{}, []*card(nil), []*card{nil}, []any{nil}, map[string]any{"a": 1}, map[int]*card{1: nil}, map[string]*card{}, []image.Image{nil}, []image.Image{image.NewUniform(color.Black)},
		[]brokenFigure{{1}}, several{1, "a"}} {
		data, _ := Bundle(v)
		if data["image/png"] != nil || data["text/plain"] == "" || reflect.TypeOf(v) == reflect.TypeFor[[]any]() && data["text/html"] != nil {
			t.Errorf("%v is shown as %v", v, data)
		}
	}
	if data, _ := Values(1, error(nil)); data["text/plain"] != "1\nnil" {
		t.Errorf("%v", data)
	}
}
