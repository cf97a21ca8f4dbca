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
	quiet time.Time     // before this nothing is sent, so that it does not become too much
	next  time.Duration // the processor time at which curves may be drawn again
	late  time.Time     // when they may, whatever the processor time

	table  string         // of the newest epochs, as HTML
	tabled *train.History // what table shows

	now func() time.Time // nil: time.Now
}

// mostRate is the number of bytes a second that are sent: a notebook server cuts a kernel off that sends a million.
const mostRate = 500_000

// newestEpochs are shown in the table, and the best one.
const newestEpochs = 8

func (s *notebookScreen) show(f frame) {
	now := time.Now()
	if s.now != nil {
		now = s.now()
	}
	if now.Before(s.quiet) {
		return
	}
	changed := f.history != s.drawn || len(f.story.losses) != s.steps
	if s.drawn == nil || changed && (spentByProcess() >= s.next || time.Now().After(s.late)) {
		s.drawn, s.steps = f.history, len(f.story.losses)
		s.draw(f)
	}
	if f.history != nil && f.history != s.tabled && len(f.history.Epochs) > 0 {
		s.tabled = f.history
		s.table, _ = f.history.EpochTable(0, newestEpochs)
	}
	content, text := s.html(f), f.line(0)
	s.send(map[string]any{"text/html": content, "text/plain": text}, nil, s.id)
	s.quiet = now.Add(time.Duration(len(content)+len(text)) * time.Second / mostRate)
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
		`<div style="width:%.1f%%;height:6px;border-radius:3px;background:#0072b2"></div></div>%s%s</div>`, 100*f.share, 100*f.share, s.image, s.table)
	return b.String()
}

func (s *notebookScreen) finish(figure *Figure, text string, history *train.History) error {
	if figure == nil {
		s.send(map[string]any{"text/plain": text}, nil, s.id)
		return nil
	}
	data := figure.MimeBundle()
	data["text/plain"] = text
	s.send(data, figure.sizeOnly(), s.id)
	table, lines := history.EpochTable(0, newestEpochs)
	s.send(map[string]any{"text/html": table, "text/plain": lines}, nil, s.id+"-epochs")
	return nil
}

// terminalScreen writes a line that changes, and saves the picture at the end.
type terminalScreen struct {
	w     io.Writer
	path  string
	width int // of the line shown

	columns int // of the terminal, 0: not known
}

func (s *terminalScreen) line(text, end string) {
	width := utf8.RuneCountInString(text)
	fmt.Fprintf(s.w, "\r%s%s%s", text, strings.Repeat(" ", max(0, s.width-width)), end)
	s.width = width
}

func (s *terminalScreen) show(f frame) { s.line(f.line(s.columns), "") }

// line is the frame as a line with a bar, of at most so many columns where these are known: what does not fit in is left
// out at the end, so that the line does not become two, which could not be written over.
func (f frame) line(columns int) string {
	const long = 20
	done := min(max(f.share, 0), 1)
	eighths := int(done * long * 8)
	bar := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		bar += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	text := fmt.Sprintf("%s  %.0f%%|%s%s|", f.position, 100*done, bar, strings.Repeat(" ", long-utf8.RuneCountInString(bar)))
	for _, part := range strings.Split(strings.TrimPrefix(f.text(), f.position), "  ") {
		if part == "" {
			continue
		}
		if columns > 0 && utf8.RuneCountInString(text+"  "+part) >= columns {
			break
		}
		text += "  " + part
	}
	return text
}

func (s *terminalScreen) finish(figure *Figure, text string, _ *train.History) error {
	s.line(text, "\n")
	if figure == nil {
		return nil
	}
	fmt.Fprintln(s.w, "saved as", s.path)
	return figure.Save(s.path)
}
