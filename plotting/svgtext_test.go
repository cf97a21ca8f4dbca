package plotting

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every text of every figure says how wide it is, in well-formed SVG.
func TestSVGTextKeepsItsWidth(t *testing.T) {
	for name, figure := range gallery {
		svg := figure().SVG()
		if texts, widths := strings.Count(svg, "<text "), strings.Count(svg, `<text textLength="`); texts != widths || texts == 0 && name != "images_captions" {
			t.Errorf("%s: %d texts, %d widths", name, texts, widths)
		}
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

// The width is that of the letters shown, in points, whatever had to be escaped.
func TestSVGTextWidthOfEscapedLetters(t *testing.T) {
	svg := Line(nil, []float64{1, 2}, Title("a<b & c")).SVG()
	m := regexp.MustCompile(`textLength="([0-9.]+)"[^>]*>a&lt;b &amp; c<`).FindStringSubmatch(svg)
	if m == nil {
		t.Fatal("title not found")
	}
	got, _ := strconv.ParseFloat(m[1], 64)
	want := style{size: titleSize, bold: true}.width("a<b & c") * 0.75
	if got < want-0.02 || got > want+0.02 {
		t.Errorf("width %v, want %v", got, want)
	}
}

func TestSVGShrinksToANarrowPage(t *testing.T) {
	svg := Bars([]string{"a", "b"}, []float64{3, 1}).SVG()
	root := svg[strings.Index(svg, "<svg "):]
	root = root[:strings.Index(root, ">")]
	for _, part := range []string{`style="max-width:100%;height:auto"`, `width="345pt"`, `viewBox="0 0 345 90"`} {
		if !strings.Contains(root, part) {
			t.Errorf("no %s in %s", part, root)
		}
	}
}
