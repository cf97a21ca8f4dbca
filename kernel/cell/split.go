package cell

import (
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
)

// lexeme is one token of a cell's Go text.
type lexeme struct {
	tok token.Token
	lit string
	off int
}

// splitter cuts Go text into pieces at the semicolons, typed or inserted, that
// stand outside all brackets.
type splitter struct {
	cell *Cell
	file *token.File
	toks []lexeme // of the piece at hand
	end  int      // offset of what follows the last of toks, comments included; -1 at first
	open []lexeme // brackets not yet closed
	doc  span     // the latest comment block
	lead span     // the one before the piece at hand
	// semicolons that the header of the latest if, for or switch outside
	// brackets may still hold
	header int
}

// span is a stretch of text by offsets.
type span struct{ from, to int }

// split cuts c.Go into Decls, Stmts and MainBody.
func (c *Cell) split() error {
	fset := token.NewFileSet()
	s := &splitter{cell: c, file: fset.AddFile("", -1, len(c.Go)), doc: span{-1, -1}}
	var wrong *SyntaxError
	var lex scanner.Scanner
	lex.Init(s.file, []byte(c.Go), func(pos token.Position, msg string) {
		if wrong == nil {
			wrong = s.lexicalError(pos, msg)
		}
	}, scanner.ScanComments)
	for {
		pos, tok, lit := lex.Scan()
		if wrong != nil {
			return wrong
		}
		l := lexeme{tok, lit, s.file.Offset(pos)}
		if tok == token.EOF {
			break
		}
		if err := s.take(l); err != nil {
			return err
		}
	}
	if n := len(s.open); n > 0 {
		return s.errorAt(s.open[n-1].off, true, "%s is not closed", s.open[n-1].tok)
	}
	if s.end < 0 {
		s.end = len(c.Go)
	}
	return s.flush()
}

// take adds one token to the piece at hand.
func (s *splitter) take(l lexeme) error {
	if s.end < 0 {
		s.end = l.off
	}
	switch l.tok {
	case token.COMMENT:
		s.comment(l)
		return nil
	case token.LPAREN, token.LBRACK, token.LBRACE:
		s.open = append(s.open, l)
	case token.RPAREN, token.RBRACK, token.RBRACE:
		n := len(s.open)
		if n == 0 {
			return s.errorAt(l.off, false, "unexpected %s", l.tok)
		}
		if want := partner(s.open[n-1].tok); want != l.tok {
			return s.errorAt(l.off, false, "unexpected %s: the %s of line %d is not closed", l.tok, s.open[n-1].tok, s.line(s.open[n-1].off))
		}
		s.open = s.open[:n-1]
	case token.SEMICOLON:
		if len(s.open) == 0 && !s.inHeader(l) {
			if err := s.flush(); err != nil {
				return err
			}
			if l.lit == ";" {
				s.cell.Quiet = true
			}
			return nil
		}
	case token.REM:
		if len(s.toks) == 0 && len(s.open) == 0 {
			return s.errorAt(l.off, false, "unexpected %%: a command starts in the first column of its line")
		}
	}
	if len(s.open) == 0 {
		switch l.tok {
		case token.IF, token.SWITCH:
			s.header = 1
		case token.FOR:
			s.header = 2
		}
	}
	if len(s.toks) == 0 {
		s.lead = s.doc
	}
	s.toks, s.end = append(s.toks, l), -1
	return nil
}

// inHeader reports whether a semicolon outside all brackets belongs to the
// header of an if, for or switch, as in "for i := 0; i < 3; i++ {".
func (s *splitter) inHeader(semi lexeme) bool {
	if s.header == 0 || semi.lit != ";" {
		return false
	}
	s.header--
	// A header can hold braces of its own (if f := func() { ... }; f() {), so
	// the parser must say whether the statement is whole already.
	if s.toks[len(s.toks)-1].tok != token.RBRACE {
		return true
	}
	text := s.cell.Go[s.toks[0].off:semi.off]
	_, err := parser.ParseFile(token.NewFileSet(), "", "package p; func _() {"+text+"\n}", parser.SkipObjectResolution)
	return err != nil
}

// comment remembers a block of comments for the declaration below it.
func (s *splitter) comment(l lexeme) {
	end := l.off + len(l.lit)
	if end > len(s.cell.Go) { // the lexer drops carriage returns: lengths differ then
		end = len(s.cell.Go)
	}
	if s.doc.from >= 0 && strings.Count(s.cell.Go[s.doc.to:max(l.off, s.doc.to)], "\n") <= 1 {
		s.doc.to = end
		return
	}
	s.doc = span{l.off, end}
}

// flush ends the piece at hand and files it.
func (s *splitter) flush() error {
	toks, doc, end := s.toks, s.lead, s.end
	s.toks, s.header = nil, 0
	if len(toks) == 0 {
		return nil
	}
	s.doc = span{-1, -1}
	c, off := s.cell, toks[0].off
	at := s.file.Position(s.file.Pos(off))
	if toks[0].tok == token.PACKAGE {
		if len(toks) != 2 || toks[1].tok != token.IDENT {
			return s.errorAt(off, len(toks) == 1, "expected package name")
		}
		c.Package = toks[1].lit
		text := []byte(c.Go)
		blank(text[off:end])
		c.Go = string(text)
		return nil
	}
	p := Piece{
		Kind: kind(toks),
		Text: strings.TrimRight(c.Go[off:end], " \t\r\n"),
		Line: at.Line,
		Col:  at.Column,
	}
	if p.Kind != Stmt && doc.from >= 0 && doc.to <= off && strings.Count(c.Go[doc.to:off], "\n") <= 1 {
		p.Doc = strings.TrimRight(c.Go[doc.from:doc.to], " \t\r\n")
	}
	inMain := c.Main && p.Line > c.MainLine
	switch {
	case p.Kind == Import || p.Kind == Func || p.Kind == Method,
		!inMain && (p.Kind == Type || p.Kind == Const):
		c.Decls = append(c.Decls, p)
		return nil
	case inMain:
		c.MainBody = append(c.MainBody, p)
	default:
		c.Stmts = append(c.Stmts, p)
	}
	c.Quiet = false
	return nil
}

// kind tells what a piece with these tokens is.
func kind(toks []lexeme) Kind {
	switch toks[0].tok {
	case token.IMPORT:
		return Import
	case token.CONST:
		return Const
	case token.TYPE:
		return Type
	case token.VAR:
		return Var
	case token.FUNC:
		if tokAt(toks, 1) == token.IDENT {
			return Func
		}
		// A method has a name and parameters behind its receiver, a func
		// literal a result or a body behind its parameters.
		if tokAt(toks, 1) == token.LPAREN {
			i := skip(toks, 1)
			if tokAt(toks, i) == token.IDENT {
				i++
				if tokAt(toks, i) == token.LBRACK {
					i = skip(toks, i)
				}
				if tokAt(toks, i) == token.LPAREN {
					return Method
				}
			}
		}
	}
	return Stmt
}

// skip returns the index behind the bracket that closes the one at index i.
func skip(toks []lexeme, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i].tok {
		case token.LPAREN, token.LBRACK, token.LBRACE:
			depth++
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return i
}

func tokAt(toks []lexeme, i int) token.Token {
	if i < len(toks) {
		return toks[i].tok
	}
	return token.EOF
}

func partner(open token.Token) token.Token {
	switch open {
	case token.LPAREN:
		return token.RPAREN
	case token.LBRACK:
		return token.RBRACK
	}
	return token.RBRACE
}

func (s *splitter) line(off int) int { return s.file.Line(s.file.Pos(off)) }

func (s *splitter) errorAt(off int, incomplete bool, format string, args ...any) *SyntaxError {
	p := s.file.Position(s.file.Pos(off))
	return &SyntaxError{Line: p.Line, Col: p.Column, Msg: fmt.Sprintf(format, args...), Incomplete: incomplete}
}

// lexicalError makes a lexer's error ours; only raw strings and comments that
// are not closed can be finished on a later line.
func (s *splitter) lexicalError(pos token.Position, msg string) *SyntaxError {
	incomplete := msg == "raw string literal not terminated" || msg == "comment not terminated"
	return &SyntaxError{Line: pos.Line, Col: pos.Column, Msg: msg, Incomplete: incomplete}
}
