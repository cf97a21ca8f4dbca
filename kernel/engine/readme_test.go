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
