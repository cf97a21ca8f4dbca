package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"modelbook/dl"
	"modelbook/internal/number"
)

// HeatOverlay draws heat over pictures: which parts of them a model's decision rests on, as explain.Saliency and
// explain.GradCAM say. The pictures, as [Images] takes them, are drawn in grey; heat is a *dl.Tensor [N, h, w] (or [h, w]
// for one picture) of any size, which is stretched over the picture. The hottest place of each picture is yellow and
// hides most of it; what is 0 or less, or no number, leaves it as it is.
func HeatOverlay(from any, heat *dl.Tensor, opts ...HeatOverlayOption) *Figure {
	const op = "plotting.HeatOverlay"
	o := collect(opts)
	images, n, note := pictures(from, mostTiles)
	shape := append(dl.Shape{}, heat.Shape()...)
	if len(shape) == 2 {
		shape = append(dl.Shape{1}, shape...)
	}
	if len(shape) != 3 || shape[0] != n {
		panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{heat.Shape()}, Detail: fmt.Sprintf("the heat of %s has the shape [%d, height, width]", number.Plural(n, "picture", "pictures"), n)})
	}
	values := dl.Values[float64](heat)
	h, w := shape[1], shape[2]
	g := grid{title: o.title, columns: o.columns, size: o.size, note: note, total: n, tileSize: 132}
	text := titled(o.title) + "heat over " + number.Plural(n, "image", "images")
	for i, img := range images {
		t := tile{image: heated(img, values[i*h*w:(i+1)*h*w], h, w)}
		if i < len(o.captions) {
			t.caption = o.captions[i]
		}
		g.tiles = append(g.tiles, t)
		if y, x, ok := hottest(values[i*h*w:(i+1)*h*w], w); ok && i < 20 {
			text += fmt.Sprintf("\n  image %d: hottest at %d %% from the left, %d %% from the top", i, int(100*(float64(x)+0.5)/float64(w)), int(100*(float64(y)+0.5)/float64(h)))
		}
	}
	if note != "" {
		text += "; " + note
	}
	return g.figure(o.theme, text)
}

// hottest is the place of the largest heat above 0.
func hottest(heat []float64, w int) (y, x int, ok bool) {
	most := 0.0
	for i, v := range heat {
		if finite(v) && v > most {
			most, y, x, ok = v, i/w, i%w, true
		}
	}
	return y, x, ok
}

// heated is a picture in grey with heat over it.
func heated(img image.Image, heat []float64, h, w int) image.Image {
	most := 0.0
	for _, v := range heat {
		if finite(v) {
			most = max(most, v)
		}
	}
	share := func(y, x int) float64 {
		if v := heat[min(max(y, 0), h-1)*w+min(max(x, 0), w-1)]; finite(v) && v > 0 {
			return v / most
		}
		return 0
	}
	b := img.Bounds()
	// A small picture gets more pixels, so that the heat over it is smooth.
	k := max(1, 132/max(b.Dx(), b.Dy(), 1))
	out := image.NewRGBA(image.Rect(0, 0, k*b.Dx(), k*b.Dy()))
	for y := range k * b.Dy() {
		for x := range k * b.Dx() {
			grey := color.GrayModel.Convert(img.At(b.Min.X+x/k, b.Min.Y+y/k)).(color.Gray).Y
			c := color.RGBA{grey, grey, grey, 255}
			if most > 0 && h*w > 0 {
				// Between the middles of the four places around, in proportion.
				v, u := (float64(y)+0.5)/float64(k*b.Dy())*float64(h)-0.5, (float64(x)+0.5)/float64(k*b.Dx())*float64(w)-0.5
				y0, x0 := int(math.Floor(v)), int(math.Floor(u))
				s, t := v-float64(y0), u-float64(x0)
				hot := (1-s)*((1-t)*share(y0, x0)+t*share(y0, x0+1)) + s*((1-t)*share(y0+1, x0)+t*share(y0+1, x0+1))
				c = mix(c, stops(viridis, hot), min(1.1*math.Sqrt(hot), 0.8))
			}
			out.SetRGBA(x, y, c)
		}
	}
	return out
}
