package kernel

import (
	"modelbook/kernel/history"
	"modelbook/kernel/wire"
)

func (k *Kernel) historyRequest(m *wire.Message) (any, error) {
	var q history.Query
	if err := decode(m, &q); err != nil {
		return nil, err
	}
	found, err := k.history.Find(q)
	if err != nil {
		k.log.Printf("history: %v", err) // what this session has is there all the same
	}
	entries := []any{}
	for _, e := range found {
		var input any = e.Input
		if q.Output {
			var output any
			if e.Output != "" {
				output = e.Output
			}
			input = []any{e.Input, output}
		}
		entries = append(entries, []any{e.Session, e.Number, input})
	}
	return map[string]any{"status": "ok", "history": entries}, nil
}
