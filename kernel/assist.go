package kernel

import (
	"time"
	"unicode/utf8"

	"modelbook/kernel/complete"
	"modelbook/kernel/wire"
)

// An Assistant is an engine that helps to write cells, also while one runs.
// *engine.Engine is one. Cursors are counted in code points.
type Assistant interface {
	// Complete lists what may stand at the cursor.
	Complete(code string, cursor int) complete.Completions
	// Document describes what stands at the cursor, with its source if wanted.
	Document(code string, cursor int, source bool) (complete.Page, bool)
}

// startFor is how long a question waits for the engine of a kernel that has
// just been started.
const startFor = 5 * time.Second

// assistant is the engine, if it can help.
func (k *Kernel) assistant() (Assistant, bool) {
	select {
	case <-k.started:
	case <-k.stopping.Done():
	case <-time.After(startFor):
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.engine.(Assistant)
	return a, ok
}

// A question is the content of complete_request and inspect_request.
type question struct {
	Code   string `json:"code"`
	Cursor *int   `json:"cursor_pos"` // in code points; the end by default
	Detail int    `json:"detail_level"`
}

func ask(m *wire.Message) (q question, cursor int, err error) {
	if err = decode(m, &q); err != nil {
		return q, 0, err
	}
	cursor = utf8.RuneCountInString(q.Code)
	if q.Cursor != nil {
		cursor = max(0, min(*q.Cursor, cursor))
	}
	return q, cursor, nil
}

func (k *Kernel) complete(m *wire.Message) (any, error) {
	q, cursor, err := ask(m)
	if err != nil {
		return nil, err
	}
	found := complete.Completions{Start: cursor, End: cursor}
	if a, ok := k.assistant(); ok {
		found = a.Complete(q.Code, cursor)
	}
	texts, kinds := []string{}, []map[string]any{}
	for _, match := range found.Matches {
		texts = append(texts, match.Text)
		kinds = append(kinds, map[string]any{"start": found.Start, "end": found.End, "text": match.Text, "type": match.Type, "signature": match.Signature})
	}
	return map[string]any{
		"status": "ok", "matches": texts, "cursor_start": found.Start, "cursor_end": found.End,
		// As ipykernel: front ends show kinds and signatures from it.
		"metadata": map[string]any{"_jupyter_types_experimental": kinds},
	}, nil
}

func (k *Kernel) inspect(m *wire.Message) (any, error) {
	q, cursor, err := ask(m)
	if err != nil {
		return nil, err
	}
	reply := map[string]any{"status": "ok", "found": false, "data": struct{}{}, "metadata": struct{}{}}
	if a, ok := k.assistant(); ok {
		if page, ok := a.Document(q.Code, cursor, q.Detail > 0); ok {
			reply["found"] = true
			reply["data"] = map[string]string{"text/plain": page.Plain, "text/markdown": page.Markdown, "text/html": page.HTML}
		}
	}
	return reply, nil
}
