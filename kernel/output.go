package kernel

import (
	"context"
	"sync"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/output"
	"modelbook/kernel/wire"
)

// A cellOutput is the sink of one cell of a front end.
type cellOutput struct {
	*output.Cell
	to    *publisher
	ctx   context.Context // of the cell: ends questions
	stdin bool            // the front end can be asked for input

	mu   sync.Mutex
	next []jupyter.SetNextInput // what the cell fills in (%load)
}

var (
	_ engine.Sink      = (*cellOutput)(nil)
	_ engine.NextInput = (*cellOutput)(nil)
)

func newOutput(ctx context.Context, k *Kernel, parent *wire.Message, number int, stdin bool) *cellOutput {
	to := &publisher{k: k, parent: parent, number: number}
	return &cellOutput{Cell: output.NewCell(to, number, &k.late), to: to, ctx: ctx, stdin: stdin}
}

// NextInput makes the front end fill in a cell, when the reply comes.
func (o *cellOutput) NextInput(text string, replace bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.next = []jupyter.SetNextInput{{Text: text, Replace: replace}}
}

// payload is what the reply to the cell carries besides its outcome.
func (o *cellOutput) payload() []jupyter.SetNextInput {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.next
}
