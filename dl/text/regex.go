package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The sizes above which an expression is refused.
const (
	maxRegex        = 10_000 // bytes
	maxInstructions = 5_000
	maxRepeat       = 1_000
	maxNesting      = 50
)

// compiler turns an expression into instructions while it reads it.
type compiler struct {
	rest   string
	source string
	fold   bool
	depth  int
	work   int // parts written so far, those that were empty too
	code   []instruction
}

func compile(pattern string) ([]instruction, error) {
	if len(pattern) > maxRegex {
		return nil, fmt.Errorf("has %d bytes, more than %d", len(pattern), maxRegex)
	}
	c := &compiler{rest: pattern, source: pattern}
	n, err := c.alternatives()
	if err == nil && c.rest != "" {
		err = c.errorf("a ) that closes nothing")
	}
	if err == nil {
		err = c.emit(n)
	}
	if err != nil {
		return nil, err
	}
	return append(c.code, instruction{do: accept}), nil
}

func (c *compiler) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s", len(c.source)-len(c.rest), fmt.Sprintf(format, args...))
}

// node is a part of an expression.
type node struct {
	do         nodeKind
	parts      []node
	set        *set
	assert     operation
	min, max   int // max -1: without end
	lazy, not  bool
	possessive bool
}

type nodeKind uint8

const (
	sequence nodeKind = iota
	oneOf
	oneLetter
	repeat
	assertion
	lookahead
	atomicGroup
)

func (c *compiler) alternatives() (node, error) {
	if c.depth++; c.depth > maxNesting {
		return node{}, c.errorf("groups nest more than %d deep", maxNesting)
	}
	defer func() { c.depth-- }()
	var all []node
	for {
		n, err := c.sequence()
		if err != nil {
			return node{}, err
		}
		all = append(all, n)
		if !strings.HasPrefix(c.rest, "|") {
			break
		}
		c.rest = c.rest[1:]
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return node{do: oneOf, parts: all}, nil
}

func (c *compiler) sequence() (node, error) {
	n := node{do: sequence}
	for c.rest != "" && c.rest[0] != '|' && c.rest[0] != ')' {
		part, err := c.atom()
		if err != nil {
			return node{}, err
		}
		if part, err = c.repeated(part); err != nil {
			return node{}, err
		}
		n.parts = append(n.parts, part)
	}
	return n, nil
}

// repeated reads the repetitions that follow a part.
func (c *compiler) repeated(part node) (node, error) {
	for c.rest != "" {
		r := node{do: repeat, parts: []node{part}}
		interval := false
		switch c.rest[0] {
		case '*':
			r.min, r.max = 0, -1
		case '+':
			r.min, r.max = 1, -1
		case '?':
			r.min, r.max = 0, 1
		case '{':
			end := strings.IndexByte(c.rest, '}')
			if end < 0 {
				return part, c.errorf("a { without }")
			}
			low, high, two := strings.Cut(c.rest[1:end], ",")
			var err1, err2 error
			if low != "" || !two {
				r.min, err1 = strconv.Atoi(low)
			}
			switch {
			case !two:
				r.max = r.min
			case high == "":
				r.max = -1
			default:
				r.max, err2 = strconv.Atoi(high)
			}
			if err1 != nil || err2 != nil || r.min < 0 || r.max >= 0 && r.max < r.min || max(r.min, r.max) > maxRepeat {
				return part, c.errorf("the repetition %s is not one of {n}, {n,} and {n,m} up to %d", c.rest[:end+1], maxRepeat)
			}
			interval = true
			c.rest = c.rest[end:]
		default:
			return part, nil
		}
		c.rest = c.rest[1:]
		switch {
		case strings.HasPrefix(c.rest, "?"):
			r.lazy = true
			c.rest = c.rest[1:]
		case strings.HasPrefix(c.rest, "+") && !interval:
			r.possessive = true
			c.rest = c.rest[1:]
		}
		part = r
	}
	return part, nil
}

func (c *compiler) atom() (node, error) {
	r, size := utf8.DecodeRuneInString(c.rest)
	switch r {
	case '(':
		return c.group()
	case '[':
		s, err := c.class()
		return node{do: oneLetter, set: s}, err
	case '.':
		c.rest = c.rest[1:]
		return node{do: oneLetter, set: newSet(func(r rune) bool { return r != '\n' })}, nil
	case '^', '$':
		c.rest = c.rest[1:]
		return node{do: assertion, assert: map[rune]operation{'^': lineStart, '$': lineEnd}[r]}, nil
	case '*', '+', '?', '{':
		return node{}, c.errorf("a %c with nothing before it to repeat", r)
	case '\\':
		if len(c.rest) > 1 {
			if assert, ok := map[byte]operation{'A': textStart, 'z': textEnd, 'b': wordEdge}[c.rest[1]]; ok {
				c.rest = c.rest[2:]
				return node{do: assertion, assert: assert}, nil
			}
		}
		is, _, err := c.escape()
		if err != nil {
			return node{}, err
		}
		return node{do: oneLetter, set: newSet(is)}, nil
	}
	c.rest = c.rest[size:]
	return node{do: oneLetter, set: newSet(c.single(r))}, nil
}

// single is the test for one letter, in any case where the group says so.
func (c *compiler) single(r rune) func(rune) bool {
	if !c.fold {
		return func(t rune) bool { return t == r }
	}
	same := []rune{r}
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		same = append(same, f)
	}
	return func(t rune) bool { return slices.Contains(same, t) }
}

func (c *compiler) group() (node, error) {
	c.rest = c.rest[1:]
	n := node{do: sequence}
	fold := c.fold
	defer func() { c.fold = fold }()
	if strings.HasPrefix(c.rest, "?") {
		known := false
		for _, g := range []struct {
			opening string
			node    node
			fold    bool
		}{
			{"?:", node{do: sequence}, c.fold}, {"?i:", node{do: sequence}, true}, {"?=", node{do: lookahead}, c.fold},
			{"?!", node{do: lookahead, not: true}, c.fold}, {"?>", node{do: atomicGroup}, c.fold},
		} {
			if strings.HasPrefix(c.rest, g.opening) {
				c.rest = c.rest[len(g.opening):]
				n, c.fold, known = g.node, g.fold, true
				break
			}
		}
		if !known {
			return n, c.errorf("a group (%s…: only (…), (?:…), (?i:…), (?=…), (?!…) and (?>…) are known", c.rest[:min(2, len(c.rest))])
		}
	}
	inner, err := c.alternatives()
	if err != nil {
		return n, err
	}
	if !strings.HasPrefix(c.rest, ")") {
		return n, c.errorf("a ( without )")
	}
	c.rest = c.rest[1:]
	n.parts = []node{inner}
	return n, nil
}
