package plotting

import (
	"fmt"
	"image"

	"modelbook/dl"
	"modelbook/internal/number"
	"modelbook/internal/pixels"
)

// Activations draws what a layer makes of one sample: its outputs [H, W, C] or [1, H, W, C], a tile for each of the C
// channels. Zero is the middle of the colours, values of either sign have a colour each, and all tiles share one scale. A
// model's layers are called one after the other, or one by its name: model.Layer("conv2d").Forward(x).
func Activations(outputs *dl.Tensor, opts ...FiltersOption) *Figure {
	o := collect(opts)
	shape := append(dl.Shape{}, outputs.Shape()...)
	if len(shape) == 4 && shape[0] == 1 {
		shape = shape[1:]
	}
	if len(shape) != 3 {
		panic(&dl.ShapeError{Op: "plotting.Activations", Shapes: []dl.Shape{outputs.Shape()}, Detail: "outputs of one sample have the shape [H, W, C] or [1, H, W, C]"})
	}
	h, w, channels := shape[0], shape[1], shape[2]
	values := dl.Values[float32](outputs)
	least, most := pixels.Bounds(values)
	extent := max(-least, most)
	g := grid{title: o.title, columns: o.columns, size: o.size, extent: float64(extent), tileSize: 84, total: channels}
	bad, silent := 0, 0
	for _, v := range values {
		if v != v {
			bad++
		}
	}
	for c := range channels {
		quiet := true
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for i := range h * w {
			v := values[i*channels+c]
			quiet = quiet && v == 0
			if len(g.tiles) < mostTiles {
				img.SetRGBA(i%w, i/w, o.theme.diverging(v, extent))
			}
		}
		if quiet {
			silent++
		}
		if len(g.tiles) < mostTiles && h*w > 0 {
			g.tiles = append(g.tiles, tile{image: img})
		}
	}
	if bad > 0 {
		g.note = number.Plural(bad, "value is", "values are") + " not a number, in " + map[bool]string{true: "white", false: "black"}[o.theme.Ink.R > 128]
	}
	if silent > 0 && h*w > 0 {
		g.note = sentence(g.note, number.Plural(silent, "channel is", "channels are")+" 0 everywhere")
	}
	text := titled(o.title) + fmt.Sprintf("%s of %d×%d, values from %s to %s", number.Plural(channels, "channel", "channels"), h, w, measured(float64(least)), measured(float64(most)))
	if g.note != "" {
		text += "; " + g.note
	}
	return g.figure(o.theme, text)
}
