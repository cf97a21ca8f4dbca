package text

import "fmt"

// Behavior says what becomes of the parts that a pattern matches when a text is split there.
type Behavior int

// For the-final--countdown split at -:
const (
	Isolated           Behavior = iota // the, -, final, -, -, countdown
	Removed                            // the, final, countdown
	MergedWithPrevious                 // the-, final-, -, countdown
	MergedWithNext                     // the, -final, -, -countdown
	Contiguous                         // the, -, final, --, countdown
)

var behaviors = [...]string{"Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"}

// String is the name of the behaviour in a tokenizer.json.
func (b Behavior) String() string {
	if b < 0 || int(b) >= len(behaviors) {
		return fmt.Sprintf("Behavior(%d)", int(b))
	}
	return behaviors[b]
}

// split appends the parts of a piece that the matches make of it.
func (p piece) split(to []piece, matches []match, b Behavior) []piece {
	add := func(start, end int) {
		if start < end {
			to = append(to, p.slice(start, end))
		}
	}
	switch b {
	case Isolated:
		for _, m := range matches {
			add(m.start, m.end)
		}
	case Removed:
		for _, m := range matches {
			if !m.is {
				add(m.start, m.end)
			}
		}
	case Contiguous:
		for i := 0; i < len(matches); {
			first := i
			for i++; i < len(matches) && matches[i].is == matches[first].is; i++ {
			}
			add(matches[first].start, matches[i-1].end)
		}
	case MergedWithPrevious:
		for i := 0; i < len(matches); {
			first := i
			i++
			if !matches[first].is && i < len(matches) && matches[i].is {
				i++
			}
			add(matches[first].start, matches[i-1].end)
		}
	case MergedWithNext:
		for i := 0; i < len(matches); {
			first := i
			i++
			if matches[first].is && i < len(matches) && !matches[i].is {
				i++
			}
			add(matches[first].start, matches[i-1].end)
		}
	}
	return to
}
