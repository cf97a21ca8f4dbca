package kernel

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
	"unicode/utf8"

	"modelbook/kernel/engine"
	"modelbook/kernel/wire"
)

const (
	// flushEvery is how long text waits for more of it. Front ends draw a
	// message at a time, and notebook servers cut a kernel that sends more
	// than a thousand a second.
	flushEvery = 100 * time.Millisecond
	// flushSize is the amount of text that does not wait.
	flushSize = 64 << 10
	// maxText is the text of one cell that is shown. It stays under the
	// 1 MB/s, counted over 3 s, at which notebook servers cut.
	maxText = 2 << 20
	// maxSpill is the text of one cell kept in a file when more was put out.
	maxSpill = 1 << 30
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
	closed   bool
	stream   string // name of the stream that text belongs to
	text     []byte // not published yet
	timer    *time.Timer
	shown    int // bytes of text published
	displays int
	spill    *os.File // where text over maxText goes
	spilled  int
}

var _ engine.Sink = (*output)(nil)

func newOutput(ctx context.Context, k *Kernel, parent *wire.Message, number int, stdin bool) *output {
	return &output{ctx: ctx, k: k, parent: parent, number: number, stdin: stdin}
}

// Stream publishes text a little later, together with what follows.
func (o *output) Stream(name, text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		o.k.late.add(len(text), func(next *output) { next.Stream(name, text) })
		return
	}
	if name != o.stream {
		o.flushLocked(true)
		o.stream = name
	}
	if room := maxText - o.shown - len(o.text); len(text) > room {
		o.over(text[max(room, 0):])
		text = text[:max(room, 0)]
	}
	o.text = append(o.text, text...)
	switch {
	case len(o.text) >= flushSize:
		o.flushLocked(false)
	case o.timer == nil && len(o.text) > 0:
		o.timer = time.AfterFunc(flushEvery, func() {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.timer = nil
			o.flushLocked(false)
		})
	}
}

// over keeps text that is too much to show in a file.
func (o *output) over(text string) {
	if o.spill == nil && o.spilled == 0 {
		var where string
		f, err := os.CreateTemp("", fmt.Sprintf("modelbook-cell%d-*.txt", o.number))
		if err != nil {
			where = "is lost: " + err.Error()
			o.spilled = maxSpill
		} else {
			where = "goes to " + f.Name()
			o.spill = f
		}
		note := fmt.Sprintf("\n[modelbook: more than %d MiB of output; the rest %s]\n", maxText>>20, where)
		o.flushLocked(true)
		o.k.publish(o.parent, "stream", map[string]any{"name": "stderr", "text": note})
	}
	if o.spill != nil && o.spilled < maxSpill {
		n, err := o.spill.WriteString(text[:min(len(text), maxSpill-o.spilled)])
		o.spilled += n
		if err != nil {
			o.spilled = maxSpill
		}
	}
}

func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked(true)
}

// flushLocked publishes the waiting text. Unless all is set, the beginning of
// a character stays until its end arrives.
func (o *output) flushLocked(all bool) {
	n := len(o.text)
	if !all {
		n = whole(o.text)
	}
	if n == 0 {
		return
	}
	o.k.publish(o.parent, "stream", map[string]any{"name": o.stream, "text": string(o.text[:n])})
	o.shown += n
	o.text = append(o.text[:0], o.text[n:]...)
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
	if o.closed {
		o.k.late.add(size(d), func(next *output) { next.Display(d) })
		return
	}
	o.flushLocked(true)
	content := map[string]any{"data": object(d.Data), "metadata": object(d.Metadata), "transient": transient(d.ID)}
	if d.Update {
		o.k.publish(o.parent, "update_display_data", content)
		return
	}
	if o.displays++; o.displays > maxDisplays {
		if o.displays == maxDisplays+1 {
			note := fmt.Sprintf("\n[modelbook: more than %d displays in one cell; the rest is not shown]\n", maxDisplays)
			o.k.publish(o.parent, "stream", map[string]any{"name": "stderr", "text": note})
		}
		return
	}
	o.k.publish(o.parent, "display_data", content)
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
	o.k.publish(o.parent, "execute_result", map[string]any{
		"execution_count": o.number, "data": object(d.Data), "metadata": object(d.Metadata), "transient": transient(d.ID),
	})
}

// Clear clears the cell's output.
func (o *output) Clear(wait bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.flushLocked(true)
	o.k.publish(o.parent, "clear_output", map[string]any{"wait": wait})
}

// close publishes what waits. What comes later waits for the next cell: after
// a request's idle nothing may be published for it.
func (o *output) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flushLocked(true)
	o.closed = true
	if o.timer != nil {
		o.timer.Stop()
	}
	if o.spill != nil {
		o.spill.Close()
	}
}

func transient(id string) map[string]any {
	if id == "" {
		return map[string]any{}
	}
	return map[string]any{"display_id": id}
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

// late is what goroutines put out between two cells.
type late struct {
	mu    sync.Mutex
	put   []func(*output)
	bytes int
}

const maxLate = 4 << 20 // bytes; what is more is lost

func (l *late) add(bytes int, put func(*output)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes += bytes + 64; l.bytes <= maxLate {
		l.put = append(l.put, put)
	}
}

// replay puts it out as the output of the cell that begins.
func (l *late) replay(o *output) {
	l.mu.Lock()
	put := l.put
	l.put, l.bytes = nil, 0
	l.mu.Unlock()
	for _, p := range put {
		p(o)
	}
}
