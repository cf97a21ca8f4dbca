package plotting

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"modelbook/dl/train"
)

// displays makes the display identifiers of a process different.
var displays atomic.Int64

func newDisplayID() string {
	return fmt.Sprintf("modelbook-live-%d-%x-%d", os.Getpid(), time.Now().UnixNano(), displays.Add(1))
}

// notebookScreen updates one output of a notebook.
type notebookScreen struct {
	id    string
	send  sender
	drawn *train.History // what image shows
	steps int            // batches that image shows
	image string
	next  time.Duration // the processor time at which curves may be drawn again
	late  time.Time     // when they may, whatever the processor time
}

func (s *notebookScreen) show(f frame) {
	changed := f.history != s.drawn || len(f.story.losses) != s.steps
	if s.drawn == nil || changed && (spentByProcess() >= s.next || time.Now().After(s.late)) {
		s.drawn, s.steps = f.history, len(f.story.losses)
		s.draw(f)
	}
	s.send(map[string]any{"text/html": s.html(f), "text/plain": f.text()}, nil, s.id)
}

func (s *notebookScreen) draw(f frame) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := spentByThread()
	figure := f.figure()
	s.image = fmt.Sprintf(`<img width="%.0f" height="%.0f" alt="%s" src="data:image/png;base64,%s">`, figure.width, figure.height,
		html.EscapeString(figure.text), base64.StdEncoding.EncodeToString(figure.PNG()))
	s.next = spentByProcess() + drawShare*(spentByThread()-before)
	s.late = time.Now().Add(slowest)
}

func (s *notebookScreen) html(f frame) string {
	var b strings.Builder
	b.WriteString(`<div style="max-width:880px;font-family:'Liberation Sans',Arial,Helvetica,sans-serif;font-size:13px">` +
		`<div style="display:flex;flex-wrap:wrap;gap:0 1.5em;margin-bottom:4px">`)
	for i, part := range strings.Split(f.text(), "  ") {
		tag := "span"
		if i == 0 {
			tag = "b"
		}
		fmt.Fprintf(&b, "<%s>%s</%[1]s>", tag, html.EscapeString(part))
	}
	fmt.Fprintf(&b, `</div><div role="progressbar" aria-valuenow="%.0f" aria-valuemin="0" aria-valuemax="100" `+
		`style="height:6px;border-radius:3px;background:rgba(128,128,128,.3);margin-bottom:8px">`+
		`<div style="width:%.1f%%;height:6px;border-radius:3px;background:#0072b2"></div></div>%s</div>`, 100*f.share, 100*f.share, s.image)
	return b.String()
}

func (s *notebookScreen) finish(figure *Figure, text string) error {
	if figure == nil {
		s.send(map[string]any{"text/plain": text}, nil, s.id)
		return nil
	}
	data := figure.MimeBundle()
	data["text/plain"] = text
	s.send(data, figure.sizeOnly(), s.id)
	return nil
}

// terminalScreen writes a line that changes, and saves the picture at the end.
type terminalScreen struct {
	w     io.Writer
	path  string
	width int // of the line shown
}

func (s *terminalScreen) line(text, end string) {
	width := utf8.RuneCountInString(text)
	fmt.Fprintf(s.w, "\r%s%s%s", text, strings.Repeat(" ", max(0, s.width-width)), end)
	s.width = width
}

func (s *terminalScreen) show(f frame) { s.line(f.text(), "") }

func (s *terminalScreen) finish(figure *Figure, text string) error {
	s.line(text, "\n")
	if figure == nil {
		return nil
	}
	fmt.Fprintln(s.w, "saved as", s.path)
	return figure.Save(s.path)
}
