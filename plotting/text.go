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

// linked is the face, regular or bold, that is part of the program.
func linked(bold bool) *opentype.Font {
	if bold {
		return faces().bold
	}
	return faces().regular
}

func face(f *opentype.Font, size float64, bold bool) font.Face {
	described := font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Length(size) * perPixel}
	if bold {
		described.Weight = stdfont.WeightBold
	}
	return font.Face{Font: described, Face: f}
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
	width := 0.0
	for _, r := range runs(visual(text), linked(s.bold)) {
		width += s.runWidth(r)
	}
	return width
}

// runWidth is the width of letters of one font, or of the boxes that stand for letters of none.
func (s style) runWidth(r run) float64 {
	if r.font == nil {
		return float64(len([]rune(r.text))) * s.size * boxAdvance
	}
	f := face(r.font, s.size, s.bold)
	return float64(f.Width(r.text) / perPixel)
}

// The box that stands for a letter, in parts of the font's size.
const (
	boxAdvance = 0.75
	boxWidth   = 0.55
	boxHeight  = 0.7
)

// text writes a line with its baseline at y. It returns the line's width.
func (p *pen) text(s style, x, y float64, text string) float64 {
	if text == "" {
		return 0
	}
	width := s.width(text)
	p.canvas.SetColor(s.color)
	at := p.at(x, y)
	shift := vg.Length(-s.align*width) * perPixel
	if s.turn == 0 {
		p.letters(s, vg.Point{X: at.X + shift, Y: at.Y}, text)
		return width
	}
	p.canvas.Push()
	p.canvas.Translate(at)
	p.canvas.Rotate(s.turn)
	p.letters(s, vg.Point{X: shift}, text)
	p.canvas.Pop()
	return width
}

// letters writes a text from a point on.
func (p *pen) letters(s style, at vg.Point, text string) {
	if p.raster > 0 {
		text = visual(text)
	}
	for _, r := range runs(text, linked(s.bold)) {
		switch {
		case p.raster == 0: // a viewer of SVG looks for the letters itself
			p.canvas.FillString(face(linked(s.bold), s.size, s.bold), at, r.text)
		case r.font == nil:
			p.boxes(s, at, len([]rune(r.text)))
		default:
			p.canvas.FillString(face(r.font, s.size, s.bold), at, r.text)
		}
		at.X += vg.Length(s.runWidth(r)) * perPixel
	}
}

// boxes stand for letters that no font has.
func (p *pen) boxes(s style, at vg.Point, n int) {
	unit := vg.Length(s.size) * perPixel
	p.canvas.SetLineWidth(unit * 0.08)
	p.canvas.SetLineDash(nil, 0)
	for i := range n {
		x := at.X + unit*vg.Length(boxAdvance*float64(i)+(boxAdvance-boxWidth)/2)
		var path vg.Path
		path.Move(vg.Point{X: x, Y: at.Y})
		path.Line(vg.Point{X: x + unit*boxWidth, Y: at.Y})
		path.Line(vg.Point{X: x + unit*boxWidth, Y: at.Y + unit*boxHeight})
		path.Line(vg.Point{X: x, Y: at.Y + unit*boxHeight})
		path.Close()
		p.canvas.Stroke(path)
	}
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

// fittedMiddle shortens a text as fitted does, but in its middle: names often differ at their ends.
func (s style) fittedMiddle(text string, width float64) string {
	text = oneLine(text)
	runes := []rune(text)
	if s.width(text) <= width {
		return text
	}
	for keep := min(len(runes)-1, 200); keep > 1; keep-- {
		text = strings.TrimRight(string(runes[:(keep+1)/2]), " ") + "…" + strings.TrimLeft(string(runes[len(runes)-keep/2:]), " ")
		if s.width(text) <= width {
			break
		}
	}
	return text
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
