package session

import (
	"go/scanner"
	"regexp"
	"slices"
	"strings"
)

// A gap is where one piece of a cell ends in a file, and what we put behind it
// begins. The parser finds there what is missing in the piece.
type gap struct {
	at, to    int  // offsets
	line, col int  // of the end of the piece in its cell
	last      bool // nothing follows in the cell
}

// gapBehind is the gap behind a piece that ends at an offset.
func (c Cell) gapBehind(p Piece, at int) gap {
	g := gap{at: at, to: 1 << 30, line: p.Line + strings.Count(p.Text, "\n"), col: p.Col + len(p.Text), last: true}
	if i := strings.LastIndexByte(p.Text, '\n'); i >= 0 {
		g.col = len(p.Text) - i
	}
	for _, other := range slices.Concat(c.Decls, c.Stmts, c.Body) {
		if other.Line > p.Line || other.Line == p.Line && other.Col > p.Col {
			g.last = false
		}
	}
	return g
}

// missing matches what the parser says of something that is not there.
var missing = regexp.MustCompile(`^expected (.*), found .*$`)

// message is what the parser says in a gap, for the author of the cell.
func (g gap) message(text string) string {
	m := missing.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	what := map[string]string{"operand": "expression", "'IDENT'": "name"}[m[1]]
	if what == "" {
		what = m[1]
	}
	if g.last {
		return "unexpected end of cell, expected " + what
	}
	return "unexpected end of line, expected " + what
}

// syntaxError is the error of a parser.
func syntaxError(err error, gaps []gap) error {
	list, ok := err.(scanner.ErrorList)
	if !ok {
		return err
	}
	e := &Error{}
	for _, x := range list {
		m, ok := message(x.Pos, x.Msg)
		i := slices.IndexFunc(gaps, func(g gap) bool { return g.at <= x.Pos.Offset && x.Pos.Offset < g.to })
		if i >= 0 && len(e.Messages) > 0 || !ok {
			continue // what follows from the first
		}
		if i >= 0 {
			m.Line, m.Col, m.Text = gaps[i].line, gaps[i].col, gaps[i].message(x.Msg)
		}
		e.Messages = append(e.Messages, m)
	}
	if len(e.Messages) == 0 {
		return err
	}
	return e
}
