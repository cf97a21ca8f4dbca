package engine

import (
	"time"

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
func (e *cellRun) ConnectPage() bool {
	if e.cfg.Page == nil {
		return false
	}
	e.pipe.Connect(pipeSink{e.outputs, e.target.sink}, int64(e.id))
	return e.cfg.Page.Ping(connectLimit)
}

// PingPage reports whether a connected page answers.
func (e *Engine) PingPage() bool { return e.cfg.Page != nil && e.cfg.Page.Ping(pingLimit) }
