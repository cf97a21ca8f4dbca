package kernel

import (
	"time"
	"unicode/utf8"

	"modelbook/kernel/complete"
	"modelbook/kernel/jupyter"
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

// cursorRequest reads a request about a place in a text.
func cursorRequest(m *wire.Message) (q jupyter.CursorRequest, cursor int, err error) {
	if err = decode(m, &q); err != nil {
		return q, 0, err
	}
	cursor = utf8.RuneCountInString(q.Code)
	if q.Cursor != nil {
		cursor = max(0, min(*q.Cursor, cursor))
	}
	return q, cursor, nil
}

func (k *Kernel) complete(m *wire.Message) (jupyter.Reply, error) {
	q, cursor, err := cursorRequest(m)
	if err != nil {
		return nil, err
	}
	found := complete.Completions{Start: cursor, End: cursor}
	if a, ok := k.assistant(); ok {
		found = a.Complete(q.Code, cursor)
	}
	reply := jupyter.CompleteReply{Status: jupyter.OK, CursorStart: found.Start, CursorEnd: found.End}
	for _, match := range found.Matches {
		reply.Matches = append(reply.Matches, match.Text)
		reply.Metadata.Types = append(reply.Metadata.Types, jupyter.CompletionType{
			Start: found.Start, End: found.End, Text: match.Text, Type: match.Type, Signature: match.Signature})
	}
	return reply, nil
}

func (k *Kernel) inspect(m *wire.Message) (jupyter.Reply, error) {
	q, cursor, err := cursorRequest(m)
	if err != nil {
		return nil, err
	}
	reply := jupyter.InspectReply{Status: jupyter.OK, Value: jupyter.NewValue(nil, nil)}
	if a, ok := k.assistant(); ok {
		if page, ok := a.Document(q.Code, cursor, q.Detail > 0); ok {
			reply.Found = true
			reply.Data = jupyter.Bundle{"text/plain": page.Plain, "text/markdown": page.Markdown, "text/html": page.HTML}
		}
	}
	return reply, nil
}
