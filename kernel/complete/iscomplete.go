package complete

import (
	"errors"
	"go/scanner"
	"go/token"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/source"
)

// Statuses of is_complete_reply.
const (
	Complete   = "complete"   // can be executed
	Incomplete = "incomplete" // another line is needed
	Invalid    = "invalid"    // executing it will give a syntax error
	Unknown    = "unknown"    // too large to be looked at
)

// maxCode bounds what IsComplete looks at, in bytes.
const maxCode = 1 << 20

// IsComplete reports whether code can be executed as it stands or continues on
// the next line. For incomplete code, indent is the indentation of that line.
func IsComplete(code string) (status, indent string) {
	if len(code) > maxCode {
		return Unknown, ""
	}
	below, takesGo := cell.BelowCommand(code)
	if takesGo && strings.TrimSpace(below) == "" {
		return Incomplete, ""
	}
	c, err := cell.Parse(code, 0)
	var syntax *cell.SyntaxError
	switch {
	case errors.As(err, &syntax) && syntax.Incomplete:
		if strings.Contains(syntax.Msg, "not terminated") { // in a raw string or comment
			return Incomplete, ""
		}
		return Incomplete, nextIndent(code)
	case err != nil:
		return Invalid, ""
	case c.Whole != nil:
		return ended(code, c.Whole.Body)
	case continued(code, c):
		return Incomplete, ""
	}
	open := goesOn(c.Go)
	last := lastPiece(c)
	for kind, pieces := range [][]cell.Piece{c.Decls, c.Stmts, c.MainBody} {
		for i := range pieces {
			atEnd, ok := parse(pieces[i], kind == 2)
			if ok {
				continue
			}
			if (open && atEnd || endsInComma(c.Go)) && &pieces[i] == last {
				return Incomplete, nextIndent(code)
			}
			return Invalid, ""
		}
	}
	exec := len(c.MainBody) > 0 && c.MainBody[0].Line == c.MainLine // %exec: all is said
	if c.Main && !exec {                                            // a program of lines that has no bracket to end it
		return ended(code, after(code, c.MainLine))
	}
	if takesGo {
		return ended(code, below)
	}
	return Complete, ""
}

// ended returns the status of a body that a blank line ends.
func ended(code, body string) (status, indent string) {
	if strings.TrimSpace(body) != "" && strings.TrimSpace(code[strings.LastIndexByte(code, '\n')+1:]) == "" {
		return Complete, ""
	}
	return Incomplete, ""
}

// after returns the text below a line.
func after(code string, line int) string {
	for ; line > 0; line-- {
		_, code, _ = strings.Cut(code, "\n")
	}
	return code
}

// continued reports whether the last line is a command that a backslash
// continues: one that is blank where only Go is left.
func continued(code string, c *cell.Cell) bool {
	start := strings.LastIndexByte(code, '\n') + 1
	return strings.HasSuffix(code, `\`) && strings.TrimSpace(c.Go[start:]) == ""
}

// goesOn reports whether Go's lexer inserts no semicolon at the end of the text:
// its last statement continues.
func goesOn(text string) bool {
	return lastToken(text) != token.SEMICOLON
}

// endsInComma reports whether the text ends within a list.
func endsInComma(text string) bool { return lastToken(text) == token.COMMA }

// lastToken returns the last token of a text. The lexer adds a semicolon where a
// statement may end.
func lastToken(text string) token.Token {
	var lex scanner.Scanner
	fset := token.NewFileSet()
	lex.Init(fset.AddFile("", -1, len(text)), []byte(text), nil, 0)
	last := token.SEMICOLON
	for {
		_, tok, _ := lex.Scan()
		if tok == token.EOF {
			return last
		}
		last = tok
	}
}

// lastPiece returns the piece at the end of the cell, or nil.
func lastPiece(c *cell.Cell) *cell.Piece {
	var last *cell.Piece
	for _, pieces := range [][]cell.Piece{c.Decls, c.Stmts, c.MainBody} {
		if n := len(pieces); n > 0 {
			if p := &pieces[n-1]; last == nil || p.Line > last.Line || p.Line == last.Line && p.Col > last.Col {
				last = p
			}
		}
	}
	return last
}

// parse reports whether a piece is valid Go, parsed as a session parses it, and
// if not, whether what is wrong is that it ends too early.
func parse(p cell.Piece, inMain bool) (atEnd, ok bool) {
	piece := source.Piece{Text: p.Text, Line: p.Line, Col: p.Col}
	var err error
	if inMain || p.Kind == cell.Stmt || p.Kind == cell.Var {
		_, err = source.ParseBody(token.NewFileSet(), "", 0, []source.Piece{piece}, func(source.Piece) bool { return true })
	} else {
		_, err = source.ParseDecl(token.NewFileSet(), "", 0, piece, true)
	}
	var e *source.Error
	return errors.As(err, &e) && e.AtEnd, err == nil
}

// nextIndent returns the indentation that gofmt would give the next line. It is
// one tab deeper than the statement if the last line opens a bracket or a case,
// or if the statement continues; else it is that of the statement or element
// that just ended.
func nextIndent(code string) string {
	text := cell.ParseDraft(code).Go
	lines := strings.Split(strings.TrimRight(text, " \t\r\n"), "\n")
	last := len(lines) - 1
	opens := map[int]int{} // brackets of a line that stay open
	ends := make([]token.Token, len(lines))
	var open []int
	line, at := 0, 0
	for _, l := range lex(text) {
		line, at = line+strings.Count(text[at:l.from], "\n"), l.from
		if line > last || l.tok == token.COMMENT || l.tok == token.SEMICOLON && l.lit == "\n" {
			continue
		}
		switch l.tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			open = append(open, line)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		ends[min(last, line+strings.Count(l.lit, "\n"))] = l.tok
	}
	for _, line := range open {
		opens[line]++
	}
	start := last // of the statement
	for start > 0 && goesOnAfter(ends[start-1]) && opens[start-1] == 0 {
		start--
	}
	first := strings.Split(code, "\n")[start] // blanks may be a command in it
	indent := first[:len(first)-len(strings.TrimLeft(first, " \t"))]
	if opens[last] > 0 || ends[last] == token.COLON || goesOnAfter(ends[last]) {
		indent += "\t"
	}
	return indent
}

// goesOnAfter reports whether a statement whose line ends in this token
// continues on the next line, even outside brackets.
func goesOnAfter(t token.Token) bool {
	return t == token.PERIOD || t.IsOperator() && t <= token.DEFINE && t != token.INC && t != token.DEC
}
