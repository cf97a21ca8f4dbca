package dl

import (
	"fmt"

	"modelbook/dl/internal/rich"
	numerals "modelbook/internal/number"
)

const (
	tilesShown = 10  // pictures of a batch
	tileSide   = 84  // of a picture among others, in CSS pixels
	aloneSide  = 196 // of a picture alone
	leastSide  = 8   // of what looks like a picture, in elements
	mostRatio  = 8   // of the longer side to the shorter one
)

// pictures shows what looks like pictures, and is "" for what does not: three or one channels, or four of bytes, of
// which a batch is taken for pictures whatever its values are, and all else if they are bytes, bools or from 0 to 1.
func (t *Tensor) pictures() string {
	s := t.shape
	if t.dtype != Uint8 && t.dtype != Bool && !t.dtype.IsFloat() {
		return ""
	}
	channels := func(c int) bool { return c == 1 || c == 3 || c == 4 && t.dtype == Uint8 }
	n, h, w, c := 1, 0, 0, 1
	switch {
	case len(s) == 2:
		h, w = s[0], s[1]
	case len(s) == 3 && channels(s[2]):
		h, w, c = s[0], s[1], s[2]
	case len(s) == 3 && s[1] == s[2]:
		n, h, w = s[0], s[1], s[2]
	case len(s) == 4 && channels(s[3]):
		n, h, w, c = s[0], s[1], s[2], s[3]
	}
	if n < 1 || min(h, w) < leastSide || max(h, w)/min(h, w) >= mostRatio {
		return ""
	}
	side := tileSide
	if n == 1 {
		side = aloneSide
	}
	var tiles []string
	for i := range min(n, tilesShown) {
		at := func(k int) float32 { return float32(t.at(i*h*w*c + k)) }
		picture, levels := rich.Picture(at, h, w, c, t.dtype == Uint8, side)
		if !levels.Usual && len(s) < 4 || levels.Least == levels.Most && n == 1 {
			return ""
		}
		tiles = append(tiles, picture)
	}
	note := ""
	if n > tilesShown {
		note = rich.Note(fmt.Sprintf("the first %d of %s pictures", tilesShown, numerals.Count(n)))
	}
	return rich.Row(tiles...) + note
}
