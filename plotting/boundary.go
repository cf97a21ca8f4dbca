package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"

	"modelbook/dl"
	"modelbook/internal/number"
)

const (
	boundaryGrid  = 160  // points that are asked, each way
	boundaryBatch = 4096 // at once
)

// Boundary draws what a classifier of two features says of every point of the plane, and the samples it was made for: the
// colour of a place is that of the predicted class, and stronger the surer the prediction is; a dark line runs where it
// changes. predict is asked with points [n, 2] and answers with probabilities or logits [n, classes], or, of two classes,
// probabilities [n, 1] or [n], such as a model's Predict. x is [N, 2], labels are N numbers of classes, or nil. The class
// names are [Names].Rows.
func Boundary(predict func(x *dl.Tensor) *dl.Tensor, x *dl.Tensor, labels any, opts ...BoundaryOption) *Figure {
	const op = "plotting.Boundary"
	o := collect(opts)
	if x == nil || x.Rank() != 2 || x.Shape()[1] != 2 {
		shape := dl.Shape{}
		if x != nil {
			shape = x.Shape()
		}
		panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{shape}, Detail: "samples have two features, [N, 2]"})
	}
	values, classes := numbers(op, x), numbers(op+": labels", labels)
	n := len(values) / 2
	if classes != nil && len(classes) != n {
		panic(fmt.Sprintf("%s: %s and %s: give one for each", op, number.Plural(n, "sample", "samples"), number.Plural(len(classes), "label", "labels")))
	}
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, empty: "no samples"}
	p.lines = pointsByClass(values, classes, o)
	p.legend = classes != nil
	p.note = p.leftOut()
	text := titled(o.title) + "decision boundary of " + number.Plural(n, "sample", "samples")
	if horizontal, vertical, drawn := p.axes(480, 400, 12); drawn && finite(horizontal.hi-horizontal.lo) && finite(vertical.hi-vertical.lo) {
		r := askPlane(op, predict, horizontal, vertical)
		p.reach, p.reachY = [2]float64{horizontal.lo, horizontal.hi}, [2]float64{vertical.lo, vertical.hi}
		p.under = func(pen *pen, at func(x, y float64) point, area box) { r.draw(pen, o, at, area) }
		if classes != nil {
			right := 0
			for i, guess := range r.classesOf(op, predict, values) {
				if guess == classes[i] {
					right++
				}
			}
			p.note = sentence(fmt.Sprintf("%s of %s right (%s %%)", number.Count(right), number.Count(n), number.Percent(float64(right)/float64(max(n, 1)))), p.note)
		}
	}
	if p.note != "" {
		text += "; " + p.note
	}
	return p.figure(o, 540, 460, text+p.braille())
}

// pointsByClass are the samples of each class; those of a class have its colour whichever classes are there.
func pointsByClass(values, classes []float64, o options) []Series {
	if classes == nil {
		s := Series{X: []float64{}, Points: true}
		for i := 0; i+1 < len(values); i += 2 {
			s.X, s.Y = append(s.X, values[i]), append(s.Y, values[i+1])
		}
		return []Series{s}
	}
	most := 0
	for _, c := range classes {
		if c >= 0 && c < 1000 {
			most = max(most, int(c))
		}
	}
	list := make([]Series, most+1)
	for k := range list {
		list[k] = Series{Name: strconv.Itoa(k), X: []float64{}, Points: true}
		if k < len(o.names.Rows) {
			list[k].Name = oneLine(o.names.Rows[k])
		}
	}
	for i, c := range classes {
		if k := int(c); c >= 0 && c <= float64(most) {
			list[k].X, list[k].Y = append(list[k].X, values[2*i]), append(list[k].Y, values[2*i+1])
		}
	}
	return list
}

// regions are what was predicted on a grid of points.
type regions struct {
	x, y   axis
	class  []int     // [boundaryGrid, boundaryGrid], the first row at the top
	surety []float64 // from 0, a guess, to 1
}

func askPlane(op string, predict func(*dl.Tensor) *dl.Tensor, x, y axis) *regions {
	r := &regions{x: x, y: y}
	const n = boundaryGrid
	var points []float64
	for i := range n {
		for j := range n {
			u, v := (float64(j)+0.5)/n, 1-(float64(i)+0.5)/n
			points = append(points, x.lo*(1-u)+x.hi*u, y.lo*(1-v)+y.hi*v)
		}
	}
	r.ask(op, predict, points, func(class int, surety float64) {
		r.class, r.surety = append(r.class, class), append(r.surety, surety)
	})
	return r
}

// classesOf are the predicted classes of points.
func (r *regions) classesOf(op string, predict func(*dl.Tensor) *dl.Tensor, points []float64) []float64 {
	var classes []float64
	r.ask(op, predict, points, func(class int, _ float64) { classes = append(classes, float64(class)) })
	return classes
}

// ask asks for points [n, 2] in batches.
func (r *regions) ask(op string, predict func(*dl.Tensor) *dl.Tensor, points []float64, answer func(class int, surety float64)) {
	for len(points) > 0 {
		batch := points[:min(len(points), 2*boundaryBatch)]
		points = points[len(batch):]
		n := len(batch) / 2
		singles := make([]float32, len(batch))
		for i, v := range batch {
			singles[i] = float32(v)
		}
		var out *dl.Tensor
		dl.NoGrad(func() { out = predict(dl.Of(singles, n, 2)) })
		if out == nil || out.Rank() == 0 || out.Rank() > 2 || out.Shape()[0] != n || out.Size() == 0 {
			shape := dl.Shape{}
			if out != nil {
				shape = out.Shape()
			}
			panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{{n, 2}, shape}, Detail: "of n points predict returns [n, classes], [n, 1] or [n]"})
		}
		columns := out.Size() / n
		values := dl.Values[float64](out)
		for i := range n {
			answer(verdictOf(values[i*columns : (i+1)*columns]))
		}
	}
}

// verdictOf is the class of the largest score, and how far it is above chance, from 0 to 1.
func verdictOf(row []float64) (class int, surety float64) {
	if len(row) == 1 {
		if row[0] > 0.5 {
			class = 1
		}
		return class, min(math.Abs(row[0]-0.5)*2, 1)
	}
	sum, proper := 0.0, true
	for i, v := range row {
		if v > row[class] || row[class] != row[class] {
			class = i
		}
		sum, proper = sum+v, proper && v >= 0
	}
	share := row[class]
	if !proper || math.Abs(sum-1) > 1e-3 { // logits
		sum = 0
		for _, v := range row {
			sum += math.Exp(v - row[class])
		}
		share = 1 / sum
	}
	chance := 1 / float64(len(row))
	return class, min(max((share-chance)/(1-chance), 0), 1)
}

// draw fills the axes with the colours of the classes.
func (r *regions) draw(pen *pen, o options, at func(x, y float64) point, area box) {
	const n = boundaryGrid
	t := pen.theme
	img := image.NewRGBA(image.Rect(0, 0, n, n))
	for i, class := range r.class {
		surety := r.surety[i]
		if surety != surety {
			surety = 0
		}
		img.SetRGBA(i%n, i/n, mix(t.Card, t.series(class), 0.1+0.32*surety))
	}
	a, b := at(r.x.lo, r.y.hi), at(r.x.hi, r.y.lo)
	whole := box{a.x, a.y, b.x - a.x, b.y - a.y}
	pen.picture(img, whole)
	w, h := whole.w/n, whole.h/n
	line := color.NRGBA{t.Ink.R, t.Ink.G, t.Ink.B, 150}
	for i := range n {
		for j := range n {
			x, y := whole.x+float64(j)*w, whole.y+float64(i)*h
			if j+1 < n && r.class[i*n+j] != r.class[i*n+j+1] {
				pen.rect(line, box{x + w - 0.6, y, 1.2, h})
			}
			if i+1 < n && r.class[i*n+j] != r.class[(i+1)*n+j] {
				pen.rect(line, box{x, y + h - 0.6, w, 1.2})
			}
		}
	}
}
