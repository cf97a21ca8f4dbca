package kernel

import (
	"modelbook/kernel/history"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

func (k *Kernel) historyRequest(m *wire.Message) (jupyter.Reply, error) {
	var q jupyter.HistoryRequest
	if err := decode(m, &q); err != nil {
		return nil, err
	}
	found, err := k.history.Find(history.Query(q))
	if err != nil {
		k.log.Printf("history: %v", err) // the cells of this session are found all the same
	}
	reply := jupyter.HistoryReply{Status: jupyter.OK}
	for _, e := range found {
		reply.History = append(reply.History, jupyter.HistoryEntry{Session: e.Session, Number: e.Number, Input: e.Input, Output: e.Output, WithOutput: q.Output})
	}
	return reply, nil
}
