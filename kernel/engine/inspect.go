package engine

import (
	"errors"

	"modelbook/kernel/session"
)

// ErrBusy is what those get who look at values while a cell runs.
var ErrBusy = errors.New("a cell is running")

// A Part is a variable, or a part of one, for a variable view.
type Part struct {
	Name, Type, Value string
	Parts             int // how many it has itself
}

// Inspect lists the parts of the value at a path: the session's variables for
// an empty one, else a variable's name and indexes of parts below it. It
// returns ErrBusy while a cell runs.
func (e *Engine) Inspect(path ...string) ([]Part, error) {
	if !e.runMu.TryLock() {
		return nil, ErrBusy
	}
	defer e.runMu.Unlock()
	if e.worker == nil {
		return nil, errNoWorker
	}
	vars, err := e.worker.Inspect(path)
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
		p := Part{Name: v.Name, Type: v.Type, Value: v.Value, Parts: v.Children}
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
// cell runs.
func (e *Engine) Rich(path ...string) (Display, error) {
	if !e.runMu.TryLock() {
		return Display{}, ErrBusy
	}
	defer e.runMu.Unlock()
	if e.worker == nil {
		return Display{}, errNoWorker
	}
	shown, err := e.worker.Show(path)
	return Display{Data: shown.Data, Metadata: shown.Metadata}, err
}
