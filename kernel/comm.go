package kernel

import (
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
	k.running.take(m)
	defer k.running.take(nil)
	take(r)
	return nil, nil
}

// publishComm publishes a message of a comm.
func (k *Kernel) publishComm(content jupyter.Published) {
	k.running.parent(func(parent *wire.Message) { k.publish(parent, content) })
}
