package engine

import (
	"modelbook/kernel/comms"
	"modelbook/kernel/worker"
)

// maxMessages is how many messages of comms may wait for a worker that does not
// read them. Further ones are dropped.
const maxMessages = 4096

// connectComms connects a new worker's program to the comms of front ends.
func (e *Engine) connectComms(w *worker.Worker) {
	if e.cfg.Comms == nil {
		return
	}
	// A queue, so that no front end waits for the worker.
	messages := make(chan comms.Message, maxMessages)
	take, end := e.cfg.Comms.Program(func(m comms.Message) {
		select {
		case messages <- m:
		default:
			e.logf("comm %.40s: the worker does not read; a message is lost", m.ID)
		}
	})
	go func() {
		for {
			select {
			case m := <-messages:
				w.Comm(m)
			case <-w.Exited():
				return
			}
		}
	}()
	e.outputs.mu.Lock()
	defer e.outputs.mu.Unlock()
	e.outputs.comm, e.outputs.commEnd = take, end
}

// endComms closes the comms of a worker that is gone.
func (o *outputs) endComms() {
	o.mu.Lock()
	end := o.commEnd
	o.comm, o.commEnd = nil, nil
	o.mu.Unlock()
	if end != nil {
		end()
	}
}
