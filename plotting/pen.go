package plotting

import (
	"image"
	"image/color"
	"math"
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// perPixel is the length of a CSS pixel: 96 of them are an inch.
const perPixel = vg.Inch / 96

// pen draws on a canvas in CSS pixels from the upper left corner, y downwards.
type pen struct {
	canvas vg.Canvas
	height float64
	theme  Theme
	raster float64 // device pixels in a CSS pixel, 0 for vector canvases
}

type box struct{ x, y, w, h float64 }

func (b box) right() float64  { return b.x + b.w }
func (b box) bottom() float64 { return b.y + b.h }

func (p *pen) at(x, y float64) vg.Point {
	return vg.Point{X: vg.Length(x) * perPixel, Y: vg.Length(p.height-y) * perPixel}
}

type point struct{ x, y float64 }

func (p *pen) path(points []point, closed bool) vg.Path {
	var path vg.Path
	for i, q := range points {
		if i == 0 {
			path.Move(p.at(q.x, q.y))
		} else {
			path.Line(p.at(q.x, q.y))
		}
	}
	if closed {
		path.Close()
	}
	return path
}

func (p *pen) line(c color.Color, width float64, points ...point) { p.dashed(c, width, nil, points...) }

func (p *pen) dashed(c color.Color, width float64, dashes []float64, points ...point) {
	if len(points) < 2 {
		return
	}
	lengths := make([]vg.Length, len(dashes))
	for i, d := range dashes {
		lengths[i] = vg.Length(d) * perPixel
	}
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(vg.Length(width) * perPixel)
	p.canvas.SetLineDash(lengths, 0)
	p.canvas.Stroke(p.path(points, false))
}

func (p *pen) fill(c color.Color, points ...point) {
	p.canvas.SetColor(c)
	p.canvas.Fill(p.path(points, true))
}

func (p *pen) rect(c color.Color, b box) {
	p.fill(c, point{b.x, b.y}, point{b.right(), b.y}, point{b.right(), b.bottom()}, point{b.x, b.bottom()})
}

func (p *pen) frame(c color.Color, width float64, b box) {
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(vg.Length(width) * perPixel)
	p.canvas.SetLineDash(nil, 0)
	p.canvas.Stroke(p.path([]point{{b.x, b.y}, {b.right(), b.y}, {b.right(), b.bottom()}, {b.x, b.bottom()}}, true))
}

// rounded fills a box with rounded corners.
func (p *pen) rounded(c color.Color, b box, radius float64) {
	var points []point
	corner := func(x, y, from float64) {
		for i := range 9 {
			sin, cos := math.Sincos((from + 90*float64(i)/8) * math.Pi / 180)
			points = append(points, point{x + radius*cos, y + radius*sin})
		}
	}
	corner(b.right()-radius, b.bottom()-radius, 0)
	corner(b.x+radius, b.bottom()-radius, 90)
	corner(b.x+radius, b.y+radius, 180)
	corner(b.right()-radius, b.y+radius, 270)
	p.fill(c, points...)
}

func (p *pen) circle(x, y, radius float64) vg.Path {
	var path vg.Path
	center, r := p.at(x, y), vg.Length(radius)*perPixel
	path.Move(vg.Point{X: center.X + r, Y: center.Y})
	path.Arc(center, r, 0, 2*math.Pi)
	path.Close()
	return path
}

func (p *pen) dot(c color.Color, x, y, radius float64) {
	p.canvas.SetColor(c)
	p.canvas.Fill(p.circle(x, y, radius))
}

func (p *pen) ring(c color.Color, width, x, y, radius float64) {
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(vg.Length(width) * perPixel)
	p.canvas.SetLineDash(nil, 0)
	p.canvas.Stroke(p.circle(x, y, radius))
}

// picture draws an image into a box with its pixels kept sharp.
func (p *pen) picture(img image.Image, b box) {
	if p.raster > 0 {
		// Enlarged here to exactly the device's pixels, so that the canvas has nothing to smooth.
		x0, y0 := math.Round(b.x*p.raster), math.Round(b.y*p.raster)
		x1, y1 := math.Round(b.right()*p.raster), math.Round(b.bottom()*p.raster)
		img = resized(img, int(x1-x0), int(y1-y0))
		b = box{x0 / p.raster, y0 / p.raster, (x1 - x0) / p.raster, (y1 - y0) / p.raster}
	}
	if img == nil {
		return
	}
	p.canvas.DrawImage(vg.Rectangle{Min: p.at(b.x, b.bottom()), Max: p.at(b.right(), b.y)}, img)
}

// resized enlarges an image by its nearest pixels; where it must shrink it takes the mean of what a pixel covers.
func resized(img image.Image, w, h int) image.Image {
	from := img.Bounds()
	if w <= 0 || h <= 0 || from.Empty() {
		return nil
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0 := from.Min.Y + y*from.Dy()/h
		y1 := max(from.Min.Y+(y+1)*from.Dy()/h, y0+1)
		for x := range w {
			x0 := from.Min.X + x*from.Dx()/w
			x1 := max(from.Min.X+(x+1)*from.Dx()/w, x0+1)
			var r, g, b, a, n uint32
			for v := y0; v < y1; v++ {
				for u := x0; u < x1; u++ {
					pr, pg, pb, pa := img.At(u, v).RGBA()
					r, g, b, a, n = r+pr>>8, g+pg>>8, b+pb>>8, a+pa>>8, n+1
				}
			}
			out.SetRGBA(x, y, color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(a / n)})
		}
	}
	return out
}

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
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
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
