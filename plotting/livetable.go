package plotting

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// LiveTable returns a function that shows a table which changes while something runs, such as that of a search: give it
// to the field Watch of tune.Search or tune.CrossValidation. In a notebook it is one output, which a saved notebook keeps
// as it is at the end; in a terminal lines that are written anew, at most twice a second; else the last table only.
func LiveTable() func(table interface {
	String() string
	HTML() string
	Done() bool
}) {
	t := &liveTable{now: time.Now}
	if send := notebook.Load(); send != nil {
		id := newDisplayID()
		t.show = func(text, html string, _ bool) {
			(*send)(map[string]any{"text/html": html, "text/plain": text}, nil, id)
		}
	} else {
		info, err := os.Stderr.Stat()
		t.show = (&tableLines{w: os.Stderr, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}).show
	}
	return t.watch
}

// liveTable hands a table on when it is time for one.
type liveTable struct {
	mu   sync.Mutex
	show func(text, html string, done bool)
	now  func() time.Time
	last time.Time
}

func (t *liveTable) watch(table interface {
	String() string
	HTML() string
	Done() bool
}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if !table.Done() && now.Sub(t.last) < frameTime {
		return
	}
	t.last = now
	t.show(table.String(), table.HTML(), table.Done())
}

// tableLines writes a table over the one before.
type tableLines struct {
	w        io.Writer
	terminal bool
	lines    int // of the table that is shown
}

func (l *tableLines) show(text, _ string, done bool) {
	switch {
	case l.terminal:
		if l.lines > 0 {
			fmt.Fprintf(l.w, "\x1b[%dA\x1b[J", l.lines) // up, and clear to the end of the screen
		}
		fmt.Fprintln(l.w, text)
		l.lines = strings.Count(text, "\n") + 1
	case done:
		fmt.Fprintln(l.w, text)
	}
}
