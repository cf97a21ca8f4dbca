package table

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	table := Table{Title: "two rows", Head: []string{"name", "n"}, Rows: [][]string{{"a\tb", "1"}, {"ä", "200"}}, Right: -1}
	if got, want := table.Text(), "two rows\nname    n\na b     1\nä     200"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestHTML(t *testing.T) {
	long := strings.Repeat("long ", 8)
	got := Table{Title: "<1>", Head: []string{"a", "b", "c"}, Rows: [][]string{{" x", "<y>", long}}, Right: 1, Colour: map[string]string{"<y>": "red"}}.HTML()
	for _, want := range []string{"<p>&lt;1&gt;</p>", `<th style="text-align:right;white-space:nowrap">a</th>`, `<th style="text-align:left">c</th>`, ">&nbsp;&nbsp;x</code>", `font-weight:bold;color:red"`, "&lt;y&gt;</code>"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}
