package plotting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"modelbook/dl/metric"
)

// However many classes there are, the picture stays within 2,000 pixels and its text within a page.
func TestConfusionOfManyClassesIsBounded(t *testing.T) {
	start := time.Now()
	for _, n := range []int{29, 31, 150, 151, 300, 1000} {
		f := Confusion(many(n))
		if size := f.Image().Bounds().Size(); size.X > 2000 || size.Y > 2000 {
			t.Errorf("%d classes: %v", n, size)
		}
		if len(f.String()) > 8<<10 {
			t.Errorf("%d classes: a text of %d bytes", n, len(f.String()))
		}
		if len(f.SVG()) > 1<<20 {
			t.Errorf("%d classes: an SVG of %d bytes", n, len(f.SVG()))
		}
	}
	if f := Confusion(many(5), Size{Width: 50_000}); f.width > mostPixels+400 {
		t.Errorf("%v wide", f.width)
	}
	if spent := time.Since(start); spent > 30*time.Second {
		t.Errorf("took %v", spent)
	}
}

// A few mistakes in a million are pale, however rare all others are.
func TestRareMistakesArePale(t *testing.T) {
	m := newConfusion(&metric.ConfusionMatrix{Counts: [][]int{{1_234_567, 4}, {0, 1_000_000}}}, options{theme: Light})
	if got, pale := m.shade(Light, 0, 1), Light.odd[0]; contrast(got, pale) > 1.05 {
		t.Errorf("4 of 1,234,571 are drawn in %v", got)
	}
	m = newConfusion(&metric.ConfusionMatrix{Counts: [][]int{{40, 60}, {0, 100}}}, options{theme: Light})
	if got := m.shade(Light, 0, 1); got != Light.odd[2] {
		t.Errorf("60 %% are drawn in %v", got)
	}
}

// Names that begin alike stay different, and numbers that do not fit are written short.
func TestConfusionNames(t *testing.T) {
	var names []string
	for i := range 12 {
		names = append(names, fmt.Sprintf("a rather long class name, %d of twelve that are alike", i))
	}
	m := newConfusion(metric.NewConfusionMatrix(names...), options{theme: Light})
	seen := map[string]bool{}
	for _, name := range m.classes {
		seen[style{size: textSize}.fittedMiddle(name, longestName)] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d different names: %v", len(seen), seen)
	}
	big := many(20)
	big.Counts[3][3] = 123_456
	if svg := Confusion(big).SVG(); !strings.Contains(svg, ">123k<") {
		t.Error("no short number")
	}
}

// A figure names precision and recall of a class that has any.
func TestConfusionRates(t *testing.T) {
	svg := Confusion(&metric.ConfusionMatrix{Classes: []string{"a", "b"}, Counts: [][]int{{3, 1}, {0, 0}}}).SVG()
	for _, want := range []string{">recall %<", ">precision %<", ">75.0<", ">–<", ">100<", ">mistakes, of the true class<", ">25.0 %<"} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s", want)
		}
	}
}
