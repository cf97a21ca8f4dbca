package complete

import (
	"go/token"
	"strings"

	"modelbook/kernel/source/gen"
)

// A part is a declaration or statement of a cell that is being written.
type part struct {
	toks     []lexeme
	from, to int
	doc      int  // where the comment above it starts, else from
	limit    int  // where what follows it starts: a cursor up to here is in it
	open     bool // brackets are not closed
}

// split cuts Go text into parts, as kernel/cell does, but whatever its errors.
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

// placeholder is the identifier at the cursor while names for it are sought.
const placeholder = "ĉursor__"

// An arranged cell is a file of the package of all cells.
type arranged struct {
	text   string
	cursor int  // offset of the identifier at the cursor
	decl   bool // the cursor is in a declaration
}

// A view is how arrange looks at the part that the cursor is in.
type view uint8

const (
	// whole takes the part as it is.
	whole view = iota
	// cut replaces the part from the identifier at the cursor on by another
	// identifier, and closes what is open.
	cut
	// alone makes a statement of what stands before the cursor in its line,
	// where the part it is in makes no sense.
	alone
)

// A piece is a part of the cell as it goes into the file.
type piece struct {
	text   string
	cursor int // offset of the cursor, or -1
}

// arrange makes a file of a cell's Go text. The identifier at the cursor is
// text[start:end]; cut and alone put name in its place.
func arrange(text string, start, end int, v view, name string) arranged {
	var imports, decls, stmts []piece
	put := func(p part, s piece) {
		switch {
		case p.toks[0].tok == token.IMPORT:
			imports = append(imports, s)
		case p.isDecl():
			decls = append(decls, s)
		default:
			stmts = append(stmts, s)
		}
	}
	upTo := func(from int) piece { // the cursor
		before := text[from:start]
		return piece{before + name + closers(lex(before+name)), len(before)}
	}
	parts := split(lex(text), text)
	line := lineStart(text, start)
	seen := false
	var a arranged
	for i, p := range parts {
		here := !seen && v != alone && p.from <= start && start <= p.limit && (i+1 == len(parts) || start < parts[i+1].from)
		switch {
		case here && v == whole:
			seen, a.decl = true, p.isDecl()
			put(p, piece{text[p.doc:p.to], start - p.doc})
		case here:
			seen, a.decl = true, p.isDecl()
			put(p, upTo(p.from))
			if p.open { // it swallowed what stands behind it
				decls = append(decls, declarations(text, end)...)
			}
		case v == whole, v == cut && (p.isDecl() || a.decl || p.to <= start), p.to <= line:
			put(p, piece{text[p.doc:p.to], -1})
		}
	}
	switch {
	case seen:
	case v == alone:
		decls = append(decls, declarations(text, end)...)
		stmts = append(stmts, upTo(line+len(text[line:start])-len(strings.TrimLeft(text[line:start], " \t"))))
	case v == cut:
		stmts = append(stmts, upTo(start))
	}
	a.cursor = -1
	var b strings.Builder
	write := func(pieces []piece) {
		for _, s := range pieces {
			if s.cursor >= 0 {
				a.cursor = b.Len() + s.cursor
			}
			b.WriteString(s.text + "\n")
		}
	}
	b.WriteString("package nb\n")
	write(imports)
	write(decls)
	b.WriteString("func " + gen.Body + "() {\n")
	write(stmts)
	b.WriteString("}\n")
	a.text = b.String()
	return a
}

// declarations lists the declarations that start in the first column of a
// line behind an offset.
func declarations(text string, from int) (all []piece) {
	if n := strings.IndexByte(text[from:], '\n'); n >= 0 {
		from += n
	} else {
		return nil
	}
	rest := text[from:]
	for _, p := range split(lex(rest), rest) {
		if p.from == lineStart(rest, p.from) && p.isDecl() && p.toks[0].tok != token.IMPORT {
			all = append(all, piece{rest[p.from:p.to], -1})
		}
	}
	return all
}
