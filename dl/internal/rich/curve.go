package rich

import (
	"fmt"
	"math"
	"strings"
)

// Curve is a series of values in a small chart.
type Curve struct {
	Name   string
	Values []float64 // what is no finite number is a gap
	Best   int       // the place that is marked, -1: none
}

// Curves draws one or two curves of the same measure over one another, the second one dashed.
func Curves(curves ...Curve) string {
	const w, h, edge, most = 176.0, 48.0, 5.0, 400
	lo, hi, n := math.Inf(1), math.Inf(-1), 0
	var names []string
	for _, c := range curves {
		a, b := bounds(c.Values)
		lo, hi, n = min(lo, a), max(hi, b), max(n, len(c.Values))
		names = append(names, c.Name)
	}
	if lo > hi {
		return ""
	}
	scale := func(float64) float64 { return 0.5 }
	if hi > lo {
		scale = scaleOf(lo, hi)
	}
	x := func(i int) float64 {
		if n == 1 {
			return w / 2
		}
		return edge + float64(float64(i)/float64(n-1)*(w-2*edge))
	}
	y := func(v float64) float64 { return edge + float64((1-scale(v))*(h-2*edge)) }
	var d drawing
	d.path(fmt.Sprintf("M0 %s.5H%s", num(h-1), num(w)), thin)
	for k, c := range curves {
		colour, dash := Blue, ""
		if k > 0 {
			colour, dash = Orange, ` stroke-dasharray="5 2"`
		}
		var line strings.Builder
		var dots []int
		pen, alone := "M", -1
		stride := max((len(c.Values)+most-1)/most, 1) // of long ones the last of each few, what they came to
		for i := (len(c.Values) - 1) % stride; i < len(c.Values) && i >= 0; i += stride {
			v := c.Values[i]
			if v-v != 0 {
				if alone >= 0 {
					dots = append(dots, alone)
				}
				pen, alone = "M", -1
				continue
			}
			if alone = -1; pen == "M" {
				alone = i
			}
			line.WriteString(pen + num(x(i)) + " " + num(y(v)))
			pen = "L"
		}
		if alone >= 0 {
			dots = append(dots, alone)
		}
		if line.Len() > 0 {
			d.path(line.String(), fmt.Sprintf(` fill="none" stroke="%s" stroke-width="1.5" stroke-linejoin="round"%s`, colour, dash))
		}
		for _, i := range dots {
			fmt.Fprintf(&d, `<circle cx="%s" cy="%s" r="2" fill="%s"/>`, num(x(i)), num(y(c.Values[i])), colour)
		}
		if i := c.Best; i >= 0 && i < len(c.Values) && c.Values[i]-c.Values[i] == 0 {
			fmt.Fprintf(&d, `<circle cx="%s" cy="%s" r="3.5" fill="none" stroke="%s" stroke-width="1.5"/>`, num(x(i)), num(y(c.Values[i])), colour)
		}
	}
	return d.svg(w, h, "curve of "+strings.Join(names, " and "))
}
