package session

import "fmt"

// A Message is one complaint about a cell, at a position in it.
type Message struct {
	Cell, Line, Col int
	Text            string
}

// An Error is why a cell cannot be compiled: all complaints, in order.
type Error struct{ Messages []Message }

// Error returns the first complaint.
func (e *Error) Error() string {
	if len(e.Messages) == 0 {
		return "the cell cannot be compiled"
	}
	m := e.Messages[0]
	s := fmt.Sprintf("cell[%d]:%d:%d: %s", m.Cell, m.Line, m.Col, m.Text)
	if n := len(e.Messages) - 1; n > 0 {
		s += fmt.Sprintf(" (and %d more)", n)
	}
	return s
}
