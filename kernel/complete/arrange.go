package complete

import (
	"go/token"
	"slices"
	"strings"

	"modelbook/kernel/cell"
)

// A part is a declaration or statement of a cell that is being written.
type part struct {
	toks     []lexeme
	from, to int
	doc      int  // where the comment above it starts, else from
	limit    int  // where what follows it starts: a cursor up to here is in it
	open     bool // brackets are not closed
}

// split cuts Go text into parts as kernel/cell does, but tolerates errors.
func split(toks []lexeme, text string) []part {
	var parts []part
	p := part{doc: none}
	var open []token.Token
	var comment lexeme // the latest block of them
	header := 0        // semicolons that the header of an if, for or switch may still hold
	flush := func(limit int) {
		if len(p.toks) > 0 && p.toks[0].tok != token.PACKAGE {
			p.from, p.to, p.limit = p.toks[0].from, p.toks[len(p.toks)-1].to, limit
			if p.doc == none {
				p.doc = p.from
			}
			p.open = len(open) > 0
			parts = append(parts, p)
		}
		p, open, header, comment = part{doc: none}, nil, 0, lexeme{}
	}
	lines := func(from, to int) int { return strings.Count(text[from:max(from, to)], "\n") }
	for _, l := range toks {
		switch l.tok {
		case token.COMMENT:
			if comment.lit == "" || lines(comment.to, l.from) > 1 {
				comment = l
			}
			comment.to = l.to
			continue
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if len(open) == 0 && l.tok == token.LBRACE {
				header = 0
			}
			open = append(open, l.tok)
		case token.RPAREN, token.RBRACK, token.RBRACE:
			for i := len(open) - 1; i >= 0; i-- { // the nearest that it can close
				if partner(open[i]) == l.tok {
					open = open[:i]
					break
				}
			}
		case token.IF, token.SWITCH, token.FOR:
			if len(open) == 0 {
				header = 2
			}
		case token.SEMICOLON:
			if len(open) == 0 && !(header > 0 && l.lit == ";") {
				flush(l.from)
				continue
			}
			header--
		}
		if len(p.toks) == 0 && comment.lit != "" && lines(comment.to, l.from) <= 1 {
			p.doc = comment.from
		}
		p.toks = append(p.toks, l)
	}
	flush(len(text))
	return parts
}

const none = -1

func partner(open token.Token) token.Token {
	switch open {
	case token.LPAREN:
		return token.RPAREN
	case token.LBRACK:
		return token.RBRACK
	}
	return token.RBRACE
}

// isDecl reports whether a part is a declaration of its own, not a statement.
func (p part) isDecl() bool {
	switch p.toks[0].tok {
	case token.IMPORT, token.TYPE, token.CONST:
		return true
	case token.FUNC:
		if len(p.toks) < 2 {
			return false
		}
		if p.toks[1].tok == token.IDENT {
			return true
		}
		depth := 0 // a receiver, and a name behind it
		for i, l := range p.toks[1:] {
			switch l.tok {
			case token.LPAREN:
				depth++
			case token.RPAREN:
				if depth--; depth == 0 {
					rest := p.toks[i+2:]
					return len(rest) > 1 && rest[0].tok == token.IDENT && (rest[1].tok == token.LPAREN || rest[1].tok == token.LBRACK)
				}
			}
		}
	}
	return false
}

// placeholder stands for the identifier at the cursor while its completions are
// sought.
const placeholder = "ĉursor__"

// A partKind is what a part of a cell is.
type partKind uint8

const (
	importPart partKind = iota
	declPart            // any other declaration
	mainPart            // a statement behind %%, local to main
	stmtPart            // any other statement
)

// kind returns the kind of a part. Below %%, types and constants are local to
// main, too.
func (p part) kind(text string, mainLine int) partKind {
	behindMain := mainLine > 0 && strings.Count(text[:p.from], "\n")+1 > mainLine
	switch first := p.toks[0].tok; {
	case first == token.IMPORT:
		return importPart
	case p.isDecl() && !(behindMain && first != token.FUNC):
		return declPart
	case behindMain:
		return mainPart
	}
	return stmtPart
}

// An arranged cell is a cell taken apart into its pieces.
type arranged struct {
	pieces  [stmtPart + 1][]piece // in order, by what they are
	program bool                  // there is a package clause
}

// A view says how arrange treats the part that contains the cursor.
type view uint8

const (
	// whole leaves the part as it is.
	whole view = iota
	// cut drops the part from the identifier at the cursor on, puts another
	// identifier there, and closes open brackets and statements.
	cut
	// alone makes a statement of the text before the cursor in its line. It is
	// for parts that cannot be parsed.
	alone
)

// A piece is a part of the cell as it is parsed.
type piece struct {
	text      string
	doc       string // the comment above a declaration
	line, col int    // where text starts in the cell
	cursor    int    // offset of the cursor in text, or -1
}

// pieceAt is the text between two offsets as a piece.
func pieceAt(text string, from, to int) piece {
	return piece{text: text[from:to], line: strings.Count(text[:from], "\n") + 1, col: from - lineStart(text, from) + 1, cursor: -1}
}

// arrange takes a cell apart. The identifier at the cursor is d.Go[start:end]; cut
// and alone put name in its place.
func arrange(d cell.Draft, start, end int, v view, name string) (a arranged) {
	text := d.Go
	put := func(p part, s piece) {
		if s.doc = strings.TrimRight(text[p.doc:p.from], " \t\r\n"); !p.isDecl() {
			s.doc = ""
		}
		kind := p.kind(text, d.MainLine)
		a.pieces[kind] = append(a.pieces[kind], s)
	}
	upTo := func(from int) piece { // the cursor
		s := pieceAt(text, from, start)
		s.cursor = len(s.text)
		s.text += name + closers(lex(s.text+name))
		return s
	}
	toks := lex(text)
	a.program = slices.ContainsFunc(toks, func(l lexeme) bool { return l.tok == token.PACKAGE })
	parts := split(toks, text)
	line := lineStart(text, start)
	seen, inDecl := false, false
	for i, p := range parts {
		here := !seen && v != alone && p.from <= start && start <= p.limit && (i+1 == len(parts) || start < parts[i+1].from)
		switch {
		case here && v == whole:
			seen, inDecl = true, p.isDecl()
			s := pieceAt(text, p.from, p.to)
			s.cursor = start - p.from
			put(p, s)
		case here:
			seen, inDecl = true, p.isDecl()
			put(p, upTo(p.from))
			if p.open { // its open bracket includes the declarations below it
				a.pieces[declPart] = append(a.pieces[declPart], declarations(text, end)...)
			}
		case v == whole, v == cut && (p.isDecl() || inDecl || p.to <= start), p.to <= line:
			put(p, pieceAt(text, p.from, p.to))
		}
	}
	statements := stmtPart
	if d.MainLine > 0 && strings.Count(text[:start], "\n")+1 > d.MainLine {
		statements = mainPart
	}
	switch {
	case seen:
	case v == alone:
		a.pieces[declPart] = append(a.pieces[declPart], declarations(text, end)...)
		a.pieces[statements] = append(a.pieces[statements], upTo(line+len(text[line:start])-len(strings.TrimLeft(text[line:start], " \t"))))
	case v == cut:
		a.pieces[statements] = append(a.pieces[statements], upTo(start))
	}
	return a
}

// declarations lists the declarations below the line of an offset that start in
// the first column.
func declarations(text string, from int) (all []piece) {
	if n := strings.IndexByte(text[from:], '\n'); n >= 0 {
		from += n
	} else {
		return nil
	}
	rest := text[from:]
	for _, p := range split(lex(rest), rest) {
		if p.from == lineStart(rest, p.from) && p.isDecl() && p.toks[0].tok != token.IMPORT {
			all = append(all, pieceAt(text, from+p.from, from+p.to))
		}
	}
	return all
}
