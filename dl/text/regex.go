package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// set is a set of letters.
type set struct {
	ascii [2]uint64
	other func(rune) bool
}

func newSet(is func(rune) bool) *set {
	s := &set{other: is}
	for r := range rune(0x80) {
		if is(r) {
			s.ascii[r>>6] |= 1 << (r & 63)
		}
	}
	return s
}

func (s *set) has(r rune) bool {
	if r < 0x80 {
		return s.ascii[r>>6]>>(r&63)&1 == 1
	}
	return s.other(r)
}

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

// escape reads what a backslash begins: the letters it stands for, and the letter if it is one.
func (c *compiler) escape() (is func(rune) bool, one rune, err error) {
	if len(c.rest) < 2 {
		return nil, -1, c.errorf("a \\ at the end")
	}
	r, size := utf8.DecodeRuneInString(c.rest[1:])
	all := c.rest
	c.rest = c.rest[1+size:]
	switch r {
	case 's':
		return unicode.IsSpace, -1, nil
	case 'S':
		return func(r rune) bool { return !unicode.IsSpace(r) }, -1, nil
	case 'd':
		return func(r rune) bool { return unicode.Is(unicode.Nd, r) }, -1, nil
	case 'D':
		return func(r rune) bool { return !unicode.Is(unicode.Nd, r) }, -1, nil
	case 'w':
		return isRegexWord, -1, nil
	case 'W':
		return func(r rune) bool { return !isRegexWord(r) }, -1, nil
	case 'p', 'P':
		end := strings.IndexByte(c.rest, '}')
		if !strings.HasPrefix(c.rest, "{") || end < 0 {
			c.rest = all
			return nil, -1, c.errorf("a \\%c without {…}", r)
		}
		name := c.rest[1:end]
		c.rest = c.rest[end+1:]
		not := r == 'P'
		if strings.HasPrefix(name, "^") {
			name, not = name[1:], !not
		}
		table := tableOf(name)
		if table == nil {
			c.rest = all
			return nil, -1, c.errorf("a class \\p{%s} that is no category, script or property of Unicode", name)
		}
		return func(r rune) bool { return unicode.Is(table, r) != not }, -1, nil
	case 'x', 'u':
		digits := 2
		if r == 'u' {
			digits = 4
		}
		hex := c.rest[:min(digits, len(c.rest))]
		if strings.HasPrefix(c.rest, "{") {
			hex, _, _ = strings.Cut(c.rest[1:], "}")
			digits = len(hex) + 2
		}
		code, err := strconv.ParseUint(hex, 16, 32)
		if err != nil || digits > len(c.rest) || code > utf8.MaxRune {
			c.rest = all
			return nil, -1, c.errorf("a \\%c without the number of a letter", r)
		}
		c.rest = c.rest[digits:]
		return c.single(rune(code)), rune(code), nil
	}
	if named, ok := map[rune]rune{'n': '\n', 'r': '\r', 't': '\t', 'f': '\f', 'v': '\v', '0': 0, 'a': 7, 'e': 27}[r]; ok {
		return c.single(named), named, nil
	}
	if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		c.rest = all
		return nil, -1, c.errorf("a \\%c, which is not known", r)
	}
	return c.single(r), r, nil
}

func tableOf(name string) *unicode.RangeTable {
	long := map[string]string{"Letter": "L", "Number": "N", "Punctuation": "P", "Symbol": "S", "Mark": "M", "Separator": "Z",
		"Alphabetic": "L", "Alpha": "L", "Space": "White_Space", "Lower": "Ll", "Upper": "Lu", "Punct": "P", "Digit": "Nd"}
	if l, ok := long[name]; ok {
		name = l
	}
	for _, tables := range []map[string]*unicode.RangeTable{unicode.Categories, unicode.Scripts, unicode.Properties} {
		if t := tables[name]; t != nil {
			return t
		}
	}
	return nil
}

func (c *compiler) class() (*set, error) {
	all := c.rest
	c.rest = c.rest[1:]
	not := strings.HasPrefix(c.rest, "^")
	if not {
		c.rest = c.rest[1:]
	}
	var members []func(rune) bool
	for first := true; ; first = false {
		if c.rest == "" {
			c.rest = all
			return nil, c.errorf("a [ without ]")
		}
		r, size := utf8.DecodeRuneInString(c.rest)
		switch {
		case r == ']' && !first:
			c.rest = c.rest[1:]
			return newSet(func(r rune) bool {
				for _, is := range members {
					if is(r) {
						return !not
					}
				}
				return not
			}), nil
		case r == '[' || strings.HasPrefix(c.rest, "&&"):
			return nil, c.errorf("a class in a class, which is not known")
		}
		is, low := c.single(r), r
		if r == '\\' {
			var err error
			if is, low, err = c.escape(); err != nil {
				return nil, err
			}
		} else {
			c.rest = c.rest[size:]
		}
		if low >= 0 && len(c.rest) > 1 && c.rest[0] == '-' && c.rest[1] != ']' {
			c.rest = c.rest[1:]
			high, size := utf8.DecodeRuneInString(c.rest)
			if high == '\\' {
				var err error
				if _, high, err = c.escape(); err != nil {
					return nil, err
				}
			} else {
				c.rest = c.rest[size:]
			}
			if high < low {
				return nil, c.errorf("a range %c-%c that ends before it begins", low, high)
			}
			is = c.between(low, high)
		}
		members = append(members, is)
	}
}

func (c *compiler) between(low, high rune) func(rune) bool {
	in := func(r rune) bool { return r >= low && r <= high }
	if !c.fold {
		return in
	}
	return func(r rune) bool {
		if in(r) {
			return true
		}
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			if in(f) {
				return true
			}
		}
		return false
	}
}

func (c *compiler) put(in instruction) int {
	c.code = append(c.code, in)
	return len(c.code) - 1
}

// emit writes the instructions of a part.
func (c *compiler) emit(n node) error {
	if c.work++; c.work > 4*maxInstructions || len(c.code) > maxInstructions {
		return fmt.Errorf("is larger than %d instructions", maxInstructions)
	}
	switch n.do {
	case oneLetter:
		c.put(instruction{do: takeLetter, set: n.set})
	case assertion:
		c.put(instruction{do: n.assert})
	case sequence:
		for _, p := range n.parts {
			if err := c.emit(p); err != nil {
				return err
			}
		}
	case oneOf:
		var ends []int
		for i, p := range n.parts {
			fork := -1
			if i < len(n.parts)-1 {
				fork = c.put(instruction{do: either})
				c.code[fork].x = fork + 1
			}
			if err := c.emit(p); err != nil {
				return err
			}
			if fork >= 0 {
				ends = append(ends, c.put(instruction{do: jump}))
				c.code[fork].y = len(c.code)
			}
		}
		for _, e := range ends {
			c.code[e].x = len(c.code)
		}
	case lookahead, atomicGroup:
		return c.inner(n.parts[0], map[nodeKind]operation{lookahead: look, atomicGroup: atomicRun}[n.do], n.not)
	case repeat:
		if n.possessive {
			n.possessive = false
			return c.inner(n, atomicRun, false)
		}
		return c.emitRepeat(n)
	}
	return nil
}

// inner writes a part that is matched on its own.
func (c *compiler) inner(n node, do operation, not bool) error {
	at := c.put(instruction{do: do, not: not})
	c.code[at].x = at + 1
	if err := c.emit(n); err != nil {
		return err
	}
	c.put(instruction{do: accept})
	c.code[at].y = len(c.code)
	return nil
}

func (c *compiler) emitRepeat(n node) error {
	part := n.parts[0]
	for range n.min {
		if err := c.emit(part); err != nil {
			return err
		}
	}
	fork := func() int { return c.put(instruction{do: either}) }
	set := func(at, inside, after int) {
		c.code[at].x, c.code[at].y = inside, after
		if n.lazy {
			c.code[at].x, c.code[at].y = after, inside
		}
	}
	if n.max < 0 {
		at := fork()
		if err := c.emit(part); err != nil {
			return err
		}
		c.put(instruction{do: jump, x: at})
		set(at, at+1, len(c.code))
		return nil
	}
	var forks []int
	for range n.max - n.min {
		forks = append(forks, fork())
		if err := c.emit(part); err != nil {
			return err
		}
	}
	for _, at := range forks {
		set(at, at+1, len(c.code))
	}
	return nil
}
