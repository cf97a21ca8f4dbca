package rich

import (
	"fmt"
	"math"
)

// Layer is a step of a chain of layers: its name, what it does, and the shape of one sample that comes out of it.
type Layer struct {
	Name, Does string
	Colour     string
	Shape      []int
}

// mostLayers are drawn of a long chain, its first and its last ones.
const mostLayers = 44

// Layers draws a chain of layers as solids beside one another, which show the shapes between them: pictures are slabs as
// high and deep as the picture and as thick as it has channels, vectors are bars, sequences sheets of steps by channels.
// Sizes are compressed, so that the smallest are seen beside the largest.
func Layers(layers []Layer) string {
	const slot, tall, top, foot, perRow = 82.0, 92.0, 8.0, 46.0, 10
	most := [4]float64{1, 1, 1, 1} // by kind of shape: vectors, steps, channels of sequences, pictures
	for _, l := range layers {
		switch s := l.Shape; {
		case len(s) == 1:
			most[0] = max(most[0], float64(s[0]))
		case len(s) == 2:
			most[1], most[2] = max(most[1], float64(s[0])), max(most[2], float64(s[1]))
		case len(s) > 2:
			most[3] = max(most[3], float64(s[len(s)-3]), float64(s[len(s)-2]))
		}
	}
	// grown is a size between least and most: by its power, so that a hundredth of the largest is a tenth of it.
	grown := func(n int, largest, least, most float64) float64 {
		return least + float64((most-least)*math.Sqrt(max(float64(n), 0)/largest))
	}
	var d drawing
	shown := Shown(len(layers), mostLayers)
	for place, i := range shown {
		x, y := float64(place%perRow)*slot, float64(place/perRow)*(top+tall+foot)+top
		if place > 0 && place%perRow > 0 {
			d.path(fmt.Sprintf("M%s %sh8m-3 -3l3 3l-3 3", num(x-4), num(y+tall/2)), thin)
		}
		if i < 0 {
			d.text(x+slot/2, y+tall/2+4, 11, "middle", fmt.Sprintf("… %d more", len(layers)-mostLayers))
			continue
		}
		l := layers[i]
		fmt.Fprintf(&d, "<g><title>%s</title>", Escape(Clean(l.Name+": "+l.Does, 160)))
		w, h, deep := 8.0, 8.0, 0.0
		switch s := l.Shape; {
		case len(s) == 1:
			w, h, deep = 8, grown(s[0], most[0], 6, tall-6), 3
		case len(s) == 2:
			w, h, deep = grown(s[0], most[1], 6, 46), grown(s[1], most[2], 6, tall-10), 4
		case len(s) > 2:
			deep = grown(s[len(s)-2], most[3], 3, 26)
			h = grown(s[len(s)-3], most[3], 4, tall-30)
			w = min(3*math.Log2(float64(1+max(s[len(s)-1], 0))), 34)
		}
		solid(&d, x+(slot-w-deep)/2, y+(tall+deep-h)/2, w, h, deep, l.Colour)
		d.text(x+slot/2, y+tall+16, 11, "middle", Clean(l.Name, 13))
		d.text(x+slot/2, y+tall+30, 10, "middle", sizes(l.Shape))
		d.WriteString("</g>")
	}
	rows := (len(shown) + perRow - 1) / perRow
	return d.svg(float64(min(len(shown), perRow))*slot, float64(rows)*(top+tall+foot), fmt.Sprintf("diagram of %d layers", len(layers)))
}

// solid draws a box from its front, whose corner is at (x, y), with its top and its right side.
func solid(d *drawing, x, y, w, h, deep float64, colour string) {
	side := fmt.Sprintf(` fill="%s" stroke="%[1]s" stroke-linejoin="round"`, colour)
	d.rect(x, y, w, h, colour, fmt.Sprintf(` fill-opacity=".55" stroke="%s"`, colour))
	if deep > 0 {
		d.path(fmt.Sprintf("M%s %sl%s %sh%sl%s %sz", num(x), num(y), num(deep), num(-deep), num(w), num(-deep), num(deep)), side+` fill-opacity=".25"`)
		d.path(fmt.Sprintf("M%s %sl%s %sv%sl%s %sz", num(x+w), num(y), num(deep), num(-deep), num(h), num(-deep), num(deep)), side+` fill-opacity=".8"`)
	}
}

// sizes writes a shape in little room.
func sizes(shape []int) string {
	text := ""
	for i, n := range shape {
		if i > 0 {
			text += "×"
		}
		text += fmt.Sprint(n)
	}
	if r := []rune(text); len(r) > 15 {
		text = string(r[:14]) + "…"
	}
	return text
}
