package history

import (
	"path"
	"slices"
)

// A Query asks for cells. The names are those of a history_request of the
// Jupyter protocol.
type Query struct {
	Access  string // "range", "tail" or "search"
	Output  bool   // whether the asker wants outputs, too
	Session int    // range: 0 is this one, -1 the one before
	Start   int    // range: first cell; of this session, negative counts from the end
	Stop    *int   // range: the cell after the last
	N       *int   // tail and search: at most so many, the latest
	Pattern string // search: with * and ?; "" is *
	Unique  bool   // search: each input once, the latest
}

// Find returns the cells that a query asks for, the oldest first. With an error
// it returns those of this session.
func (h *History) Find(q Query) ([]Entry, error) {
	cells, err := h.all()
	switch q.Access {
	case "range":
		return h.between(cells, q), err
	case "search":
		pattern := q.Pattern
		if pattern == "" {
			pattern = "*"
		}
		return latest(cells, q.N, q.Unique, func(e Entry) bool { return glob(pattern, e.Input) }), err
	}
	return latest(cells, q.N, false, func(Entry) bool { return true }), err
}

// between answers a range query as IPython does: start is included, stop is not,
// and a stop of 0 or none means the end.
func (h *History) between(cells []Entry, q Query) []Entry {
	current := h.settle()
	session := q.Session
	if session <= 0 {
		session += current
	}
	start, stop := q.Start, 0
	if q.Stop != nil {
		stop = *q.Stop
	}
	last := 0
	for _, e := range cells {
		if e.Session == session {
			last = max(last, e.Number)
		}
	}
	if start < 0 {
		start += last + 1
	}
	if stop < 0 {
		stop += last + 1
	} else if stop == 0 {
		stop = last + 1
	}
	var found []Entry
	for _, e := range cells {
		if e.Session == session && e.Number >= start && e.Number < stop {
			found = append(found, e)
		}
	}
	return found
}

// latest returns the last n of the cells that are wanted, or all.
func latest(cells []Entry, n *int, unique bool, wanted func(Entry) bool) []Entry {
	seen := map[string]bool{}
	var found []Entry
	for _, e := range slices.Backward(cells) {
		if n != nil && len(found) >= *n {
			break
		}
		if !wanted(e) || unique && seen[e.Input] {
			continue
		}
		if unique {
			seen[e.Input] = true
		}
		found = append(found, e)
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
