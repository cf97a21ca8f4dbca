package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"modelbook/internal/number"
)

// tile is one picture of a grid with what stands below it.
type tile struct {
	image   image.Image
	caption string
	verdict
}

// grid lays tiles out in rows.
type grid struct {
	title    string
	note     string
	tiles    []tile
	columns  int
	size     Size
	tileSize float64 // usual width of a tile
	extent   float64 // of the scale below, when there is one
	total    int     // tiles that there are, drawn or not

	pitch, picture box // of one tile: its cell, and the picture in it (both at the origin)
	rows, lines    int
}

const (
	tileGap  = 8
	mostGrid = 5000.0 // the largest height of a grid
)

var captionStyle = style{size: 11.5}

func (g *grid) figure(theme Theme, text string) *Figure {
	g.layOut()
	if most := g.columns * max(int((mostGrid-100)/g.pitch.h), 1); len(g.tiles) > most {
		g.tiles = g.tiles[:most]
		g.rows = (most + g.columns - 1) / g.columns
	}
	if g.total > len(g.tiles) {
		g.note = sentence(fmt.Sprintf("the first %d of %s", len(g.tiles), number.Count(g.total)), g.note)
	}
	width := max(28+float64(g.columns)*g.pitch.w-tileGap, 140)
	if g.extent > 0 {
		width = max(width, 240)
	}
	height := 26 + float64(g.rows)*g.pitch.h - tileGap
	if g.title != "" {
		height += 24
	}
	if g.note != "" {
		height += 18
		width = max(width, min(style{size: textSize}.width(g.note)+30, 700))
	}
	if g.extent > 0 {
		height += 40
	}
	if len(g.tiles) == 0 {
		height = 70
	}
	return &Figure{width: math.Ceil(width), height: math.Ceil(height), theme: theme, text: text, draw: func(p *pen) {
		g.draw(p, math.Ceil(width), math.Ceil(height))
	}}
}

// layOut chooses the number of columns, the size of the pictures and the lines of text below them.
func (g *grid) layOut() {
	n := len(g.tiles)
	if g.columns == 0 {
		g.columns = map[bool]int{true: n, false: 8}[n <= 6]
		if n > 6 && n <= 12 {
			g.columns = (n + 1) / 2
		}
	}
	g.columns = max(min(g.columns, n), 1)
	g.rows = (n + g.columns - 1) / g.columns

	side, caption := g.tileSize, 0.0
	if side == 0 {
		side = 84
	}
	aspect := 0.0 // height over width of the tallest
	for _, t := range g.tiles {
		first, second := t.words()
		line := captionStyle
		line.bold = t.wrong
		caption = max(caption, line.width(first)+16*judged(t), captionStyle.width(second))
		if first != "" {
			g.lines = max(g.lines, 1)
		}
		if second != "" {
			g.lines = 2
		}
		if b := t.image.Bounds(); b.Dx() > 0 {
			aspect = max(aspect, float64(b.Dy())/float64(b.Dx()))
		}
	}
	w := max(side, min(caption, 132))
	if n == 1 && g.tileSize == 0 {
		w = 196
	}
	if g.size.Width > 0 {
		width, _ := g.size.or(0, 0)
		w = max((width-28+tileGap)/float64(g.columns)-tileGap, 12)
		side = w
	} else if n == 1 && g.tileSize == 0 {
		side = w
	}
	if most := max(int((mostPixels-28+tileGap)/(w+tileGap)), 1); g.columns > most {
		g.columns = most
		g.rows = (n + most - 1) / most
	}
	h := side * min(max(aspect, 0.1), 3)
	if aspect == 0 {
		h = side
	}
	g.picture = box{(w - side) / 2, 0, side, h}
	g.pitch = box{0, 0, w + tileGap, h + tileGap}
	if g.lines > 0 {
		g.pitch.h += 15*float64(g.lines) + 5
	}
}

func judged(t tile) float64 {
	if t.known && t.predicted != "" {
		return 1
	}
	return 0
}

// words are the two lines below a tile.
func (t tile) words() (first, second string) {
	switch {
	case t.predicted != "":
		first = t.predicted
		if finite(t.confidence) {
			first += "  " + number.Percent(t.confidence) + " %"
		}
		if t.wrong {
			second = "is " + t.truth
		} else {
			second = t.caption
		}
		return first, second
	case t.known:
		return t.truth, t.caption
	}
	return t.caption, ""
}

func (g *grid) draw(p *pen, width, height float64) {
	area := p.heading(g.title, box{14, 14, width - 28, height - 28})
	soft := style{size: textSize, color: p.theme.Soft}
	if len(g.tiles) == 0 {
		p.text(soft, area.x, area.y+22, "no images")
		return
	}
	for i, t := range g.tiles {
		g.drawTile(p, t, area.x+float64(i%g.columns)*g.pitch.w, area.y+float64(i/g.columns)*g.pitch.h)
	}
	y := area.y + float64(g.rows)*g.pitch.h
	if g.note != "" {
		p.text(soft, area.x, y+8, soft.fitted(g.note, area.w))
		y += 18
	}
	if g.extent > 0 {
		g.drawScale(p, area.x, y+4)
	}
}

func (g *grid) drawTile(p *pen, t tile, x, y float64) {
	b := box{x + g.picture.x, y, g.picture.w, g.picture.h}
	if size := t.image.Bounds(); !size.Empty() {
		// The picture keeps its proportions within the tile.
		k := min(b.w/float64(size.Dx()), b.h/float64(size.Dy()))
		w, h := k*float64(size.Dx()), k*float64(size.Dy())
		b = box{b.x + (b.w-w)/2, b.y + (b.h-h)/2, w, h}
		p.picture(t.image, b)
	}
	p.frame(p.theme.Grid, 1, b)
	first, second := t.words()
	ink := captionStyle
	ink.color, ink.align = p.theme.Ink, center
	room, base, middle := g.pitch.w-tileGap, y+g.picture.h+15, x+(g.pitch.w-tileGap)/2
	if judged(t) == 0 {
		p.text(ink, middle, base, ink.fitted(first, room))
	} else {
		first = ink.fitted(first, room-16)
		w := ink.width(first) + 16
		if t.wrong {
			p.frame(p.theme.Wrong, 3, b)
			p.cross(p.theme.Wrong, middle-w/2+5, base-4)
			ink.color, ink.bold = p.theme.Wrong, true
			if contrast(p.theme.Wrong, p.theme.Card) < 4.5 {
				ink.color = p.theme.Ink
			}
			first = ink.fitted(first, room-16)
		} else {
			p.tick(p.theme.Right, middle-w/2+5, base-4)
		}
		p.text(ink, middle+8, base, first)
	}
	if second != "" {
		small := captionStyle
		small.align, small.color = center, p.theme.Soft
		p.text(small, middle, base+15, small.fitted(second, room))
	}
}

func (p *pen) cross(c color.Color, x, y float64) {
	p.line(c, 2.2, point{x - 4, y - 4}, point{x + 4, y + 4})
	p.line(c, 2.2, point{x - 4, y + 4}, point{x + 4, y - 4})
}

func (p *pen) tick(c color.Color, x, y float64) {
	p.line(c, 1.8, point{x - 4.5, y}, point{x - 1.5, y + 3.5}, point{x + 4.5, y - 4})
}

// drawScale shows which colour stands for which weight.
func (g *grid) drawScale(p *pen, x, y float64) {
	const width, height, parts = 212, 10, 64
	for i := range parts {
		v := float32(2*float64(i)/(parts-1) - 1)
		x0 := x + width*float64(i)/parts
		p.rect(p.theme.diverging(v, 1), box{x0, y, width/parts + 0.8, height})
	}
	p.frame(p.theme.Grid, 1, box{x, y, width + 0.8, height})
	s := style{size: smallSize, color: p.theme.Soft}
	p.text(s, x, y+23, fmt.Sprintf("−%s", measured(g.extent)))
	s.align = center
	p.text(s, x+width/2, y+23, "0")
	s.align = right
	p.text(s, x+width, y+23, fmt.Sprintf("+%s", measured(g.extent)))
}
