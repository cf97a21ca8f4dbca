package comms

import "encoding/json"

// widgetTarget is the target of ipywidgets' protocol: one comm is one widget.
const widgetTarget = "jupyter.widget"

// echo tells all front ends what one of them has changed in a widget, as the
// protocol's version 2.1 does. The kernel does it, not the program: the echo
// must belong to the message that it echoes, because a front end ignores others
// while it waits for its own.
func (c *Comm) echo(data json.RawMessage, buffers [][]byte) {
	if c.Target != widgetTarget {
		return
	}
	var m struct {
		Method string          `json:"method"`
		State  json.RawMessage `json:"state"`
		Paths  json.RawMessage `json:"buffer_paths,omitempty"`
	}
	if json.Unmarshal(data, &m) != nil || m.Method != "update" || len(m.State) == 0 {
		return
	}
	m.Method = "echo_update"
	c.Send(m, buffers...)
}
