package notebook

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/engine"
)

// A Screen shows a run as text. On a terminal, colours mark the code and progress
// is redrawn in place; elsewhere (a log file, a pipe) progress is written as a
// line at intervals.
type Screen struct {
	// Every is the time between two lines of one progress where they cannot
	// be drawn over each other.
	Every time.Duration
	// Width of the terminal in characters, or 0. Progress is cut to it: a
	// line that wraps cannot be drawn over.
	Width int
	// Total is the number of cells that will run, or 0 when it is not known.
	Total int

	mu       sync.Mutex
	w        io.Writer
	terminal bool
	column   bool      // something stands on the last line
	live     string    // the display ID drawn last, which may be drawn over
	height   int       // lines of it
	last     time.Time // when progress was last written, without a terminal
	waiting  string    // progress not written yet, without a terminal
	line     page      // the unfinished line of a stream, without a terminal
}

// NewScreen makes a screen that writes to w.
func NewScreen(w io.Writer, terminal bool) *Screen {
	return &Screen{w: w, terminal: terminal, Every: 10 * time.Second}
}

const (
	dim    = "2"
	bold   = "1"
	red    = "31"
	blue   = "34"
	yellow = "33"
)

func (s *Screen) style(code, text string) string {
	if !s.terminal || text == "" || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// print writes text as it is.
func (s *Screen) print(text string) {
	if text == "" {
		return
	}
	io.WriteString(s.w, text)
	s.column = !strings.HasSuffix(text, "\n")
	s.live = ""
}

// newline ends the line that something stands on.
func (s *Screen) newline() {
	if s.line.String() != "" {
		s.print(s.line.String())
		s.line = page{}
	}
	if s.column {
		s.print("\n")
	}
}

// Markdown shows the headings of a Markdown cell.
func (s *Screen) Markdown(source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fence := false
	for line := range strings.Lines(source) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "```") {
			fence = !fence
		}
		if heading := strings.TrimLeft(line, "#"); !fence && heading != line && strings.HasPrefix(heading, " ") {
			s.newline()
			s.print("\n" + s.style(bold, line) + "\n")
		}
	}
}

// Code shows a cell that begins.
func (s *Screen) Code(number int, source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newline()
	head := fmt.Sprintf("[%d] ", number)
	if s.Total > 0 {
		head = fmt.Sprintf("[%d/%d] ", number, s.Total)
	}
	margin := strings.Repeat(" ", len(head))
	code := source
	if s.terminal {
		code = highlight(source, s.style)
	}
	var b strings.Builder
	b.WriteString("\n" + s.style(dim, head))
	for i, line := range splitLines(strings.TrimRight(code, "\n")) {
		if i > 0 {
			b.WriteString(margin)
		}
		b.WriteString(line)
	}
	b.WriteString("\n")
	s.print(b.String())
}

// Stream shows text of a running cell.
func (s *Screen) Stream(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.live != "" && s.column {
		s.print("\n")
	}
	if s.terminal {
		s.print(text)
		return
	}
	// Without a terminal only finished lines are written, and a line that is
	// drawn over and over now and then.
	text = plain(text)
	redrawn := strings.Contains(text, "\r")
	s.line.write(text)
	s.print(s.line.done.String())
	s.line.done.Reset()
	if redrawn && len(s.line.line) > 0 && time.Since(s.last) >= s.Every {
		s.last = time.Now()
		s.print(string(s.line.line) + "\n")
		s.line = page{}
	}
}

// Display shows rich output as its plain text. An update is drawn over what
// it replaces if that stands last.
func (s *Screen) Display(d engine.Display) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.TrimRight(describe(d), "\n")
	if !s.terminal {
		text = plain(text)
	}
	switch {
	case !d.Update:
		s.newline()
	case s.terminal && s.live == d.ID:
		if s.height > 1 {
			fmt.Fprintf(s.w, "\x1b[%dA", s.height-1)
		}
		io.WriteString(s.w, "\r\x1b[J")
	case s.terminal:
		s.newline()
	case time.Since(s.last) < s.Every:
		s.waiting = text
		return
	default:
		s.newline()
	}
	s.waiting = ""
	s.last = time.Now()
	if d.ID != "" && s.terminal {
		text = cut(text, s.Width)
		s.print(text) // the cursor stays, so that an update finds it
		s.live, s.height = d.ID, strings.Count(text, "\n")+1
		return
	}
	s.print(text + "\n")
}

// Error shows why a cell failed.
func (s *Screen) Error(err *engine.CellError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newline()
	text := strings.Join(err.Traceback, "\n")
	if text == "" {
		text = s.style(red, err.Error())
	}
	if !s.terminal {
		text = plain(text)
	}
	s.print(strings.TrimRight(text, "\n") + "\n")
}

// End finishes what a cell left unfinished on the screen.
func (s *Screen) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newline()
	if s.waiting != "" {
		s.print(s.waiting + "\n")
		s.waiting = ""
	}
}

// describe is what a terminal shows of a display.
func describe(d engine.Display) string {
	for _, mime := range []string{"text/plain", "text/markdown"} {
		if text, ok := d.Data[mime].(string); ok {
			return text
		}
	}
	var mimes []string
	for mime := range d.Data {
		mimes = append(mimes, mime)
	}
	slices.Sort(mimes)
	return "[" + strings.Join(mimes, ", ") + "]"
}

// cut shortens the lines of text to less than width characters.
func cut(text string, width int) string {
	if width <= 0 {
		return text
	}
	lines := strings.Split(plain(text), "\n")
	for i, line := range lines {
		if r := []rune(line); len(r) >= width {
			lines[i] = string(r[:width-1])
		}
	}
	return strings.Join(lines, "\n")
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[ -/]*[@-~]")

// plain is text without terminal escapes.
func plain(text string) string { return escapes.ReplaceAllString(text, "") }
