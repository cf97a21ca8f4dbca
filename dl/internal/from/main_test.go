package main

import (
	"os"
	"strings"
	"testing"
)

// The page's text and examples are those that are here, and each of its rows is a line of names.txt, whose names a test
// of package complete looks for. Lines that are newer than the page come to it by the command.
func TestPage(t *testing.T) {
	page, err := write("../..")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("../../FROM.md")
	if err != nil {
		t.Fatal(err)
	}
	const table = "\n### "
	text, rows, _ := strings.Cut(string(b), table)
	if now, _, _ := strings.Cut(string(page), table); text != now {
		t.Error("dl/FROM.md has another text than page.md and idioms_test.go: go run modelbook/dl/internal/from dl")
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		known[line] = true
	}
	n := 0
	for line := range strings.Lines(rows) {
		if strings.HasPrefix(line, "|") {
			if n++; !known[line] {
				t.Errorf("dl/FROM.md has a row that names.txt does not give: go run modelbook/dl/internal/from dl\n%s", line)
			}
		}
	}
	if n < 500 {
		t.Errorf("the page has %d rows", n)
	}
}

// Every line of names.txt has its table.
func TestEveryNameHasATable(t *testing.T) {
	names, err := os.ReadFile("../../names.txt")
	if err != nil {
		t.Fatal(err)
	}
	rows := read(string(names))
	all := tables(rows)
	for _, r := range rows {
		if line := r.shown(); !strings.Contains(all, "| "+line+" |") {
			t.Errorf("%s is in no table: see areas", r.ours)
		}
	}
}
