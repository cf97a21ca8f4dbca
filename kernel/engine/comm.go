package engine

import (
	"modelbook/kernel/comms"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// maxMessages is how many messages of comms may wait for a worker that does not
// read. Later ones are lost then.
const maxMessages = 4096

// connectComms lets a new worker's program open comms and take them.
func (e *Engine) connectComms(w *worker.Worker) {
	if e.cfg.Comms == nil {
		return
	}
	// A front end does not wait for the worker.
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
				w.Comm(control.Comm{Op: control.CommOp(m.Op), ID: m.ID, Target: m.Target, Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers})
			case <-w.Exited():
				return
			}
		}
	}()
	e.outputs.mu.Lock()
	defer e.outputs.mu.Unlock()
	e.outputs.comm, e.outputs.commEnd = take, end
}

// endComms closes what the program of a worker that is gone had open.
func (o *outputs) endComms() {
	o.mu.Lock()
	end := o.commEnd
	o.comm, o.commEnd = nil, nil
	o.mu.Unlock()
	if end != nil {
		end()
	}
}
