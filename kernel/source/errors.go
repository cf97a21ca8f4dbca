package source

import (
	"fmt"
	"go/token"

	"modelbook/internal/place"
)

// A Message is one complaint about a cell, at a position in it.
type Message struct {
	Cell, Line, Col int
	Text            string
	// Problem says what a type check complains about, where it matters to others:
	// an undefined name, an unknown member, a type that is called. Then Name is the
	// name as the cell has it.
	Problem Problem
	Name    string
}

// String returns "cell[3]:5:1: text".
func (m Message) String() string {
	return fmt.Sprintf("%s:%d:%d: %s", place.File(m.Cell), m.Line, m.Col, m.Text)
}

// An Error is why a cell cannot be compiled: all complaints, in order.
type Error struct {
	Messages []Message
	// AtEnd reports that what is wrong is that a piece of the cell ends too
	// early: more text could make it right.
	AtEnd bool
}

// Error returns the first complaint, and how many more there are.
func (e *Error) Error() string {
	switch n := len(e.Messages); n {
	case 0:
		return "the cell cannot be compiled"
	case 1:
		return e.Messages[0].String()
	default:
		return fmt.Sprintf("%s (and %d more)", e.Messages[0], n-1)
	}
}

// Add adds the complaints of another Error. It reports false for an error of
// another kind.
func (e *Error) Add(err error) bool {
	other, ok := err.(*Error)
	if ok {
		e.Messages = append(e.Messages, other.Messages...)
	}
	return ok
}

// MessageAt places a complaint in its cell; ok is false for a position that is
// in none.
func MessageAt(pos token.Position, text string) (m Message, ok bool) {
	cell, ok := place.Cell(pos.Filename)
	if !ok {
		return Message{}, false
	}
	return Message{Cell: cell, Line: pos.Line, Col: pos.Column, Text: text}, true
}
