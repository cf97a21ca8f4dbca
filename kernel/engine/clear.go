package engine

import "strings"

// clearMarks clear the cell's output where a line begins with one: the form
// feed of the Go Playground, and what terminals take for "clear the screen".
var clearMarks = []string{"\f", "\x1b[H\x1b[2J", "\x1b[2J\x1b[H", "\x1b[2J", "\x1bc"}

// show hands text on, and clears the output where a program asks for it.
func (s *cellSink) show(name, text string) {
	if name != "stdout" {
		s.Sink.Stream(name, text)
		return
	}
	s.mu.Lock()
	inLine := s.inLine
	s.inLine = text != "" && text[len(text)-1] != '\n'
	s.mu.Unlock()
	from := 0 // of what was not handed on yet
	for at := 0; at < len(text); {
		if !inLine {
			if n := clearMark(text[at:]); n > 0 {
				if at > from {
					s.Sink.Stream(name, text[from:at])
				}
				s.Sink.Clear(true)
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
		s.Sink.Stream(name, text[from:])
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
