package plotting

import (
	"fmt"
	"image"
	"math"
	"strconv"

	"modelbook/dl"
	"modelbook/internal/number"
	"modelbook/internal/pixels"
)

// Predictions compares pictures with what a model said of them. Every field may be missing.
type Predictions struct {
	True      any        // the true classes: a *dl.Tensor [N] or a slice of integers
	Predicted any        // the predicted classes, as True; not needed with Scores
	Scores    *dl.Tensor // [N, classes]: the largest of a row is the prediction; probabilities are shown as confidence
	Classes   []string   // names of the classes; else their numbers are shown
}

func (p Predictions) apply(o *options) { o.predictions = &p }

// mostTiles is the largest number of tiles in a grid; a figure of more says how many it leaves out.
const mostTiles = 400

// Images draws a grid of pictures: a *dl.Tensor [N,H,W], [N,H,W,1] or [N,H,W,3], or of a single one [H,W], [H,W,1] or
// [H,W,3], or []image.Image. Values from 0 to 1 (uint8: to 255) go from black to white; others are stretched, all
// pictures alike, and the figure says which are black and white. Of very many pictures the first are drawn. [Captions]
// stand below them; with [Predictions] these are the predicted class and the confidence, and a wrong prediction has a
// thick orange frame, a cross in place of the tick, and the true class below.
func Images(from any, opts ...ImagesOption) *Figure {
	o := collect(opts)
	images, n, note := pictures(from, mostTiles)
	g := grid{title: o.title, columns: o.columns, size: o.size, note: note, total: n}
	texts := o.captions
	var verdicts []verdict
	if o.predictions != nil {
		verdicts = o.predictions.verdicts(n)[:len(images)]
	}
	right, judged := 0, 0
	for i, img := range images {
		t := tile{image: img}
		if i < len(verdicts) {
			t.verdict = verdicts[i]
		}
		if i < len(texts) {
			t.caption = texts[i]
		}
		if t.known && t.predicted != "" {
			judged++
			if !t.wrong {
				right++
			}
		}
		g.tiles = append(g.tiles, t)
	}
	text := number.Plural(n, "image", "images")
	if judged > 0 {
		text += fmt.Sprintf(", %d of %d predicted right", right, judged)
	}
	for i, v := range verdicts {
		if v.wrong && i < 20 {
			text += fmt.Sprintf("\n  image %d: predicted %s, is %s", i, v.predicted, v.truth)
		}
	}
	if note != "" {
		text += "; " + note
	}
	return g.figure(o.theme, titled(o.title)+text)
}

// verdict is what is known of one picture.
type verdict struct {
	truth, predicted string
	confidence       float64 // NaN when unknown
	known            bool    // whether the true class is
	wrong            bool
}

// verdicts are of n pictures; the lists that are there must be as long.
func (p *Predictions) verdicts(n int) []verdict {
	truth, predicted := numbers("plotting.Predictions.True", p.True), numbers("plotting.Predictions.Predicted", p.Predicted)
	var confidence []float64
	if p.Scores != nil {
		predicted, confidence = largest(p.Scores)
	}
	for _, list := range []struct {
		what   string
		values []float64
	}{{"true", truth}, {"predicted", predicted}} {
		if list.values != nil && len(list.values) != n {
			panic(fmt.Sprintf("plotting.Images: %s and %s: give one for each", number.Plural(n, "picture", "pictures"),
				number.Plural(len(list.values), list.what+" class", list.what+" classes")))
		}
	}
	list := make([]verdict, n)
	for i := range list {
		v := verdict{confidence: math.NaN()}
		if i < len(truth) {
			v.truth, v.known = p.name(truth[i]), true
		}
		if i < len(predicted) {
			v.predicted = p.name(predicted[i])
			v.wrong = v.known && truth[i] != predicted[i]
		}
		if i < len(confidence) {
			v.confidence = confidence[i]
		}
		list[i] = v
	}
	return list
}

func (p *Predictions) name(class float64) string {
	if i := int(class); i >= 0 && i < len(p.Classes) && float64(i) == class {
		return p.Classes[i]
	}
	return strconv.FormatFloat(class, 'f', -1, 64)
}

// largest finds the largest score of each row, and what it is when the scores are probabilities.
func largest(scores *dl.Tensor) (class, confidence []float64) {
	shape := scores.Shape()
	if len(shape) != 2 {
		panic(&dl.ShapeError{Op: "plotting.Predictions", Shapes: []dl.Shape{shape}, Detail: "scores have the shape [N, classes]"})
	}
	values := dl.Values[float64](scores)
	for i := range shape[0] {
		row := values[i*shape[1] : (i+1)*shape[1]]
		best, sum, probabilities := 0, 0.0, len(row) > 0
		for j, v := range row {
			if v > row[best] {
				best = j
			}
			sum += v
			probabilities = probabilities && v >= 0
		}
		class = append(class, float64(best))
		if probabilities && math.Abs(sum-1) < 1e-3 {
			confidence = append(confidence, row[best])
		} else {
			confidence = append(confidence, math.NaN())
		}
	}
	return class, confidence
}

// Filters draws the kernels of a convolution [KH,KW,C,F], a tile for each filter (with several input channels: C
// tiles in a row for each). Zero is the middle of the colours, weights of either sign have a colour each, and all tiles
// share one scale.
func Filters(weights *dl.Tensor, opts ...FiltersOption) *Figure {
	o := collect(opts)
	shape := weights.Shape()
	if len(shape) != 4 {
		panic(&dl.ShapeError{Op: "plotting.Filters", Shapes: []dl.Shape{shape}, Detail: "kernels have the shape [KH,KW,C,F]"})
	}
	kh, kw, channels, filters := shape[0], shape[1], shape[2], shape[3]
	values := dl.Values[float32](weights)
	least, most := pixels.Bounds(values)
	extent := max(-least, most)
	g := grid{title: o.title, columns: o.columns, size: o.size, extent: float64(extent), tileSize: 52, total: filters * channels}
	bad := 0
	for _, v := range values {
		if v != v {
			bad++
		}
	}
	if bad > 0 {
		g.note = number.Plural(bad, "weight is", "weights are") + " not a number, in " + map[bool]string{true: "white", false: "black"}[o.theme.Ink.R > 128]
	}
	if g.columns == 0 && channels > 1 {
		g.columns = channels
	}
	for f := range filters {
		for c := range channels {
			if len(g.tiles) == mostTiles || kh*kw == 0 {
				break
			}
			img := image.NewRGBA(image.Rect(0, 0, kw, kh))
			for i := range kh * kw {
				img.SetRGBA(i%kw, i/kw, o.theme.diverging(values[(i*channels+c)*filters+f], extent))
			}
			g.tiles = append(g.tiles, tile{image: img})
		}
	}
	return g.figure(o.theme, titled(o.title)+fmt.Sprintf("%s of %d×%d, %s, weights from %s to %s", number.Plural(filters, "filter", "filters"),
		kh, kw, number.Plural(channels, "channel", "channels"), measured(float64(least)), measured(float64(most))))
}
