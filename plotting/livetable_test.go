package plotting

import (
	"strings"
	"testing"
	"time"
)

type counted struct{ n, of int }

func (c counted) String() string { return strings.Repeat("line\n", c.n) + "end" }
func (c counted) HTML() string   { return "<table></table>" }
func (c counted) Done() bool     { return c.n == c.of }

// A table is shown at once, then at most twice a second, and always as it is at the end.
func TestLiveTable(t *testing.T) {
	var shown []string
	now := time.Unix(0, 0)
	live := &liveTable{now: func() time.Time { return now }, show: func(text, _ string, _ bool) { shown = append(shown, text) }}
	for n := range 12 {
		live.watch(counted{n, 11})
		now = now.Add(frameTime / 4)
	}
	if len(shown) != 4 || shown[0] != "end" || shown[3] != (counted{11, 11}).String() {
		t.Errorf("%d tables: %q", len(shown), shown)
	}
}

func TestATableInATerminalIsWrittenOver(t *testing.T) {
	var b strings.Builder
	lines := &tableLines{w: &b, terminal: true}
	lines.show("a\nb", "", false)
	lines.show("c", "", true)
	if b.String() != "a\nb\n\x1b[2A\x1b[Jc\n" {
		t.Errorf("%q", b.String())
	}
	b.Reset()
	lines = &tableLines{w: &b}
	lines.show("a\nb", "", false)
	lines.show("c", "", true)
	if b.String() != "c\n" {
		t.Errorf("not a terminal: %q", b.String())
	}
}

// In a notebook the tables replace one another in one output.
func TestLiveTableInANotebook(t *testing.T) {
	ids := map[string]int{}
	before := notebook.Load()
	SetNotebook(func(data, _ map[string]any, id string) {
		if data["text/html"] != "<table></table>" || data["text/plain"] == "" {
			t.Errorf("%v", data)
		}
		ids[id]++
	})
	defer notebook.Store(before)
	show := LiveTable()
	show(counted{0, 1})
	show(counted{1, 1})
	if len(ids) != 1 || ids[""] != 0 {
		t.Errorf("shown as %v", ids)
	}
}
