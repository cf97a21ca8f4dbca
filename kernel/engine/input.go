package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"modelbook/kernel/command"
	"modelbook/kernel/worker"
)

const (
	// firstLook is the delay before the first check whether a running cell reads
	// its standard input.
	firstLook = 100 * time.Millisecond
	// lookAgain is the interval between checks of a cell that reads its input,
	// before the user is asked: gonbui's question may be on its way.
	lookAgain = 30 * time.Millisecond
	// slowestLook is the interval between checks of a cell that runs for long.
	slowestLook = 500 * time.Millisecond
	// endInput is how long after its stop an interrupted cell that waits for
	// input is given an end of file.
	endInput = 120 * time.Millisecond
)

// endOfInput is the line with which the user ends the input of a cell; so does
// the character of Ctrl-D, where a front end lets it be typed.
const endOfInput = "^D"

// feed asks the user for lines whenever a running cell reads its standard
// input, as fmt.Scanln does, until done is closed.
func feed(ctx context.Context, w *worker.Worker, out *command.Output, cell *target, done <-chan struct{}) {
	in, wanted := w.Stdin(), 0
	for pause := firstLook; ; {
		select {
		case <-done:
			return
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if out.Asking() || !cell.asks() || !in.Wanted() {
			wanted, pause = 0, min(pause+pause/4, slowestLook)
			continue
		}
		pause = lookAgain
		if wanted++; wanted < 3 {
			continue
		}
		w.Flush() // what it printed is the question
		line, err := out.Input(" ", false)
		if errors.Is(err, context.Canceled) {
			return
		}
		if err != nil {
			out.Stream("stderr", "no input: "+err.Error()+"\n")
			in.End()
			return
		}
		if line == endOfInput || line == "\x04" {
			in.End()
			return
		}
		io.WriteString(in, line+"\n")
		wanted = 0
	}
}
