package kernel

import (
	"reflect"
	"testing"

	"modelbook/kernel/complete"
)

// helpful is an engine that helps.
type helpful struct{ *actor }

func (helpful) Complete(code string, cursor int) complete.Completions {
	return complete.Completions{Matches: []complete.Match{{Text: code, Type: "function", Signature: "()"}}, Start: cursor - 1, End: cursor}
}

func (helpful) Document(code string, cursor int, source bool) (complete.Page, bool) {
	if source {
		code += " with its source"
	}
	return complete.Page{Plain: code, Markdown: "m", HTML: "h"}, cursor > 0
}

func TestCompletionAndInspection(t *testing.T) {
	f, _ := serve(t, helpful{newActor()})
	for _, c := range []struct {
		kind    string
		content map[string]any
		want    map[string]any
	}{
		{"complete", map[string]any{"code": "é🎉x", "cursor_pos": 2}, map[string]any{"status": "ok", "matches": []any{"é🎉x"}, "cursor_start": 1., "cursor_end": 2.,
			"metadata": map[string]any{"_jupyter_types_experimental": []any{map[string]any{"start": 1., "end": 2., "text": "é🎉x", "type": "function", "signature": "()"}}}}},
		{"complete", map[string]any{"code": "é🎉x"}, map[string]any{"cursor_end": 3.}},
		{"complete", map[string]any{"code": "é🎉x", "cursor_pos": 99}, map[string]any{"cursor_end": 3.}},
		{"complete", map[string]any{"code": "é🎉x", "cursor_pos": -99}, map[string]any{"cursor_end": 0.}},
		{"inspect", map[string]any{"code": "x", "cursor_pos": 1, "detail_level": 1}, map[string]any{"status": "ok", "found": true, "metadata": map[string]any{},
			"data": map[string]any{"text/plain": "x with its source", "text/markdown": "m", "text/html": "h"}}},
		{"inspect", map[string]any{"code": "x", "cursor_pos": 0}, map[string]any{"found": false, "data": map[string]any{}}},
	} {
		id := f.send("shell", c.kind+"_request", c.content)
		reply := f.receive("shell")
		if reply.Parent.ID != id || reply.Header.Type != c.kind+"_reply" {
			t.Fatalf("got %v", reply)
		}
		for key, want := range c.want {
			if got := reply.Content[key]; !reflect.DeepEqual(got, want) {
				t.Errorf("%v: %s is %v, want %v", c.content, key, got, want)
			}
		}
		if got := kinds(f.output(id)); len(got) != 2 || got[0] != "busy" || got[1] != "idle" {
			t.Errorf("published %v", got)
		}
	}
}
