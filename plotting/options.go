package plotting

import "cmp"

// Option changes how a figure is drawn. The options are values: [Title], [Columns], [Size], [Captions], [Predictions],
// [Normalised], [Highlight], [Sorted], [Labels], [LogX], [LogY], [ColorBy], [Bins], [Density] and the themes [Light] and
// [Dark]. An option that means nothing to a figure is ignored by it.
type Option interface{ apply(*options) }

type options struct {
	theme       Theme
	title       string
	columns     int
	size        Size
	captions    []string
	predictions *Predictions
	normalised  bool
	highlight   map[int]bool
	labels      Labels
	logX, logY  bool
	sorted      bool
	density     bool
	bins        int
	colorBy     *ColorBy
}

func collect(opts []Option) options {
	o := options{theme: usualTheme()}
	for _, option := range opts {
		if option != nil {
			option.apply(&o)
		}
	}
	return o
}

// Title stands above a figure in place of the title it has by itself.
type Title string

func (t Title) apply(o *options) { o.title = string(t) }

// Columns is the number of tiles in a row of an image grid, or of panels in a row of curves.
type Columns int

func (c Columns) apply(o *options) { o.columns = max(int(c), 1) }

// mostPixels is the largest width and height that can be asked for: a picture of it takes 256 MB while it is drawn.
const mostPixels = 4000

// Size is a figure's width and height in CSS pixels; where one is 0 the figure chooses it. PNG files hold twice as
// many pixels each way. Of [Images], [Filters] and [Confusion] the height follows from the width.
type Size struct{ Width, Height int }

func (s Size) apply(o *options) { o.size = s }

func (s Size) or(width, height float64) (float64, float64) {
	bounded := func(asked int, usual float64) float64 {
		return float64(min(max(cmp.Or(asked, int(usual)), 120), mostPixels))
	}
	return bounded(s.Width, width), bounded(s.Height, height)
}

// Captions are lines of text under the tiles of an image grid.
type Captions []string

func (c Captions) apply(o *options) { o.captions = c }

// Normalised makes a confusion matrix show shares of the true class, in percent, in place of counts.
const Normalised normalised = true

type normalised bool

func (n normalised) apply(o *options) { o.normalised = bool(n) }

// Highlight names the bar (by its index, from 0) that is drawn in a stronger colour.
type Highlight int

func (h Highlight) apply(o *options) {
	if o.highlight == nil {
		o.highlight = map[int]bool{}
	}
	o.highlight[int(h)] = true
}

// Sorted puts the largest bar first.
const Sorted sorted = true

type sorted bool

func (s sorted) apply(o *options) { o.sorted = bool(s) }

// Bins is the number of bars of a histogram.
type Bins int

func (b Bins) apply(o *options) { o.bins = min(max(int(b), 1), 1000) }

// Density makes a histogram show densities in place of counts: the areas of its bars add up to 1.
const Density density = true

type density bool

func (d density) apply(o *options) { o.density = bool(d) }

// Labels are the words at the axes; [Bars] have the X axis only.
type Labels struct{ X, Y string }

func (l Labels) apply(o *options) { o.labels = l }

// LogX and LogY make an axis logarithmic: equal ratios are equally far apart. Values that are not above 0 have no place
// on it; the figure says how many.
const (
	LogX logAxis = "x"
	LogY logAxis = "y"
)

type logAxis string

func (l logAxis) apply(o *options) {
	o.logX = o.logX || l == LogX
	o.logY = o.logY || l == LogY
}
