package kernel

import (
	"encoding/json"
	"sync"

	"modelbook/kernel/wire"
)

// A commContent is the content of comm_info_request, comm_open, comm_msg and comm_close.
type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name"`
	Data   json.RawMessage `json:"data"`
}

func (k *Kernel) commInfo(m *wire.Message) (any, error) {
	var r commContent
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	return map[string]any{"status": "ok", "comms": k.comms.Info(r.Target)}, nil
}

func (k *Kernel) commOpen(m *wire.Message) (any, error) {
	return k.comm(m, func(r commContent) { k.comms.Opened(r.ID, r.Target, r.Data) })
}

func (k *Kernel) commMsg(m *wire.Message) (any, error) {
	return k.comm(m, func(r commContent) {
		if !k.comms.Message(r.ID, r.Data) {
			k.log.Printf("comm_msg: no comm %.40q is open", r.ID)
		}
	})
}

func (k *Kernel) commClose(m *wire.Message) (any, error) {
	return k.comm(m, func(r commContent) { k.comms.Closed(r.ID, r.Data) })
}

// comm takes in a message of a comm. None is replied to.
func (k *Kernel) comm(m *wire.Message, take func(commContent)) (any, error) {
	var r commContent
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
func (k *Kernel) publishComm(kind string, content any) {
	k.running.mu.Lock()
	defer k.running.mu.Unlock()
	parent := k.running.msg
	if parent == nil {
		parent = k.running.cell
	}
	k.publish(parent, kind, content)
}
