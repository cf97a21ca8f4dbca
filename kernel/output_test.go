package kernel

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/engine"
)

func TestExecutionCount(t *testing.T) {
	f, _ := serve(t, newActor())
	for i, c := range []struct {
		content map[string]any
		kinds   []string
		count   float64
	}{
		{map[string]any{"code": "ok"}, []string{"busy", "execute_input", "idle"}, 1},
		// Cells that are not counted reply with the last count, as ipykernel's.
		{map[string]any{"code": "ok", "silent": true}, []string{"busy", "idle"}, 1},
		{map[string]any{"code": "ok", "store_history": false}, []string{"busy", "execute_input", "idle"}, 1},
		{map[string]any{"code": " \n"}, []string{"busy", "execute_input", "idle"}, 1},
		{map[string]any{"code": "ok"}, []string{"busy", "execute_input", "idle"}, 2},
	} {
		messages := f.output(f.send("shell", "execute_request", c.content))
		reply := f.receive("shell").Content
		if !slices.Equal(kinds(messages), c.kinds) || reply["execution_count"] != c.count || reply["status"] != "ok" {
			t.Errorf("%d, %v: got %v, %v", i, c.content, kinds(messages), reply)
		}
	}
}

// A program that draws picture after picture with text is shown the last one,
// and not more of the others than a notebook server lets pass.
func TestClearingOften(t *testing.T) {
	f, _ := serve(t, &actor{acts: map[string]act{
		"pictures": func(_ context.Context, _ engine.Request, out engine.Sink) error {
			for i := range 5000 {
				out.Clear(true)
				out.Stream("stdout", fmt.Sprintf("%d%s\n", i, strings.Repeat(".", 1000)))
			}
			return nil
		},
	}})
	messages := f.output(f.execute("pictures"))
	last := messages[len(messages)-2].Content["text"]
	if n := len(messages); n > 200 || messages[n-3].Header.Type != "clear_output" || !strings.HasPrefix(fmt.Sprint(last), "4999.") {
		t.Errorf("%d messages, the last %v", n, messages[max(0, n-4):])
	}
}
