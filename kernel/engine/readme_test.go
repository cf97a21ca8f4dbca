package engine

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// goBlocks are the cells that a README shows.
func goBlocks(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^```go\n(.*?)\n```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

func TestCellsOfTheReadmeRun(t *testing.T) {
	blocks := goBlocks(t, "README.md")
	if len(blocks) < 6 {
		t.Fatalf("README.md shows %d cells", len(blocks))
	}
	if !slices.Equal(goBlocks(t, "README.zh-CN.md"), blocks) {
		t.Error("README.zh-CN.md shows other cells than README.md")
	}
	nb := &notebook{t: t, Engine: newEngineAt(t, ownHome(t))}
	nb.run("func fitted(degree int, noise float64) *plotting.Figure { return plotting.Line(nil, []float64{noise, float64(degree)}) }")
	for _, b := range blocks {
		nb.run(strings.ReplaceAll(b, "Epochs: 3", "Epochs: 1"))
	}
	nb.prints("fmt.Print(sum == 31, mean(xs) == 3.875, history.Last(\"val_accuracy\") > 0.9)", "true true true")
}

// The Chinese README has the headings, list items and rows of tables that the English one has, section by section.
func TestChineseReadmeHasAllSections(t *testing.T) {
	english, chinese := parts(t, "README.md"), parts(t, "README.zh-CN.md")
	if len(english) < 9 || len(english) != len(chinese) {
		t.Fatalf("README.md has %d sections, README.zh-CN.md %d", len(english), len(chinese))
	}
	for i, want := range english {
		if got := chinese[i]; got.items != want.items || got.rows != want.rows {
			t.Errorf("%q has %d list items and %d rows of tables, %q has %d and %d", want.heading, want.items, want.rows, got.heading, got.items, got.rows)
		}
	}
}

// A part is a section of a README.
type part struct {
	heading     string
	items, rows int
}

func parts(t *testing.T, file string) []part {
	t.Helper()
	text, err := os.ReadFile("../../" + file)
	if err != nil {
		t.Fatal(err)
	}
	list := []part{{}}
	for line := range strings.Lines(string(text)) {
		last := &list[len(list)-1]
		switch {
		case strings.HasPrefix(line, "## "):
			list = append(list, part{heading: strings.TrimSpace(line)})
		case strings.HasPrefix(line, "- "):
			last.items++
		case strings.HasPrefix(line, "|"):
			last.rows++
		}
	}
	return list
}
