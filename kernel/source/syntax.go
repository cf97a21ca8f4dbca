package source

import (
	"errors"
	"go/scanner"
	"regexp"
	"slices"
	"strings"
)

// A Gap is where one piece of a cell ends in a file and the generated text
// behind it begins. There the parser finds what a piece lacks.
type Gap struct {
	From, To  int  // offsets
	Line, Col int  // of the end of the piece, in its cell
	Last      bool // nothing follows in the cell
}

// GapBehind returns the gap behind a piece that ends at an offset; last says
// that no other piece of the cell follows.
func GapBehind(p Piece, at int, last bool) Gap {
	g := Gap{From: at, To: 1 << 30, Line: p.Line + strings.Count(p.Text, "\n"), Col: p.Col + len(p.Text), Last: last}
	if i := strings.LastIndexByte(p.Text, '\n'); i >= 0 {
		g.Col = len(p.Text) - i
	}
	return g
}

// missing matches what the parser says of something that is not there.
var missing = regexp.MustCompile(`^expected (.*), found .*$`)

// message rewords what the parser says in a gap. What it found there is generated
// text, which the author of the cell has not seen.
func (g Gap) message(text string) string {
	m := missing.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	what := map[string]string{"operand": "expression", "'IDENT'": "name"}[m[1]]
	if what == "" {
		what = m[1]
	}
	if g.Last {
		return "unexpected end of cell, expected " + what
	}
	return "unexpected end of line, expected " + what
}

// syntaxError turns the error of a parser into an *Error.
func syntaxError(err error, gaps []Gap) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	e := &Error{}
	for i, x := range list {
		m, ok := MessageAt(x.Pos, x.Msg)
		in := slices.IndexFunc(gaps, func(g Gap) bool { return g.From <= x.Pos.Offset && x.Pos.Offset < g.To })
		if in >= 0 && len(e.Messages) > 0 || !ok {
			continue // a consequence of the first
		}
		if in >= 0 {
			m.Line, m.Col, m.Text = gaps[in].Line, gaps[in].Col, gaps[in].message(x.Msg)
			e.AtEnd = i == 0
		}
		e.Messages = append(e.Messages, m)
	}
	if len(e.Messages) == 0 {
		return err
	}
	return e
}
