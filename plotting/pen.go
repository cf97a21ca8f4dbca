package plotting

import (
	"image"
	"image/color"
	"image/draw"
	"math"

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

// path joins points. One that is not a number would keep the rasteriser busy for ever, as would one that is very far
// away: the former is left out, the latter drawn nearer.
func (p *pen) path(points []point, closed bool) vg.Path {
	var path vg.Path
	const far = 1e5
	for _, q := range points {
		if !finite(q.x) || !finite(q.y) {
			continue
		}
		q = point{min(max(q.x, -far), far), min(max(q.y, -far), far)}
		if len(path) == 0 {
			path.Move(p.at(q.x, q.y))
		} else {
			path.Line(p.at(q.x, q.y))
		}
	}
	if closed && len(path) > 0 {
		path.Close()
	}
	return path
}

func (p *pen) line(c color.Color, width float64, points ...point) { p.dashed(c, width, nil, points...) }

func (p *pen) dashed(c color.Color, width float64, dashes []float64, points ...point) {
	if len(points) < 2 {
		return
	}
	p.canvas.SetColor(c)
	p.canvas.SetLineWidth(vg.Length(width) * perPixel)
	if p.raster > 0 {
		// The time that the rasteriser takes grows with the square of a stroke's length.
		p.canvas.SetLineDash(nil, 0)
		for _, piece := range pieces(broken(points, dashes)) {
			p.canvas.Stroke(p.path(piece, false))
		}
		return
	}
	lengths := make([]vg.Length, len(dashes))
	for i, d := range dashes {
		lengths[i] = vg.Length(d) * perPixel
	}
	p.canvas.SetLineDash(lengths, 0)
	p.canvas.Stroke(p.path(points, false))
}

// pieces cuts lines into short ones. Two that follow one another share a segment, so that the corner between them is
// drawn as the others are.
func pieces(lines [][]point) [][]point {
	const length = 32
	var short [][]point
	for _, line := range lines {
		for len(line) > length+2 {
			short, line = append(short, line[:length+2]), line[length:]
		}
		short = append(short, line)
	}
	return short
}

// broken cuts a line into dashes: lengths that are drawn and left out by turns.
func broken(line []point, dashes []float64) [][]point {
	if len(dashes) == 0 {
		return [][]point{line}
	}
	var parts [][]point
	part, turn, left := []point{line[0]}, 0, dashes[0]
	for i := 1; i < len(line); i++ {
		from, to := line[i-1], line[i]
		length := math.Hypot(to.x-from.x, to.y-from.y)
		if !finite(length) || length > 1e5 {
			continue
		}
		for at := 0.0; ; {
			if at+left > length {
				left -= length - at
				part = append(part, to)
				break
			}
			at += left
			q := point{from.x + (to.x-from.x)*at/length, from.y + (to.y-from.y)*at/length}
			if turn%2 == 0 {
				parts = append(parts, append(part, q))
			}
			part, turn = []point{q}, turn+1
			left = max(dashes[turn%len(dashes)], 0.5)
		}
	}
	if turn%2 == 0 && len(part) > 1 {
		parts = append(parts, part)
	}
	return parts
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
	if !finite(x) || !finite(y) {
		return
	}
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
	} else if w, h := int(b.w*scale), int(b.h*scale); img.Bounds().Dx() > w || img.Bounds().Dy() > h {
		// A vector file holds the picture as it is: no more of it than is seen.
		img = resized(img, min(img.Bounds().Dx(), max(w, 1)), min(img.Bounds().Dy(), max(h, 1)))
	}
	if img == nil {
		return
	}
	p.canvas.DrawImage(p.rectangle(b), img)
}

func (p *pen) rectangle(b box) vg.Rectangle {
	return vg.Rectangle{Min: p.at(b.x, b.bottom()), Max: p.at(b.right(), b.y)}
}

// resized enlarges an image by its nearest pixels; where it must shrink it takes the mean of what a pixel covers.
func resized(img image.Image, w, h int) image.Image {
	from := img.Bounds()
	if w <= 0 || h <= 0 || from.Empty() {
		return nil
	}
	source, ok := img.(*image.RGBA)
	if !ok { // pixels are read many times
		source = image.NewRGBA(from)
		draw.Draw(source, from, img, from.Min, draw.Src)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		y0 := y * from.Dy() / h
		y1 := max((y+1)*from.Dy()/h, y0+1)
		for x := range w {
			x0 := x * from.Dx() / w
			x1 := max((x+1)*from.Dx()/w, x0+1)
			var sum [4]int
			for v := y0; v < y1; v++ {
				row := source.Pix[source.PixOffset(from.Min.X+x0, from.Min.Y+v):]
				for u := 0; u < 4*(x1-x0); u += 4 {
					for k := range sum {
						sum[k] += int(row[u+k])
					}
				}
			}
			n := (y1 - y0) * (x1 - x0)
			out.SetRGBA(x, y, color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)})
		}
	}
	return out
}
