package text

import (
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
