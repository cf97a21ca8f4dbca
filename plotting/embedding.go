package plotting

import "modelbook/dl"

// Embedding draws points of two dimensions [N, 2], such as those of manifold.PCA and manifold.TSNE, with one scale for
// both axes, so that distances are what they seem. [ColorBy] gives the points the colours of their classes or values.
func Embedding(points *dl.Tensor, opts ...ScatterOption) *Figure {
	const op = "plotting.Embedding"
	o := collect(opts)
	if points == nil || points.Rank() != 2 || points.Shape()[1] != 2 {
		shape := dl.Shape{}
		if points != nil {
			shape = points.Shape()
		}
		panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{shape}, Detail: "points of two dimensions are [N, 2]"})
	}
	values := numbers(op, points)
	cloud := Series{X: []float64{}, Points: true}
	for i := 0; i < len(values); i += 2 {
		cloud.X, cloud.Y = append(cloud.X, values[i]), append(cloud.Y, values[i+1])
	}
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, lines: []Series{cloud}, logX: o.logX, logY: o.logY, empty: "no points"}
	if by := o.colorBy; by != nil && by.Values != nil {
		if names, ok := by.names(); ok {
			p.lines, p.legend = by.named(op, cloud, names), true
		} else {
			p.bar = newColorBar(by.values(op, cloud.len()), by.Name)
		}
	}
	if !o.logX && !o.logY {
		p.square(500, 440)
	}
	p.note = p.leftOut()
	if p.bar != nil {
		p.note = sentence(p.note, p.bar.note())
	}
	return p.figure(o, 560, 500, titled(o.title)+p.words())
}

// square makes both axes of a panel, of about a size, have one scale.
func (p *panel) square(w, h float64) {
	x, y, drawn := p.axes(w, h, 8)
	if !drawn {
		return
	}
	unit := max(x.hi/w-x.lo/w, y.hi/h-y.lo/h)
	spread := func(a axis, pixels float64) [2]float64 {
		middle := a.lo/2 + a.hi/2
		return [2]float64{middle - unit*pixels/2, middle + unit*pixels/2}
	}
	if reachX, reachY := spread(x, w), spread(y, h); finite(reachX[0]) && finite(reachX[1]) && finite(reachY[0]) && finite(reachY[1]) {
		p.reach, p.reachY = reachX, reachY
	}
}
