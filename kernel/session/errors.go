package session

import "modelbook/kernel/source"

// A Message is one complaint about a cell, and an Error all complaints, which
// say why it cannot be compiled.
type (
	Message = source.Message
	Error   = source.Error
)
