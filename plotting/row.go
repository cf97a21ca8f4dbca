package plotting

import (
	"strings"

	"gonum.org/v1/plot/vg"

	"modelbook/internal/number"
)

// Beside puts figures side by side, in rows of so many as fit into a width of 1240 pixels, or as [Size] or [Columns]
// says. Each keeps its own card; the theme's card lies behind them.
func Beside(figures []*Figure, opts ...BesideOption) *Figure {
	o := collect(opts)
	const gap, page = 12.0, 1240.0 // two figures of the usual width, which notebooks shrink to their page
	limit, _ := o.size.or(page, 0)
	all := &Figure{theme: o.theme}
	type placed struct {
		*Figure
		x, y float64
	}
	var places []placed
	x, y, tall, inRow := 0.0, 0.0, 0.0, 0
	if o.title != "" {
		y = 36
	}
	for _, f := range figures {
		if f == nil {
			continue
		}
		full := x+f.width > limit
		if o.columns > 0 {
			full = inRow == o.columns
		}
		if full && inRow > 0 {
			x, y, tall, inRow = 0, y+tall+gap, 0, 0
		}
		places = append(places, placed{f, x, y})
		x, tall, inRow = x+f.width+gap, max(tall, f.height), inRow+1
		all.width, all.height = max(all.width, x-gap), max(all.height, y+tall)
	}
	words := []string{titled(o.title) + number.Plural(len(places), "figure", "figures")}
	for _, p := range places {
		words = append(words, p.text)
	}
	all.text = strings.Join(words, "\n")
	if len(places) == 0 {
		all.width, all.height = 160, 60
	}
	all.draw = func(p *pen) {
		p.heading(o.title, box{16, 14, all.width - 32, 20})
		for _, f := range places {
			p.canvas.Push()
			p.canvas.Translate(vg.Point{X: vg.Length(f.x) * perPixel, Y: vg.Length(all.height-f.y-f.height) * perPixel})
			f.paint(p.canvas, p.raster)
			p.canvas.Pop()
		}
	}
	return all
}
