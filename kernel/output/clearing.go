package output

import (
	"strings"
	"sync"
)

// clearMarks clear the cell's output where a line begins with one: the form
// feed, as on the Go Playground, and the sequences that clear a terminal.
var clearMarks = []string{"\f", "\x1b[H\x1b[2J", "\x1b[2J\x1b[H", "\x1b[2J", "\x1bc"}

// Clearing is a sink that clears the cell's output where the program prints a
// mark that asks for it.
type Clearing struct {
	Sink
	mu     sync.Mutex
	inLine bool // the last text of stdout ended within a line
}

// Stream passes text on, and clears the output at the marks in it.
func (c *Clearing) Stream(name, text string) {
	if name != "stdout" {
		c.Sink.Stream(name, text)
		return
	}
	c.mu.Lock()
	inLine := c.inLine
	c.inLine = text != "" && text[len(text)-1] != '\n'
	c.mu.Unlock()
	from := 0 // start of the text that was not passed on yet
	for at := 0; at < len(text); {
		if !inLine {
			if n := clearMark(text[at:]); n > 0 {
				if at > from {
					c.Sink.Stream(name, text[from:at])
				}
				c.Sink.Clear(true)
				at += n
				from = at
				continue
			}
		}
		next := strings.IndexByte(text[at:], '\n')
		if next < 0 {
			break
		}
		at, inLine = at+next+1, false
	}
	if from < len(text) {
		c.Sink.Stream(name, text[from:])
	}
}

// clearMark is the length of the mark that a text begins with, or 0.
func clearMark(text string) int {
	for _, mark := range clearMarks {
		if strings.HasPrefix(text, mark) {
			return len(mark)
		}
	}
	return 0
}
