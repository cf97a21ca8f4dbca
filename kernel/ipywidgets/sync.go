package ipywidgets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"modelbook/kernel/worker/comm"
)

// pace is the time between two updates of one widget. What is set meanwhile is
// sent together.
const pace = 40 * time.Millisecond

// update takes new values of traits, from the program or from a front end, which
// has shown them already.
func (b *Base) update(values map[string]any, shown bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := maps.Clone(b.state)
	maps.Copy(b.state, values)
	if b.adjust != nil {
		b.adjust(b.state)
	}
	for _, t := range b.kind.traits {
		now := b.state[t.name]
		given, isGiven := values[t.name]
		switch {
		case shown && isGiven && equal(now, given):
			delete(b.changed, t.name)
		case !equal(now, before[t.name]) || isGiven && !equal(now, given):
			b.changed[t.name] = true
		}
		if !equal(now, before[t.name]) {
			for _, f := range b.watchers[t.name] {
				b.events.add(func() { f(now) })
			}
		}
	}
	if b.closed {
		return errClosed
	}
	b.send()
	return nil
}

// send sends what was changed, or has it sent when it is time.
func (b *Base) send() {
	if len(b.changed) == 0 || b.comm == nil || b.waiting {
		return
	}
	wait := pace - time.Since(b.sent)
	if wait <= 0 {
		b.sendNow(b.changed)
		return
	}
	b.waiting = true
	time.AfterFunc(wait, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.waiting = false
		b.sendNow(b.changed)
	})
}

// sendNow sends the traits that names has, all for nil.
func (b *Base) sendNow(names map[string]bool) {
	if b.comm == nil || names != nil && len(names) == 0 {
		return
	}
	state, paths, buffers := b.encoded(names)
	if err := b.comm.Send(map[string]any{"method": "update", "state": state, "buffer_paths": paths}, buffers...); err != nil {
		b.events.fail(err)
	}
	clear(b.changed)
	b.sent = time.Now()
}

// message takes what a front end sends.
func (b *Base) message(m comm.Message) {
	var data struct {
		Method  string                     `json:"method"`
		State   map[string]json.RawMessage `json:"state"`
		Paths   [][]any                    `json:"buffer_paths"`
		Content json.RawMessage            `json:"content"`
	}
	if err := json.Unmarshal(m.Data, &data); err != nil {
		b.events.fail(fmt.Errorf("ipywidgets: %s: a front end has sent %.100s: %w", b.kind.name, m.Data, err))
		return
	}
	switch data.Method {
	case "update":
		values := map[string]any{}
		for name, value := range data.State {
			t, err := b.kind.trait(name)
			if err != nil {
				continue // of a later version
			}
			if values[name], err = t.decode(value); err != nil {
				delete(values, name)
				b.events.fail(err)
			}
		}
		for i, path := range data.Paths {
			if name, ok := path[0].(string); ok && len(path) == 1 && i < len(m.Buffers) {
				if t, err := b.kind.trait(name); err == nil && t.form == raw {
					values[name] = bytes.Clone(m.Buffers[i])
				}
			}
		}
		b.update(values, true)
	case "request_state":
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sendNow(nil)
	case "custom":
		b.mu.Lock()
		defer b.mu.Unlock()
		if f := b.custom; f != nil {
			b.events.add(func() { f(data.Content, m.Buffers) })
		}
	}
}

// OnMessage makes f take the custom messages of the widget's side in the front
// end.
func (b *Base) OnMessage(f func(content json.RawMessage, buffers [][]byte)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.custom = f
	b.events.start(b.print)
}

// Send sends a custom message to the widget's side in the front end. The error
// says that the content does not encode to JSON, that the widget is closed, or
// that there is no notebook.
func (b *Base) Send(content any, buffers ...[]byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return errClosed
	case b.comm == nil:
		return errNoNotebook
	}
	return b.comm.Send(map[string]any{"method": "custom", "content": content}, buffers...)
}
