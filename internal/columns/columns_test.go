package columns

import (
	"slices"
	"testing"
)

func last(column int) bool { return column == 1 }

func TestLines(t *testing.T) {
	rows := [][]string{{"name", "n"}, {"ä", "200"}, {"short"}, {"", ""}}
	for _, test := range []struct {
		right func(int) bool
		want  []string
	}{
		{last, []string{"name     n", "ä      200", "short", ""}},
		{nil, []string{" name    n", "    ä  200", "short", ""}},
	} {
		if got := Lines(rows, test.right); !slices.Equal(got, test.want) {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := Lines(nil, nil); len(got) != 0 {
		t.Errorf("lines of no rows: %q", got)
	}
}

func TestHTML(t *testing.T) {
	const want = `<table><tr><th style="text-align: left">a</th><th style="text-align: right">b</th></tr>` +
		`<tr><td style="text-align: left">&lt;x&gt;</td><td style="text-align: right">1</td></tr></table>`
	if got := HTML([][]string{{"a", "b"}, {"<x>", "1"}}, last); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
