package plotting

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The golden images do not depend on the fonts of the machine.
func TestMain(m *testing.M) {
	machineFonts = &fallback{files: func() []string { return nil }, tell: func(string) {}}
	os.Exit(m.Run())
}

// What the linked font lacks comes from a font of the machine that has it, and what none has is told once.
func TestFallbackFonts(t *testing.T) {
	dir := t.TempDir()
	broken, good := filepath.Join(dir, "broken.ttf"), filepath.Join(dir, "good.ttf")
	if err := errors.Join(os.WriteFile(broken, []byte("no font"), 0o666), os.WriteFile(good, liberationsansregular.TTF, 0o666)); err != nil {
		t.Fatal(err)
	}
	var told []string
	f := &fallback{files: func() []string { return []string{"missing.ttf", broken, good} }, tell: func(s string) { told = append(told, s) }}
	if font := f.of('Ω'); font == nil || f.of('Ж') != font || len(f.open) != 1 {
		t.Errorf("%d fonts opened", len(f.open))
	}
	if f.of('猫') != nil || f.of('犬') != nil || f.of('猫') != nil {
		t.Error("letters found that the font does not have")
	}
	if len(told) != 1 || !strings.Contains(told[0], "'猫' (U+732B)") {
		t.Errorf("told %q", told)
	}
}

func TestRuns(t *testing.T) {
	var got []string
	for _, r := range runs("Δ∇w∇ 猫犬 a\u200d\ufe0f", linked(false)) {
		name := "box"
		if r.font != nil {
			name = "font"
		}
		got = append(got, name+":"+r.text)
	}
	if s := strings.Join(got, "|"); s != "font:Δ|box:∇|font:w|box:∇|font: |box:猫犬|font: a" {
		t.Error(s)
	}
}

func TestVisual(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc", "é שלום עולם!": "é םלוע םולש!", "class مر 3": "class \uFEAE\uFEE3 3", "": ""} {
		if got := visual(in); got != want {
			t.Errorf("visual(%q) = %q, want %q", in, got, want)
		}
	}
}

// Arabic letters join their neighbours, over vowel signs too, where both can.
func TestJoined(t *testing.T) {
	for in, want := range map[string]string{
		"abc שלום": "abc שלום", "مرحبا": "\uFEE3\uFEAE\uFEA3\uFE92\uFE8E", "سلام": "\uFEB3\uFEFC\uFEE1", "لا": "\uFEFB",
		"پدر": "\uFB58\uFEAA\uFEAD", "م": "\uFEE1", "مَر": "\uFEE3\u064E\uFEAE", "شيء": "\uFEB7\uFEF2\uFE80", "بـ ب": "\uFE91ـ \uFE8F",
		"۳ کی": "۳ \uFB90\uFBFD",
	} {
		if got := joined(in); got != want {
			t.Errorf("joined(%q) = %+q, want %+q", in, got, want)
		}
	}
	if f := arabicForms()['ي']; f != (forms{0xFEF1, 4}) {
		t.Errorf("yeh has the forms %x", f)
	}
}

// A letter without a font is a box, not nothing.
func TestMissingLettersAreSeen(t *testing.T) {
	dark := func(title string) (n int) {
		img := Line(nil, []float64{1, 2}, Title(title)).Image()
		for y := range 2 * 32 {
			for x := range img.Bounds().Dx() {
				if r, _, _, a := img.At(x, y).RGBA(); a > 0 && r < 0x8000 {
					n++
				}
			}
		}
		return n
	}
	if one, two := dark("猫"), dark("猫犬"); one < 100 || two < one+80 {
		t.Errorf("%d and %d dark pixels", one, two)
	}
}

// talker is a plot that writes what no XML file may hold.
type talker struct{}

func (talker) Draw(c draw.Canvas) {
	c.FillString(face(linked(false), 12, false), vg.Point{X: 10, Y: 10}, "a\x00b\ufffe")
}

func TestSVGIsWellFormedWhateverIsWritten(t *testing.T) {
	for _, f := range []*Figure{Of(talker{}), Line(nil, []float64{1}, Title("\ufffe\uffff\x00\x1b[31m<&>\u2028\xff"))} {
		for d := xml.NewDecoder(strings.NewReader(f.SVG())); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
}
