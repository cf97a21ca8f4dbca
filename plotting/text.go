package plotting

import (
	"image/color"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// The two faces every text is drawn with, parsed when the first figure is drawn.
var faces = sync.OnceValue(func() (f struct{ regular, bold *opentype.Font }) {
	parse := func(ttf []byte) *opentype.Font {
		face, err := opentype.Parse(ttf)
		if err != nil {
			panic(err) // the font is linked into the program
		}
		return face
	}
	f.regular, f.bold = parse(liberationsansregular.TTF), parse(liberationsansbold.TTF)
	return f
})

func face(size float64, bold bool) font.Face {
	f := font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size) * perPixel}, Face: faces().regular}
	if bold {
		f.Font.Weight, f.Face = stdfont.WeightBold, faces().bold
	}
	return f
}

// How a text lies about its point.
const (
	left   = 0.0
	center = 0.5
	right  = 1.0
)

type style struct {
	size  float64
	bold  bool
	color color.Color
	align float64
	turn  float64 // radians, counter-clockwise, about the point
}

func (s style) width(text string) float64 {
	f := face(s.size, s.bold)
	return float64(f.Width(text) / perPixel)
}

// text writes a line with its baseline at y. It returns the line's width.
func (p *pen) text(s style, x, y float64, text string) float64 {
	width := s.width(text)
	if text == "" {
		return 0
	}
	p.canvas.SetColor(s.color)
	f, at := face(s.size, s.bold), p.at(x, y)
	shift := vg.Length(-s.align*width) * perPixel
	if s.turn == 0 {
		p.canvas.FillString(f, vg.Point{X: at.X + shift, Y: at.Y}, text)
		return width
	}
	p.canvas.Push()
	p.canvas.Translate(at)
	p.canvas.Rotate(s.turn)
	p.canvas.FillString(f, vg.Point{X: shift}, text)
	p.canvas.Pop()
	return width
}

// fitted shortens a text with an ellipsis until it is no wider than width. Line breaks and control characters become
// spaces: a caption is one line.
func (s style) fitted(text string, width float64) string {
	text = oneLine(text)
	runes := []rune(text)
	if len(runes) > 400 {
		runes = append(runes[:400], '…')
		text = string(runes)
	}
	for len(runes) > 1 && s.width(text) > width {
		runes = runes[:len(runes)-1]
		text = strings.TrimRight(string(runes), " ") + "…"
	}
	return text
}

// paragraph writes a text in as many lines as it needs, most at most, the first with its baseline at y. It returns the
// height of the lines.
func (p *pen) paragraph(s style, x, y, width float64, most int, text string) float64 {
	const leading = 16
	lines := s.wrapped(text, width, most)
	for i, line := range lines {
		p.text(s, x, y+leading*float64(i), line)
	}
	return leading * float64(len(lines))
}

// wrapped breaks a text between words into lines no wider than width; what does not fit into most lines is cut.
func (s style) wrapped(text string, width float64, most int) []string {
	var lines []string
	words := strings.Fields(text)
	for len(words) > 0 {
		n := 1
		for n < len(words) && s.width(strings.Join(words[:n+1], " ")) <= width {
			n++
		}
		if len(lines) == most-1 {
			n = len(words)
		}
		lines = append(lines, s.fitted(strings.Join(words[:n], " "), width))
		words = words[n:]
	}
	return lines
}

// oneLine makes spaces of line breaks and control characters, and shows what is no text.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r) || r == '\u2028' || r == '\u2029':
			return ' '
		case r == 0xFFFE || r == 0xFFFF:
			return unicode.ReplacementChar // XML knows no such characters
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
