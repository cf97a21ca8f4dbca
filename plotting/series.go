package plotting

import (
	"image"
	"image/color"
	"math"
)

// Series is a line, or a cloud of points, in a figure. X may be nil: then the values are numbered from 0. Where a
// value is NaN or infinite the line has a gap. Low and High, as long as Y or nil, are a band about the line, such as the
// spread of several trainings.
type Series struct {
	Name      string
	X, Y      []float64
	Low, High []float64
	Points    bool // points without a line
	Dashed    bool // such as what is only expected
}

func (s Series) x(i int) float64 {
	if s.X == nil {
		return float64(i)
	}
	return s.X[i]
}

func (s Series) len() int { return len(s.Y) }

// band is the band's extent at a point, NaN where there is none.
func (s Series) band(i int) (low, high float64) {
	if i < len(s.Low) && i < len(s.High) {
		return s.Low[i], s.High[i]
	}
	return math.NaN(), math.NaN()
}

// dashesOf tell lines apart when the colours begin again.
var dashesOf = [][]float64{nil, {7, 3}, {2, 3}, {8, 3, 2, 3}}

// drawSeries draws a line with a mark on every value while there are few; marks alone where a value has no neighbour.
func (p *panel) drawSeries(pen *pen, i int, s Series, at func(x, y float64) point, area box) {
	c := p.color(pen.theme, i)
	dashes := dashesOf[i/len(pen.theme.Series)%len(dashesOf)]
	if s.Dashed {
		dashes = dashesOf[1]
	}
	var run, marks []point
	every := s.len() <= int(area.w/9) && !s.Dashed && !p.plain
	flush := func() {
		if !s.Points {
			pen.dashed(c, 2, dashes, thinned(run, area)...)
		}
		if s.Points || every || len(run) == 1 {
			marks = append(marks, run...)
		}
		run = run[:0]
	}
	for j := range s.len() {
		if x, y := s.x(j), s.Y[j]; p.shows(x, y) {
			run = append(run, at(x, y))
		} else {
			flush()
		}
	}
	flush()
	if len(marks) > 2000 {
		pen.cloud(func(int) color.RGBA { return c }, marks, area)
		return
	}
	r, alpha := dotSize(len(marks), s.Points)
	for _, q := range marks {
		mark(pen, color.NRGBA{c.R, c.G, c.B, alpha}, i, q, r)
	}
}

// dotSize makes the marks of many points small and translucent, so that they do not become one blob.
func dotSize(n int, cloud bool) (radius float64, alpha uint8) {
	switch {
	case !cloud || n < 20:
		return 3.2, 255
	case n < 200:
		return 2.6, 255
	case n < 700:
		return 2.3, 200
	}
	return 2, 150
}

// drawBand fills the band about a line.
func (p *panel) drawBand(pen *pen, s Series, c color.RGBA, at func(x, y float64) point) {
	var upper, lower []point
	flush := func() {
		if len(upper) > 1 {
			for i := len(lower) - 1; i >= 0; i-- {
				upper = append(upper, lower[i])
			}
			pen.fill(color.NRGBA{c.R, c.G, c.B, 56}, upper...)
		}
		upper, lower = nil, nil
	}
	for i := range s.len() {
		x := s.x(i)
		if low, high := s.band(i); p.shows(x, low) && p.shows(x, high) {
			upper, lower = append(upper, at(x, high)), append(lower, at(x, low))
		} else {
			flush()
		}
	}
	flush()
}

// mark is a dot for the first line, a square for the second, a diamond for the third: the shape tells lines apart
// where colours do not.
func mark(pen *pen, c color.Color, i int, q point, r float64) {
	switch i % 3 {
	case 0:
		pen.dot(c, q.x, q.y, r)
	case 1:
		r *= 0.95
		pen.rect(c, box{q.x - r, q.y - r, 2 * r, 2 * r})
	case 2:
		r *= 1.35
		pen.fill(c, point{q.x, q.y - r}, point{q.x + r, q.y}, point{q.x, q.y + r}, point{q.x - r, q.y})
	}
}

// cloud draws thousands of dots as one picture: in a vector file each would be an object of its own. One dot leaves some
// of what lies behind it visible.
func (p *pen) cloud(of func(i int) color.RGBA, dots []point, area box) {
	const margin = 4
	area = box{math.Floor(area.x) - margin, math.Floor(area.y) - margin, math.Ceil(area.w) + 2*margin + 1, math.Ceil(area.h) + 2*margin + 1}
	w, h := int(area.w*scale), int(area.h*scale)
	pixels := make([][4]float32, w*h) // red, green and blue, multiplied by the alpha
	radius, alpha := 1.5*scale, float32(0.5)
	if len(dots) > 20_000 {
		radius, alpha = 1.1*scale, 0.3
	}
	stamp, side := disc(radius)
	for j, d := range dots {
		x0, y0 := int(math.Round((d.x-area.x)*scale))-side/2, int(math.Round((d.y-area.y)*scale))-side/2
		c := of(j)
		for i, share := range stamp {
			x, y := x0+i%side, y0+i/side
			if share > 0 && x >= 0 && y >= 0 && x < w && y < h {
				q, a := &pixels[y*w+x], alpha*share
				for k, v := range [4]uint8{c.R, c.G, c.B, 255} {
					q[k] += a * (float32(v) - q[k])
				}
			}
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, q := range pixels {
		for k, v := range q {
			img.Pix[4*i+k] = uint8(math.Round(float64(v)))
		}
	}
	p.canvas.DrawImage(p.rectangle(area), img)
}

// disc is how much a dot covers of each pixel of a square about it.
func disc(radius float64) (covered []float32, side int) {
	side = 2*int(math.Ceil(radius)) + 1
	covered = make([]float32, side*side)
	for i := range covered {
		d := math.Hypot(float64(i%side-side/2), float64(i/side-side/2))
		covered[i] = float32(min(max(radius+0.5-d, 0), 1))
	}
	return covered, side
}

// thinned keeps, of a line with many more points than the area has pixels, the first, lowest, highest and last of
// every half pixel's column: the drawing is the same, the file a hundredth.
func thinned(points []point, area box) []point {
	if len(points) <= int(4*area.w) {
		return points
	}
	var kept []point
	for i := 0; i < len(points); {
		column := math.Floor(points[i].x * 2)
		low, high, j := i, i, i
		for ; j < len(points) && math.Floor(points[j].x*2) == column; j++ {
			if points[j].y < points[low].y {
				low = j
			}
			if points[j].y > points[high].y {
				high = j
			}
		}
		last := -1
		for _, k := range []int{i, min(low, high), max(low, high), j - 1} {
			if k != last {
				kept, last = append(kept, points[k]), k
			}
		}
		i = j
	}
	return kept
}

// drawBins fills the bars of a histogram, a hair of card between them where they are wide enough.
func (p *panel) drawBins(pen *pen, s Series, at func(x, y float64) point, area box) {
	for i := 0; i+1 < s.len(); i += 2 {
		if !(s.Y[i] > 0) {
			continue
		}
		a, b := at(s.x(i), s.Y[i]), at(s.x(i+1), s.Y[i+1])
		zero := point{a.x, area.bottom()}
		if !p.logY {
			zero = at(s.x(i), 0)
		}
		hair := min((b.x-a.x)*0.08, 1)
		width := max(b.x-a.x-2*hair, 1) // a bar however narrow is seen
		pen.rect(p.color(pen.theme, 0), box{(a.x+b.x)/2 - width/2, a.y, width, zero.y - a.y})
	}
}
