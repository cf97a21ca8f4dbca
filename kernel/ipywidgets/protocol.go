package ipywidgets

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"modelbook/kernel/worker/comm"
)

// Names of the protocol.
const (
	target        = "jupyter.widget"
	controlTarget = "jupyter.widget.control"
	viewMIME      = "application/vnd.jupyter.widget-view+json"
)

// version is the metadata of what opens a widget: the protocol's version.
var version = json.RawMessage(`{"version":"2.1.0"}`)

// serve takes the comms that front ends open.
func serve() {
	comm.Handle(controlTarget, func(c *comm.Comm, _ json.RawMessage) {
		c.OnMessage(func(data json.RawMessage) {
			var m struct {
				Method string `json:"method"`
			}
			if err := json.Unmarshal(data, &m); err == nil && m.Method == "request_states" {
				sendStates(c)
			}
		})
	})
	comm.Handle(target, opened)
}

// sendStates tells a front end of all widgets: it was reloaded, or is another one.
func sendStates(c *comm.Comm) {
	all.Lock()
	open := slices.Collect(maps.Values(all.byID))
	all.Unlock()
	states := map[string]any{}
	paths := [][]string{}
	var buffers [][]byte
	for _, b := range open {
		b.mu.Lock()
		state, at, bytes := b.encoded(nil)
		b.mu.Unlock()
		states[b.id] = map[string]any{"model_name": b.kind.name + "Model", "model_module": b.kind.module,
			"model_module_version": b.kind.version, "state": state}
		for i, path := range at {
			paths, buffers = append(paths, slices.Concat([]string{b.id, "state"}, path)), append(buffers, bytes[i])
		}
	}
	if err := c.Send(map[string]any{"method": "update_states", "states": states, "buffer_paths": paths}, buffers...); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// opened takes a widget that a front end has made: one that the program has no
// variable for.
func opened(c *comm.Comm, data json.RawMessage) {
	var m struct {
		State map[string]json.RawMessage `json:"state"`
	}
	var name string
	if err := json.Unmarshal(data, &m); err == nil {
		json.Unmarshal(m.State["_model_name"], &name)
	}
	name = strings.TrimSuffix(name, "Model")
	if kinds[name] == nil {
		c.Close()
		return
	}
	b := new(Base)
	b.prepare(name)
	b.id = c.ID
	for name, value := range m.State {
		if t, err := b.kind.trait(name); err == nil {
			if v, err := t.decode(value); err == nil {
				b.state[name] = v
			}
		}
	}
	b.register()
	b.comm = c
	c.OnMessages(b.message)
	c.OnClose(func(json.RawMessage) { b.Close() })
}
