package metric

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// A class without samples has no recall, and a matrix without samples no accuracy.
func TestWhatWasNotMeasuredIsADash(t *testing.T) {
	c := NewConfusionMatrix("a", "b")
	if s := c.String() + c.HTML(); strings.Contains(s, "0.0000") || !strings.Contains(s, "no samples") {
		t.Error(s)
	}
	c.Counts[0][0], c.Counts[0][1] = 3, 1
	if s := c.String(); !strings.Contains(s, "\nb                 0  0       –\n") || !strings.Contains(s, "accuracy 0.7500 (4 samples)") {
		t.Error(s)
	}
	if s := c.HTML(); !strings.Contains(s, "<td>–</td>") || !strings.Contains(s, `rgba(31,119,180,0.45)">3<`) || !strings.Contains(s, `rgba(230,120,20,0.15)">1<`) {
		t.Error(s)
	}
}

// Long names, or names with line breaks, do not tear the table.
func TestConfusionMatrixWithLongNames(t *testing.T) {
	var names []string
	for i := range 12 {
		names = append(names, fmt.Sprintf("a rather long class name that goes on and\non number %d", i))
	}
	s := NewConfusionMatrix(names...).String()
	lines := strings.Split(s, "\n")
	if len(lines) != 14 {
		t.Fatalf("%d lines:\n%s", len(lines), s)
	}
	seen := map[string]bool{}
	for _, line := range lines[1:13] {
		name, _, _ := strings.Cut(line, "  ")
		seen[name] = true
		if len([]rune(line)) > 100 {
			t.Errorf("a line of %d characters", len([]rune(line)))
		}
	}
	if len(seen) != 12 {
		t.Errorf("only %d of 12 names are different:\n%s", len(seen), s)
	}
}

// Of many classes the mistakes are listed: as text and as HTML a few lines.
func TestConfusionMatrixOfManyClasses(t *testing.T) {
	c := NewConfusionMatrix(NumberedClasses(1000)...)
	for i := range c.Counts {
		c.Counts[i][i] = 90
		c.Counts[i][(i+1)%1000] = i % 10
	}
	c.Counts[7][3] = 40
	for _, s := range []string{c.String(), c.HTML()} {
		if len(s) > 4<<10 {
			t.Errorf("%d bytes", len(s))
		}
	}
	if s := c.String(); !strings.Contains(s, "7 taken for 3: 40 of 137 (29.2 %)") || !strings.Contains(s, "accuracy 0.9520 (94,540 samples)") {
		t.Error(s)
	}
	want := []Confusion{{7, 3, 40}, {9, 10, 9}, {19, 20, 9}}
	if got := c.Confusions(3); !reflect.DeepEqual(got, want) {
		t.Errorf("Confusions(3) = %v, want %v", got, want)
	}
	if c.Confusions(0) != nil {
		t.Error("mistakes when none were asked for")
	}
}
