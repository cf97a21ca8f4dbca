package engine

import (
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/pipe"
)

// A Page is what shows the notebook. gonbui's widgets and scripts live there.
type Page interface {
	pipe.Page
	// Receive says where values of the page go, and who is told that a page
	// has connected.
	Receive(deliver func(address string, value any), connected func())
	// Ping reports whether a page gives a sign of life in time.
	Ping(limit time.Duration) bool
}

// page is the page for the pipe: no interface around nil.
func (e *Engine) page() pipe.Page {
	if e.cfg.Page == nil {
		return nil
	}
	return e.cfg.Page
}

const (
	connectLimit = 3 * time.Second // as in GoNB
	pingLimit    = time.Second
)

// ConnectPage makes the page connect that shows the running cell. It reports
// whether one did in time.
func (e *Engine) ConnectPage() bool {
	if e.cfg.Page == nil {
		return false
	}
	e.pipe.Connect(e.outputs.pipeSink())
	return e.cfg.Page.Ping(connectLimit)
}

// PingPage reports whether a connected page answers.
func (e *Engine) PingPage() bool { return e.cfg.Page != nil && e.cfg.Page.Ping(pingLimit) }

// widgets connects the page ahead of the program, so that scripts of the user
// find gonb_comm.
func (r *commandRun) widgets(cmd cell.Command) error {
	if !r.ConnectPage() {
		return r.fail(cmd, "PageError", "no page has connected to the kernel: widgets need a page of a Jupyter server (the classic Notebook, JupyterLab, Notebook 7)")
	}
	return nil
}

// heartbeat tells whether the page answers.
func (r *commandRun) heartbeat(cmd cell.Command) error {
	text := "Heartbeat pong received back."
	if !r.PingPage() {
		text = "Timed-out, no heartbeat pong received. Try connecting the page with %widgets."
	}
	r.out.Display(Display{Data: map[string]any{"text/html": text, "text/plain": text}})
	return nil
}
