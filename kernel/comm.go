package kernel

import (
	"sync"

	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

func (k *Kernel) commInfo(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.CommInfoRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	return jupyter.CommInfoReply{Status: jupyter.OK, Comms: k.comms.Info(r.Target)}, nil
}

func (k *Kernel) commOpen(m *wire.Message) (jupyter.Reply, error) {
	return k.comm(m, func(r jupyter.CommMessage) { k.comms.Opened(r.ID, r.Target, r.Data) })
}

func (k *Kernel) commMsg(m *wire.Message) (jupyter.Reply, error) {
	return k.comm(m, func(r jupyter.CommMessage) {
		if !k.comms.Message(r.ID, r.Data, m.Buffers...) {
			k.log.Printf("comm_msg: no comm %.40q is open", r.ID)
		}
	})
}

func (k *Kernel) commClose(m *wire.Message) (jupyter.Reply, error) {
	return k.comm(m, func(r jupyter.CommMessage) { k.comms.Closed(r.ID, r.Data) })
}

// comm takes in a message of a comm. None is replied to.
func (k *Kernel) comm(m *wire.Message, take func(jupyter.CommMessage)) (jupyter.Reply, error) {
	var r jupyter.CommMessage
	if err := decode(m, &r); err != nil {
		k.log.Print(err)
		return nil, nil
	}
	k.running.comm(m)
	defer k.running.comm(nil)
	take(r)
	return nil, nil
}

// running is what messages of comms belong to: the comm message that is being
// taken in, or the cell that runs, or nothing.
type running struct {
	mu        sync.Mutex
	cell, msg *wire.Message
}

func (r *running) set(cell *wire.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cell = cell
}

func (r *running) comm(m *wire.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.msg = m
}

// publishComm publishes a message of a comm. Nothing belongs to a request
// after its idle.
func (k *Kernel) publishComm(content jupyter.Published) {
	k.running.mu.Lock()
	defer k.running.mu.Unlock()
	parent := k.running.msg
	if parent == nil {
		parent = k.running.cell
	}
	k.publish(parent, content)
}
