package plotting

import "math"

const (
	longestTick = 160 // pixels of a name at an axis
	nameRow     = 14  // pixels that a name needs at least
	besideNames = 80  // what the numbers at the left take
)

// nameTicks are the names at a panel's x axis, as many as have room.
func (p *panel) nameTicks(width float64, s style) tickMarks {
	every := max(int(math.Ceil(nameRow*float64(len(p.names))/max(width, 1))), 1)
	var marks tickMarks
	for i := 0; i < len(p.names); i += every {
		marks.values = append(marks.values, float64(i))
		marks.texts = append(marks.texts, s.fittedMiddle(p.names[i], longestTick))
	}
	return marks
}

// upright is the height of names that stand upright because they are wider than their places in a panel of a width; 0
// where they lie.
func (p *panel) upright(width float64, s style) float64 {
	widest := p.widestName(s)
	if widest <= (width-besideNames)/float64(max(len(p.names), 1))-8 {
		return 0
	}
	return widest + 6
}

func (p *panel) widestName(s style) float64 {
	widest := 0.0
	for _, name := range p.names {
		widest = max(widest, s.width(s.fittedMiddle(name, longestTick)))
	}
	return widest
}

// namedWidth is the usual width of a figure whose places are so wide, or as wide as their names where that is possible.
func (p *panel) namedWidth(place float64) float64 {
	n := float64(len(p.names))
	width := min(max(150+n*place, 420), 900)
	if lying := besideNames + 32 + n*(p.widestName(style{size: textSize})+10); lying <= 900 {
		width = max(width, lying)
	}
	return width
}
