package engine

import (
	"context"
	"errors"
	"time"

	"modelbook/kernel/session"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// ErrBusy is returned by inspections of values while a cell is compiled.
var ErrBusy = errors.New("a cell is being compiled")

// lookFor is how long an inspection waits while a cell is compiled.
const lookFor = 300 * time.Millisecond

// look calls f, which looks at values, when no cell is compiled. Cells may run.
func (e *Engine) look(f func(w *worker.Worker) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), lookFor)
	defer cancel()
	if e.turn.take(ctx) != nil {
		return ErrBusy
	}
	defer e.turn.give()
	if e.worker == nil {
		return errNoWorker
	}
	return f(e.worker)
}

// A Part is a variable, or a part of one, for a variable view.
type Part struct {
	Name, Type, Value string
	Parts             int // how many it has itself
}

func partOf(v control.Variable) Part {
	return Part{Name: v.Name, Type: v.Type, Value: v.Value, Parts: v.Children}
}

// Inspect lists the parts of the value at a path: the session's variables for
// an empty one, else a variable's name and indexes of parts below it. It
// returns ErrBusy while a cell is compiled.
func (e *Engine) Inspect(path ...string) (parts []Part, err error) {
	err = e.look(func(w *worker.Worker) (err error) {
		parts, err = e.inspect(w, path)
		return err
	})
	return parts, err
}

func (e *Engine) inspect(w *worker.Worker, path []string) ([]Part, error) {
	vars, err := w.Inspect(path)
	if err != nil {
		return nil, err
	}
	var declared map[string]session.Definition
	if len(path) == 0 { // the session knows what is gone and what its types are called
		declared = map[string]session.Definition{}
		for _, d := range e.session.Definitions() {
			if d.Kind == "var" {
				declared[d.Name] = d
			}
		}
	}
	parts := []Part{}
	for _, v := range vars {
		p := partOf(v)
		if declared != nil {
			d, ok := declared[v.Name]
			if !ok {
				continue
			}
			p.Type = d.Text
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// Rich is the rich form of the value at a path. It returns ErrBusy while a
// cell is compiled.
func (e *Engine) Rich(path ...string) (d Display, err error) {
	err = e.look(func(w *worker.Worker) error {
		shown, err := w.Show(path)
		d = Display{Data: shown.Data, Metadata: shown.Metadata}
		return err
	})
	return d, err
}
