package kernel

import (
	"context"
	"reflect"
	"testing"

	"modelbook/kernel/engine"
)

// TestFillingInCells checks the payload by which %load and %recall reach the
// page: the front end fills in its cell when the reply comes.
func TestFillingInCells(t *testing.T) {
	a := newActor()
	a.acts["load"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		out.(engine.NextInput).NextInput("x := 1", true)
		return nil
	}
	f, _ := serve(t, a)
	for code, want := range map[string][]any{
		"load": {map[string]any{"source": "set_next_input", "text": "x := 1", "replace": true}},
		"ok":   {},
	} {
		f.output(f.execute(code))
		if got := f.receive("shell").Content["payload"]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: payload %v, want %v", code, got, want)
		}
	}
}
