package text

import "unicode/utf8"

// instruction is a step of a compiled regular expression.
type instruction struct {
	do   operation
	set  *set // of takeLetter
	x, y int  // where to go on: of either x first; of look and atomic, x is the inner expression, y what follows it
	not  bool // of look
}

type operation uint8

const (
	takeLetter operation = iota
	either
	jump
	look
	atomicRun
	lineStart
	lineEnd
	textStart
	textEnd
	wordEdge
	accept
)

// matcher runs a compiled expression on a text, trying the alternatives in their order and going back when one fails.
type matcher struct {
	code []instruction
	text string

	steps int
	seen  places
}

// patience is the number of steps after which a matcher remembers where it was and what failed, so that an expression
// with nested repetitions takes no more steps than it has instructions for each letter.
const patience = 1 << 12

type state struct{ pc, at int }

// places are the instructions at bytes of the text from which there is no match: bits where they are few enough.
type places struct {
	bits []uint64
	far  map[state]struct{}
}

const maxBits = 1 << 26

// add says whether a state is new.
func (p *places) add(s state, m *matcher) bool {
	if p.bits == nil && p.far == nil {
		if n := len(m.code) * (len(m.text) + 1); n <= maxBits {
			p.bits = make([]uint64, n/64+1)
		} else {
			p.far = map[state]struct{}{}
		}
	}
	if p.far != nil {
		_, was := p.far[s]
		p.far[s] = struct{}{}
		return !was
	}
	i := s.at*len(m.code) + s.pc
	word, bit := &p.bits[i/64], uint64(1)<<(i%64)
	was := *word&bit != 0
	*word |= bit
	return !was
}

// match is the end of the match of the whole expression at a byte of the text. What failed at one place is remembered
// for the next ones.
func (m *matcher) match(at int) (end int, ok bool) {
	if end, ok = m.run(0, at, &m.steps, &m.seen); ok {
		m.steps, m.seen = 0, places{}
	}
	return end, ok
}

// inner is the end of the match of a group that is matched on its own.
func (m *matcher) inner(pc, at int) (end int, ok bool) {
	steps := 0
	return m.run(pc, at, &steps, &places{})
}

func (m *matcher) run(pc, at int, steps *int, seen *places) (end int, ok bool) {
	var buffer [32]state
	todo := append(buffer[:0], state{pc, at})
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
	path:
		for {
			if *steps++; *steps > patience && !seen.add(s, m) {
				break
			}
			in := &m.code[s.pc]
			switch in.do {
			case takeLetter:
				if s.at == len(m.text) {
					break path
				}
				r, size := rune(m.text[s.at]), 1
				if r >= utf8.RuneSelf {
					r, size = utf8.DecodeRuneInString(m.text[s.at:])
				}
				if !in.set.has(r) {
					break path
				}
				s = state{s.pc + 1, s.at + size}
			case either:
				todo = append(todo, state{in.y, s.at})
				s.pc = in.x
			case jump:
				s.pc = in.x
			case look:
				if _, found := m.inner(in.x, s.at); found == in.not {
					break path
				}
				s.pc = in.y
			case atomicRun:
				end, found := m.inner(in.x, s.at)
				if !found {
					break path
				}
				s = state{in.y, end}
			case accept:
				return s.at, true
			default:
				if !m.holds(in.do, s.at) {
					break path
				}
				s.pc++
			}
		}
	}
	return 0, false
}

// holds says whether an assertion is true at a byte of the text.
func (m *matcher) holds(do operation, at int) bool {
	switch do {
	case textStart:
		return at == 0
	case textEnd:
		return at == len(m.text)
	case lineStart:
		return at == 0 || m.text[at-1] == '\n'
	case lineEnd:
		return at == len(m.text) || m.text[at] == '\n'
	}
	before, _ := utf8.DecodeLastRuneInString(m.text[:at])
	after, _ := utf8.DecodeRuneInString(m.text[at:])
	return (at > 0 && isRegexWord(before)) != (at < len(m.text) && isRegexWord(after))
}
