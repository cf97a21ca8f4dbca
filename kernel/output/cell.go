package output

import (
	"fmt"
	"sync"
	"time"
	"unicode/utf8"
)

// A Publisher shows to the user what a cell puts out.
type Publisher interface {
	// Stream shows text of "stdout" or "stderr".
	Stream(name, text string)
	// Display shows rich output.
	Display(d Display)
	// Update replaces a display that is shown. ended says that the cell has
	// ended.
	Update(d Display, ended bool)
	// Result shows the value of the last expression.
	Result(d Display)
	// Clear clears what the cell has shown.
	Clear(wait bool)
}

// joinFor is how long text waits for more of it. Front ends draw a message
// at a time, and notebook servers cut off a kernel that sends more than a
// thousand a second. (A variable for tests.)
var joinFor = 100 * time.Millisecond

const (
	// joinUpTo is the amount of text that does not wait.
	joinUpTo = 64 << 10
	// maxSegments is the number of turns that two streams may take meanwhile.
	maxSegments = 40
	// maxText is the text of one cell that is shown. It stays under the 1 MB/s,
	// counted over 3 s, at which notebook servers cut off.
	maxText = 2 << 20
	// maxDisplays is the number of rich outputs of one cell, updates not
	// counted.
	maxDisplays = 2000
)

// A Cell is the last stage of the path: it takes what one cell puts out, joins
// small writes, keeps the limits of size and rate, and publishes the rest, in
// order. After Close the output belongs to Late.
type Cell struct {
	to     Publisher
	number int // of the cell
	late   *Late

	mu       sync.Mutex
	closed   bool
	text     []segment   // not published yet
	waiting  int         // bytes of it
	clearing *bool       // a Clear that was not published yet: its wait
	timer    *time.Timer // publishes what waits
	shown    int         // bytes of text published
	full     bool        // no more text is shown
	displays int         // published, updates not counted
	updates  updates
	overflow overflow
	own      *Cell // takes what belongs to the cell after its end, or nil
}

// A segment is text of one stream.
type segment struct {
	stream string
	text   []byte
}

// NewCell makes the output of a cell. number names it in notes and files; what
// comes after its end goes to late.
func NewCell(to Publisher, number int, late *Late) *Cell {
	return &Cell{to: to, number: number, late: late}
}

// Stream publishes text a little later, together with what follows.
func (c *Cell) Stream(name, text string) {
	if !c.enter() {
		c.late.add(len(text), func(next *Cell) { next.Stream(name, text) })
		return
	}
	defer c.mu.Unlock()
	if room := maxText - c.shown - c.waiting; c.full || len(text) > room {
		if room = max(room, 0); c.full {
			room = 0
		}
		for room > 0 && !utf8.RuneStart(text[room]) {
			room--
		}
		c.full = true
		c.over(text[room:])
		text = text[:room]
	}
	if text == "" {
		return
	}
	s := c.segment(name)
	s.text = append(s.text, text...)
	if c.waiting += len(text); c.waiting >= joinUpTo {
		c.flush()
		return
	}
	c.flushSoon()
}

// After is Stream for text that stays the cell's own after its end: that of
// functions which its widgets call.
func (c *Cell) After(name, text string) {
	c.mu.Lock()
	to := c
	if c.closed {
		if c.own == nil {
			c.own = c.next()
		}
		to = c.own
	}
	c.mu.Unlock()
	to.Stream(name, text)
}

// enter locks the cell, unless it has ended.
func (c *Cell) enter() bool {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false
	}
	return true
}

// segment is where text of a stream is appended to: the last segment or a new
// one. Streams that take turns too fast are not kept in order.
func (c *Cell) segment(stream string) *segment {
	for i := len(c.text) - 1; i >= 0; i-- {
		if c.text[i].stream == stream && (i == len(c.text)-1 || len(c.text) >= maxSegments) {
			return &c.text[i]
		}
	}
	c.text = append(c.text, segment{stream: stream})
	return &c.text[len(c.text)-1]
}

// over keeps text that is too much to show.
func (c *Cell) over(text string) {
	if !c.overflow.begun {
		c.flush()
	}
	for _, note := range c.overflow.add(c.number, text) {
		c.note(note)
	}
}

// note tells the user at once what became of the cell's output.
func (c *Cell) note(text string) { c.to.Stream("stderr", "\n[modelbook: "+text+"]\n") }

// lost tells the user that output before this was lost.
func (c *Cell) lost(bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	c.note(fmt.Sprintf("goroutines put out %d bytes more between the cells, which are lost", bytes))
}

// Flush publishes what waits.
func (c *Cell) Flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
}

// flushSoon publishes what waits a little later.
func (c *Cell) flushSoon() {
	if c.timer == nil {
		c.timer = time.AfterFunc(joinFor, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.timer = nil
			c.flush()
		})
	}
}

func (c *Cell) flush() {
	if c.clearing != nil {
		c.to.Clear(*c.clearing)
		c.clearing, c.shown, c.full = nil, 0, false
	}
	for _, s := range c.text {
		c.to.Stream(s.stream, string(s.text))
	}
	c.shown += c.waiting
	c.text, c.waiting = nil, 0
	for _, d := range c.updates.due() {
		c.update(d)
	}
	if c.updates.wait() {
		c.flushSoon()
	}
}

// Display publishes rich output, or the new content of one.
func (c *Cell) Display(d Display) {
	c.mu.Lock()
	if c.closed && !d.Update {
		c.mu.Unlock()
		c.late.add(size(d), func(next *Cell) { next.Display(d) })
		return
	}
	defer c.mu.Unlock()
	if d.Update {
		if c.updates.allow(d) {
			c.update(d)
		} else {
			c.flushSoon()
		}
		return
	}
	c.flush()
	if c.displays++; c.displays > maxDisplays {
		if c.displays == maxDisplays+1 {
			c.note(fmt.Sprintf("more than %d displays in one cell; the rest is not shown", maxDisplays))
		}
		return
	}
	c.to.Display(d)
}

// update changes what stands on the page, also after the cell's end.
func (c *Cell) update(d Display) {
	c.updates.published(d)
	c.to.Update(d, c.closed)
}

// Result publishes the value of the cell's last expression.
func (c *Cell) Result(d Display) {
	if !c.enter() {
		return
	}
	defer c.mu.Unlock()
	c.flush()
	c.to.Result(d)
}

// Clear clears the cell's output. Text that was not published yet need not be
// any more: of a program that clears and draws in a loop the user is shown
// those pictures for which there is time.
func (c *Cell) Clear(wait bool) {
	if !c.enter() {
		return
	}
	defer c.mu.Unlock()
	c.text, c.waiting, c.clearing = nil, 0, &wait
	c.flushSoon()
}

// Close publishes what waits, and ends the cell.
func (c *Cell) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flush()
	for _, d := range c.updates.last() {
		c.update(d)
	}
	if end := c.overflow.close(); end != "" {
		c.note("the end of the output:")
		c.to.Stream("stderr", end)
	}
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}

// successor is the output for what comes after the cell's end. What the cell
// has shown counts.
func (c *Cell) successor() *Cell {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next()
}

// next makes a cell that goes on where this one, which is locked, has ended.
func (c *Cell) next() *Cell {
	next := NewCell(c.to, c.number, c.late)
	next.shown, next.full, next.displays = c.shown, c.full, c.displays
	return next
}

// size is about how much memory a display takes.
func size(d Display) (n int) {
	for _, v := range d.Data {
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return n + 100
}
