package plotting

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Drawer is what draws itself onto one of gonum's canvases, as a *plot.Plot does.
type Drawer interface{ Draw(draw.Canvas) }

// Of makes a figure of a *plot.Plot from gonum.org/v1/plot, or of anything that draws as it does. The plot keeps its
// own colours, and has a white card whatever the theme.
func Of(plot Drawer, opts ...OfOption) *Figure {
	o := collect(opts)
	width, height := o.size.or(600, 400)
	const margin = 12
	return &Figure{width: width, height: height, theme: Light, text: fmt.Sprintf("plot, %.0f×%.0f", width, height),
		draw: func(p *pen) {
			c := draw.NewCanvas(p.canvas, vg.Length(width)*perPixel, vg.Length(height)*perPixel)
			plot.Draw(draw.Crop(c, margin*perPixel, -margin*perPixel, margin*perPixel, -margin*perPixel))
		}}
}
