package plotting

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbook/internal/number"
)

// Group is a list of values that is compared with others, such as the errors of one model or the ages of one class.
type Group struct {
	Name   string
	Values any // numbers: a slice, a *dl.Tensor or a column of a table
}

// group is what is known of a Group's values.
type group struct {
	name   string
	values []float64 // that are finite, in order
	left   int       // others
}

func readGroups(op string, groups []Group, log bool) []group {
	list := make([]group, len(groups))
	for i, g := range groups {
		all := numbers(op, g.Values)
		kept := slices.DeleteFunc(all, func(v float64) bool { return !holds(log, v) })
		slices.Sort(kept)
		list[i] = group{name: oneLine(g.Name), values: kept, left: len(all) - len(kept)}
		if list[i].name == "" {
			list[i].name = fmt.Sprint(i)
		}
	}
	return list
}

// leftOutOfGroups says how many values are left out.
func leftOutOfGroups(groups []group, log bool) string {
	left := 0
	for _, g := range groups {
		left += g.left
	}
	what := "no finite number"
	if log {
		what = "not finite or not above 0"
	}
	if left == 0 {
		return ""
	}
	return number.Plural(left, "value is", "values are") + " " + what + " and left out"
}

// Densities draws the densities of several groups of values in one pair of axes: kernel density estimates with Gaussian
// kernels whose bandwidth follows the rule of Scott, as SciPy's gaussian_kde. [Bandwidth] makes them smoother or finer. A
// few values very far from all others are left out; the figure says so. Over the bars of a histogram [KDE] draws one.
func Densities(groups []Group, opts ...DensitiesOption) *Figure {
	o := collect(opts)
	list := readGroups("plotting.Densities", groups, false)
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: cmp.Or(o.labels.Y, "density"), fromZero: true, plain: true, empty: "no values"}
	notes := []string{leftOutOfGroups(list, false)}
	var words strings.Builder
	for i, g := range list {
		low, high := central(g.values)
		if far := len(g.values) - (high - low); far > 0 {
			notes = append(notes, fmt.Sprintf("%s of %s far away not drawn", number.Count(far), g.name))
		}
		d := newDensity(g.values[low:high], o.bandwidth)
		s := d.curve(2.5)
		if len(groups) > 1 || groups[i].Name != "" {
			s.Name = g.name
			p.legend = true
		}
		p.lines = append(p.lines, s)
		fmt.Fprintf(&words, "\n  %s: %s", g.name, g.summary())
	}
	p.under = func(pen *pen, at func(x, y float64) point, _ box) {
		for i, s := range p.lines {
			p.fillUnder(pen, i, s, at)
		}
	}
	p.note = sentence(notes...)
	text := titled(o.title) + "densities of " + number.Plural(len(list), "group", "groups")
	if p.note != "" {
		text += "; " + p.note
	}
	return p.figure(o, 560, 320, text+words.String()+p.braille())
}

// fillUnder tints what lies under a curve.
func (p *panel) fillUnder(pen *pen, i int, s Series, at func(x, y float64) point) {
	band := s
	band.Low, band.High = make([]float64, len(s.Y)), s.Y
	p.drawBand(pen, band, p.color(pen.theme, i), at)
}

// summary says what the values of a group are.
func (g group) summary() string {
	if len(g.values) == 0 {
		return "no values"
	}
	b := newBox(g.values)
	return fmt.Sprintf("%s, median %s, quartiles %s and %s, from %s to %s", number.Plural(len(g.values), "value", "values"), measured(b.median),
		measured(b.lower), measured(b.upper), measured(g.values[0]), measured(g.values[len(g.values)-1]))
}

// estimate is a kernel density estimate of sorted finite values.
type estimate struct {
	values    []float64
	bandwidth float64
}

// newDensity chooses the bandwidth by the rule of Scott, times a factor; 0 is 1. Values that are all alike get a narrow
// one.
func newDensity(sorted []float64, factor float64) estimate {
	d := estimate{values: sorted}
	n := float64(len(sorted))
	if n == 0 {
		return d
	}
	if !(factor > 0) || !finite(factor) {
		factor = 1
	}
	_, deviation := moments(sorted)
	if n > 1 {
		deviation *= math.Sqrt(n / (n - 1))
	}
	d.bandwidth = deviation * math.Pow(n, -0.2) * factor
	big := max(math.Abs(sorted[0]), math.Abs(sorted[len(sorted)-1]))
	if !(d.bandwidth > big*1e-12) || d.bandwidth < 1e-300 {
		d.bandwidth = max(big*0.01, 1e-3*min(big*1e300, 1))
		if big == 0 {
			d.bandwidth = 0.01
		}
	}
	d.bandwidth = min(d.bandwidth, math.MaxFloat64/64)
	return d
}

// at is the density at x.
func (d estimate) at(x float64) float64 {
	// Only the values within nine bandwidths count: others have a share below 1e-17.
	lo, _ := slices.BinarySearch(d.values, x-9*d.bandwidth)
	hi, _ := slices.BinarySearch(d.values, x+9*d.bandwidth)
	sum := 0.0
	for _, v := range d.values[lo:hi] {
		z := (x - v) / d.bandwidth
		sum += math.Exp(-z * z / 2)
	}
	return sum / (float64(len(d.values)) * math.Sqrt(2*math.Pi)) / d.bandwidth
}

const (
	densityPoints = 256  // of a curve
	mostKernels   = 4000 // values with a kernel each; more are put together first
)

// curve is the density from so many bandwidths before the first value to as many behind the last.
func (d estimate) curve(beyond float64) Series {
	if len(d.values) == 0 {
		return Series{X: []float64{}}
	}
	lo := max(d.values[0]-beyond*d.bandwidth, -math.MaxFloat64/4)
	hi := min(d.values[len(d.values)-1]+beyond*d.bandwidth, math.MaxFloat64/4)
	if !(hi > lo) {
		return Series{X: []float64{}}
	}
	of := d.at
	if len(d.values) > mostKernels {
		of = d.gathered(lo, hi)
	}
	s := Series{}
	for i := range densityPoints {
		t := float64(i) / (densityPoints - 1)
		x := lo*(1-t) + hi*t
		s.X, s.Y = append(s.X, x), append(s.Y, of(x))
	}
	return s
}

// gathered is the density of many values: each is shared by the two nearest of some thousand places, by its distance
// from them, and the places have the kernels.
func (d estimate) gathered(lo, hi float64) func(x float64) float64 {
	places := 4096
	if fine := 8 * (hi - lo) / d.bandwidth; fine > 4096 { // at least eight places in a bandwidth
		places = int(min(fine, 1<<16))
	}
	step := (hi - lo) / float64(places-1)
	weights := make([]float64, places)
	for _, v := range d.values {
		at := min(max((v-lo)/step, 0), float64(places-1))
		i := min(int(at), places-2)
		weights[i] += 1 - (at - float64(i))
		weights[i+1] += at - float64(i)
	}
	return func(x float64) float64 {
		first := max(int(math.Ceil((x-9*d.bandwidth-lo)/step)), 0)
		last := min(int((x+9*d.bandwidth-lo)/step), places-1)
		sum := 0.0
		for i := first; i <= last; i++ {
			if w := weights[i]; w > 0 {
				z := (x - lo - float64(i)*step) / d.bandwidth
				sum += w * math.Exp(-z*z/2)
			}
		}
		return sum / (float64(len(d.values)) * math.Sqrt(2*math.Pi)) / d.bandwidth
	}
}
