package kernel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

const (
	// flushEvery is how long text waits for more of it. Front ends draw a
	// message at a time, and notebook servers cut a kernel that sends more
	// than a thousand a second.
	flushEvery = 100 * time.Millisecond
	// flushSize is the amount of text that does not wait.
	flushSize = 64 << 10
	// maxSegments is the number of turns that two streams may take meanwhile.
	maxSegments = 40
	// maxText is the text of one cell that is shown. It stays under the
	// 1 MB/s, counted over 3 s, at which notebook servers cut.
	maxText = 2 << 20
	// maxSpill is the text of one cell kept in a file when more was put out.
	maxSpill = 1 << 30
	// maxUpdates is the number of displays updated in the time of flushEvery:
	// half of what notebook servers let pass.
	maxUpdates = 50
	// endOfText is how much of the end of text over maxText is shown when the
	// cell ends.
	endOfText = 4 << 10
	// maxDisplays is the number of rich outputs of one cell, updates not counted.
	maxDisplays = 2000
)

// An output is the sink of one cell: it publishes what the cell puts out as
// belonging to the cell's request, until it is closed.
type output struct {
	ctx    context.Context
	k      *Kernel
	parent *wire.Message
	number int
	stdin  bool   // the front end can be asked for input
	result string // plain text of the last result; read after close

	mu       sync.Mutex
	next     []jupyter.SetNextInput // what the cell fills in (%load)
	closed   bool
	text     []segment                 // not published yet
	waiting  int                       // bytes of it
	clearing *bool                     // a clear_output that was not published yet: its wait
	timer    *time.Timer               // flushes it
	shown    int                       // bytes of text published
	displays int                       // published, updates not counted
	updates  map[string]engine.Display // by display ID: not published yet
	updated  map[string]time.Time      // by display ID: when one was published last
	window   time.Time                 // when the present share of updates began
	share    int                       // updates published in it
	spill    *os.File                  // where text over maxText goes
	spilled  int
	end      []byte // of the text over maxText
}

// A segment is text of one stream.
type segment struct {
	stream string
	text   []byte
}

var (
	_ engine.Sink      = (*output)(nil)
	_ engine.NextInput = (*output)(nil)
)

func newOutput(ctx context.Context, k *Kernel, parent *wire.Message, number int, stdin bool) *output {
	return &output{
		ctx: ctx, k: k, parent: parent, number: number, stdin: stdin,
		updates: map[string]engine.Display{}, updated: map[string]time.Time{},
	}
}

// Stream publishes text a little later, together with what follows.
func (o *output) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.k.late.add(len(text), func(next *output) { next.Stream(name, text) })
		return
	}
	if room := maxText - o.shown - o.waiting; len(text) > room {
		o.over(text[max(room, 0):])
		text = text[:max(room, 0)]
	}
	if text == "" {
		return
	}
	s := o.segment(name)
	s.text = append(s.text, text...)
	if o.waiting += len(text); o.waiting >= flushSize {
		o.flushLocked(false)
		return
	}
	o.flushSoon()
}

// NextInput makes the front end fill in a cell, when the reply comes.
func (o *output) NextInput(text string, replace bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = []jupyter.SetNextInput{{Text: text, Replace: replace}}
}

// payload is what the reply to the cell carries besides its outcome.
func (o *output) payload() []jupyter.SetNextInput {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next
}

// segment is where text of a stream is appended to: the last segment or a new
// one. Streams that take turns too fast are not kept in order.
func (o *output) segment(stream string) *segment {
	for i := len(o.text) - 1; i >= 0; i-- {
		if o.text[i].stream == stream && (i == len(o.text)-1 || len(o.text) >= maxSegments) {
			return &o.text[i]
		}
	}
	o.text = append(o.text, segment{stream: stream})
	return &o.text[len(o.text)-1]
}

// flushSoon publishes what waits a little later.
func (o *output) flushSoon() {
	if o.timer != nil {
		return
	}
	o.timer = time.AfterFunc(flushEvery, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.timer = nil
		o.flushLocked(false)
	})
}

// over keeps text that is too much to show in a file, and tells where it is
// and what of it could not be kept.
func (o *output) over(text string) {
	if o.spilled == 0 {
		o.flushLocked(true)
		f, err := os.CreateTemp("", fmt.Sprintf("modelbook-cell%d-*.txt", o.number))
		if err != nil {
			o.lose("is lost: " + err.Error())
		} else {
			o.spill = f
			o.note("more than %d MiB of output; the rest goes to %s", maxText>>20, f.Name())
		}
	}
	o.end = append(o.end, text[max(0, len(text)-endOfText):]...)
	o.end = o.end[max(0, len(o.end)-endOfText):]
	if o.spill == nil {
		return
	}
	n, err := o.spill.WriteString(text[:min(len(text), maxSpill-o.spilled)])
	o.spilled += n
	switch {
	case errors.Is(err, syscall.ENOSPC):
		// The next cell must find room to be compiled.
		o.spilled /= 2
		o.spill.Truncate(int64(o.spilled))
		fallthrough
	case err != nil:
		o.lose(fmt.Sprintf("after %d bytes in the file is lost: %v", o.spilled, err))
	case o.spilled >= maxSpill && n < len(text):
		o.lose(fmt.Sprintf("after %d MiB in the file is dropped", maxSpill>>20))
	}
}

// lose gives up the file for what is not shown.
func (o *output) lose(why string) {
	o.note("more than %d MiB of output; the rest %s", maxText>>20, why)
	o.spilled = maxSpill
	if o.spill != nil {
		o.spill.Close()
		o.spill = nil
	}
}

// note tells the user at once what became of the cell's output.
func (o *output) note(format string, args ...any) {
	text := "\n[modelbook: " + fmt.Sprintf(format, args...) + "]\n"
	o.k.publish(o.parent, jupyter.Stream{Name: "stderr", Text: text})
}

func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked(true)
}

// flushLocked publishes what waits. Unless all is set, the beginning of a
// character stays until its end arrives.
func (o *output) flushLocked(all bool) {
	if o.clearing != nil {
		o.k.publish(o.parent, jupyter.ClearOutput{Wait: *o.clearing})
		o.clearing, o.shown = nil, 0
	}
	var rest []segment
	for _, s := range o.text {
		n := len(s.text)
		if !all {
			n = whole(s.text)
		}
		if n > 0 {
			o.k.publish(o.parent, jupyter.Stream{Name: s.stream, Text: string(s.text[:n])})
			o.shown += n
			o.waiting -= n
		}
		if n < len(s.text) {
			rest = append(rest, segment{s.stream, s.text[n:]})
		}
	}
	o.text = rest
	for id, d := range o.updates {
		if !o.mayUpdate() {
			o.flushSoon()
			break
		}
		o.update(d)
		delete(o.updates, id)
	}
}

// mayUpdate reports whether one more update may be published now.
func (o *output) mayUpdate() bool {
	if now := time.Now(); now.Sub(o.window) >= flushEvery {
		o.window, o.share = now, 0
	}
	o.share++
	return o.share <= maxUpdates
}

// whole is the length of b without an unfinished character at its end.
func whole(b []byte) int {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return i
			}
			break
		}
	}
	return len(b)
}

// Display publishes rich output, or the new content of one.
func (o *output) Display(d engine.Display) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed && !d.Update {
		o.k.late.add(size(d), func(next *output) { next.Display(d) })
		return
	}
	if d.Update {
		if !scripted(d) && (time.Since(o.updated[d.ID]) < flushEvery || !o.mayUpdate()) { // only the last of many is worth drawing
			o.updates[d.ID] = d
			o.flushSoon()
			return
		}
		delete(o.updates, d.ID)
		o.update(d)
		return
	}
	o.flushLocked(true)
	if o.displays++; o.displays > maxDisplays {
		if o.displays == maxDisplays+1 {
			o.note("more than %d displays in one cell; the rest is not shown", maxDisplays)
		}
		return
	}
	o.k.publish(o.parent, content(d))
}

// update changes what stands on the page. That is possible after the cell's
// end, too, and belongs to no request then.
func (o *output) update(d engine.Display) {
	o.updated[d.ID] = time.Now()
	parent := o.parent
	if o.closed {
		parent = nil
	}
	o.k.publish(parent, jupyter.UpdateDisplayData{DisplayData: content(d)})
}

// scripted reports whether a display runs a script: each of those counts, not
// only the last.
func scripted(d engine.Display) bool {
	html, _ := d.Data["text/html"].(string)
	return strings.Contains(html, "<script")
}

// content is what messages say of a display.
func content(d engine.Display) jupyter.DisplayData {
	return jupyter.DisplayData{Value: jupyter.Value{Data: d.Data, Metadata: d.Metadata}, Transient: jupyter.Transient{DisplayID: d.ID}}
}

// Result publishes the value of the cell's last expression.
func (o *output) Result(d engine.Display) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.flushLocked(true)
	o.result, _ = d.Data["text/plain"].(string)
	o.k.publish(o.parent, jupyter.ExecuteResult{DisplayData: content(d), ExecutionCount: o.number})
}

// Clear clears the cell's output. Text that was not published yet need not be
// any more; a program that draws a picture after another with text is shown
// those there is time for.
func (o *output) Clear(wait bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.text, o.waiting, o.clearing = nil, 0, &wait
	o.flushSoon()
}

// successor is the sink for what comes after the cell's end. What the cell has
// shown counts.
func (o *output) successor() *output {
	o.mu.Lock()
	defer o.mu.Unlock()
	next := newOutput(context.Background(), o.k, o.parent, o.number, false)
	next.shown, next.displays = o.shown, o.displays
	return next
}

// close publishes what waits. What comes later is for k.late.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked(true)
	for _, d := range o.updates { // the last of each, however many
		o.update(d)
	}
	clear(o.updates)
	if len(o.end) > 0 {
		_, lines, whole := bytes.Cut(o.end, []byte("\n"))
		if len(o.end) < endOfText || !whole || len(lines) == 0 {
			lines = o.end
		}
		o.note("the end of the output:")
		o.k.publish(o.parent, jupyter.Stream{Name: "stderr", Text: strings.ToValidUTF8(string(lines), "\uFFFD")})
	}
	o.closed = true
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if o.spill != nil {
		o.spill.Close()
	}
}

// size is about how much memory a display takes.
func size(d engine.Display) (n int) {
	for _, v := range d.Data {
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return n + 100
}
