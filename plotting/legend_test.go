package plotting

import (
	"fmt"
	"strings"
	"testing"
)

// Every series is named, whatever the number and the length of the names.
func TestLegendNamesEverySeries(t *testing.T) {
	for _, c := range []struct {
		n      int
		format string
		size   Size
	}{{3, "learning rate of about %d", Size{}}, {10, "digit %d", Size{}}, {30, "s%d", Size{}}, {10, "digit %d", Size{Width: 200}}} {
		var series []Series
		for i := range c.n {
			series = append(series, Series{Name: fmt.Sprintf(c.format, i), Y: []float64{1, float64(i)}})
		}
		svg := Lines(series, Title("t"), c.size).SVG()
		for _, s := range series {
			if !strings.Contains(svg, ">"+s.Name+"<") {
				t.Errorf("%d series: %q is not in the legend", c.n, s.Name)
			}
		}
	}
	svg := Curves(training(3), Columns(5)).SVG()
	if strings.Count(svg, ">training<") != 1 || strings.Count(svg, ">validation<") != 1 {
		t.Error("the curves do not have one legend")
	}
}

// Of series beyond the legend's rows it says how many there are, and lines that share a colour differ in their dashes.
func TestLegendOfVeryManySeries(t *testing.T) {
	var series []Series
	for i := range 400 {
		series = append(series, Series{Name: fmt.Sprintf("series number %d", i), Y: []float64{1, float64(i)}})
	}
	f := Lines(series)
	svg := f.SVG()
	if shown := strings.Count(svg, ">series number "); !strings.Contains(svg, fmt.Sprintf(">and %d more<", 400-shown)) {
		t.Errorf("%d of 400 are named, and nothing says that there are more", shown)
	}
	if n := len(Light.Series); Light.series(0) != Light.series(n) || fmt.Sprint(dashesOf[0]) == fmt.Sprint(dashesOf[1]) {
		t.Error("the eighth line looks like the first")
	}
}
