package kernel

import (
	"path"
	"slices"
	"sync"

	"modelbook/kernel/wire"
)

// A history remembers the cells of this session.
type history struct {
	mu    sync.Mutex
	cells []historyCell
}

type historyCell struct {
	number int
	input  string
	output string // the plain text of the result
}

const maxHistory = 10000

func (h *history) add(c historyCell) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.cells) == maxHistory {
		h.cells = slices.Delete(h.cells, 0, maxHistory/10)
	}
	h.cells = append(h.cells, c)
}

// A historyQuery is the content of a history_request.
type historyQuery struct {
	Access  string `json:"hist_access_type"` // "range", "tail" or "search"
	Output  bool   `json:"output"`
	Session int    `json:"session"` // 0 or less: this one and those before it
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"` // exclusive
	N       *int   `json:"n"`    // at most so many, the latest
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// find returns the cells a query asks for, the oldest first.
func (h *history) find(q historyQuery) []historyCell {
	h.mu.Lock()
	cells := slices.Clone(h.cells)
	h.mu.Unlock()
	keep := func(historyCell) bool { return true }
	switch q.Access {
	case "range":
		q.N = nil
		keep = func(c historyCell) bool {
			return q.Session <= 0 && c.number >= q.Start && (q.Stop == nil || c.number < *q.Stop)
		}
	case "search":
		pattern := q.Pattern
		if pattern == "" {
			pattern = "*"
		}
		keep = func(c historyCell) bool { return glob(pattern, c.input) }
	}
	seen := map[string]bool{}
	var found []historyCell
	for _, c := range slices.Backward(cells) {
		if q.N != nil && len(found) >= *q.N {
			break
		}
		if !keep(c) || q.Unique && seen[c.input] {
			continue
		}
		seen[c.input] = true
		found = append(found, c)
	}
	slices.Reverse(found)
	return found
}

// glob matches text with * and ? in the pattern, over several lines too.
func glob(pattern, text string) bool {
	// path.Match stops at slashes: hide them from it.
	hide := func(s string) string {
		b := []byte(s)
		for i := range b {
			if b[i] == '/' {
				b[i] = 0
			}
		}
		return string(b)
	}
	ok, err := path.Match(hide(pattern), hide(text))
	return ok && err == nil
}

func (k *Kernel) historyRequest(m *wire.Message) (any, error) {
	var q historyQuery
	if err := decode(m, &q); err != nil {
		return nil, err
	}
	entries := []any{}
	for _, c := range k.history.find(q) {
		if q.Output {
			var output any
			if c.output != "" {
				output = c.output
			}
			entries = append(entries, []any{0, c.number, []any{c.input, output}})
		} else {
			entries = append(entries, []any{0, c.number, c.input})
		}
	}
	return map[string]any{"status": "ok", "history": entries}, nil
}
