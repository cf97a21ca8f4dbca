package plotting

import (
	"math"
	"slices"

	"modelbook/dl"
)

// Embedding draws points of two dimensions [N, 2], such as those of manifold.PCA and manifold.TSNE, with one scale for
// both axes, so that distances are what they seem. [ColorBy] gives the points the colours of their classes or values; the
// name of a class whose points lie together stands in their middle, too.
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
			p.over = together(cloud, p.lines).draw
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

// islands are the names of clouds of points that lie together, and where.
type islands []struct {
	name string
	at   point
}

// together finds the clouds that reach less than half as far about their middle as all points do about theirs.
func together(all Series, clouds []Series) (list islands) {
	_, reach := middle(all)
	if len(clouds) < 2 || len(clouds) > mostColours {
		return nil
	}
	for _, c := range clouds {
		if m, r := middle(c); c.len() > 2 && r < reach/2 {
			list = append(list, struct {
				name string
				at   point
			}{legendStyle.fitted(c.Name, 160), m})
		}
	}
	return list
}

// middle is the median of a cloud of points, and the median of their distances from it.
func middle(s Series) (m point, reach float64) {
	var xs, ys, distances []float64
	for i := range s.len() {
		if finite(s.x(i)) && finite(s.Y[i]) {
			xs, ys = append(xs, s.x(i)), append(ys, s.Y[i])
		}
	}
	if len(xs) == 0 {
		return point{}, math.Inf(1)
	}
	half := func(v []float64) float64 {
		v = slices.Sorted(slices.Values(v))
		return v[len(v)/2]
	}
	m = point{half(xs), half(ys)}
	for i := range xs {
		distances = append(distances, math.Hypot(xs[i]-m.x, ys[i]-m.y))
	}
	return m, half(distances)
}

func (l islands) draw(pen *pen, at func(x, y float64) point, _ box) {
	s := style{size: titleSize, bold: true, align: center}
	for _, i := range l {
		q := at(i.at.x, i.at.y)
		s.color = pen.theme.Card // a rim, so that the name is read among points
		for k := range 8 {
			sin, cos := math.Sincos(float64(k) * math.Pi / 4)
			pen.text(s, q.x+1.6*cos, q.y+5+1.6*sin, i.name)
		}
		s.color = pen.theme.Ink
		pen.text(s, q.x, q.y+5, i.name)
	}
}
