package plotting

import "cmp"

// Option changes how a figure is drawn. The options are values: [Title], [Columns], [Size], [Captions], [Predictions],
// [Normalised], [Highlight], [Sorted], [Labels], [Names], [LogX], [LogY], [ColorBy], [Bins], [Density], [KDE], [Bandwidth],
// [Smoothing], [Centred] and the themes [Light] and [Dark]. Each figure takes those that mean something to it; another one
// does not compile.
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
	names       Names
	logX, logY  bool
	sorted      bool
	density     bool
	kde         bool
	bandwidth   float64 // times Scott's; 0: 1
	smoothing   float64
	centred     bool
	bins        int
	colorBy     *ColorBy
}

func collect[O Option](opts []O) options {
	o := options{theme: usualTheme()}
	for _, option := range opts {
		if any(option) != nil {
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

// Names are the words at the rows and the columns of a heat map or of attention; what has none shows its number.
type Names struct{ Rows, Columns []string }

func (n Names) apply(o *options) { o.names = n }

// LogX makes the horizontal axis logarithmic: equal ratios are equally far apart. Values that are not above 0 have no
// place on it; the figure says how many.
const LogX logX = true

// LogY makes the vertical axis logarithmic, as [LogX] does the horizontal one.
const LogY logY = true

type (
	logX bool
	logY bool
)

func (l logX) apply(o *options) { o.logX = bool(l) }
func (l logY) apply(o *options) { o.logY = bool(l) }

// KDE draws a kernel density estimate over the bars of a histogram; [Bandwidth] makes it smoother or finer.
const KDE kde = true

type kde bool

func (k kde) apply(o *options) { o.kde = bool(k) }

// Bandwidth multiplies the bandwidth of a kernel density estimate, which by itself follows the rule of Scott: the
// standard deviation times n to the power of -1/5, as in SciPy.
type Bandwidth float64

func (b Bandwidth) apply(o *options) { o.bandwidth = float64(b) }

// Smoothing draws, over the lines as they are, which become faint, lines that follow them slowly: the exponential moving
// average of TensorBoard, whose first values are not drawn towards 0. It is how much of the average so far stays, from 0
// (none) to below 1: 0.6 is TensorBoard's own.
type Smoothing float64

func (s Smoothing) apply(o *options) { o.smoothing = min(max(float64(s), 0), 0.9999) }

// Centred gives a heat map the two colours of signed values, with 0 between them.
const Centred centred = true

type centred bool

func (c centred) apply(o *options) { o.centred = bool(c) }
