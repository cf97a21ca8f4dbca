package complete

import (
	"go/token"
	"strings"
)

// A bracket is an open bracket, or the text as a whole, with what the statement
// in it still lacks.
type bracket struct {
	close string // what closes it
	block bool   // statements are in it, not expressions

	first   token.Token // of the statement at hand
	header  token.Token // the keyword of a statement whose block is still to come, or 0
	begun   bool        // that header began with an assignment that nothing follows yet
	body    bool        // the body of a function is still to come
	call    bool        // go or defer wants a call
	arm     bool        // case wants its colon
	list    bool        // expressions are listed that only an assignment can follow
	literal bool        // an expression with braces may come, as in []int{
}

// closers returns the text that completes a declaration or statement which ends
// with these tokens. The parser recovers from many errors, but drops some
// statements entirely if they are incomplete.
func closers(toks []lexeme) string {
	if n := len(toks) - 1; n >= 0 && toks[n].tok == token.SEMICOLON && toks[n].lit == "\n" {
		toks = toks[:n] // of the lexer, at the end of the text
	}
	open := []bracket{{block: true}}
	prev := token.SEMICOLON
	for _, l := range toks {
		if l.tok == token.COMMENT {
			continue
		}
		top := &open[len(open)-1]
		top.take(l)
		switch l.tok {
		case token.LPAREN:
			open = append(open, bracket{close: ")"})
		case token.LBRACK:
			open = append(open, bracket{close: "]"})
		case token.LBRACE:
			block := !top.literal && (top.header != 0 || top.body || prev == token.ELSE || prev == token.COLON || prev == token.SEMICOLON)
			if !top.literal {
				top.header, top.body = 0, false
			}
			top.literal = false
			open = append(open, bracket{close: "}", block: block})
		case token.RPAREN, token.RBRACK, token.RBRACE:
			for i := len(open) - 1; i > 0; i-- {
				if open[i].close == l.tok.String() {
					open = open[:i]
					break
				}
			}
			open[len(open)-1].literal = l.tok == token.RBRACK
		case token.IDENT, token.PERIOD, token.MUL:
			top.literal = top.literal && (prev == token.RBRACK || prev == token.PERIOD || l.tok == token.PERIOD || prev == token.MUL)
		default:
			top.literal = false
		}
		prev = l.tok
	}
	var b strings.Builder
	for i := len(open) - 1; i >= 0; i-- {
		open[i].end(&b)
	}
	return b.String()
}

// take updates the state of the statement that a token is in.
func (s *bracket) take(l lexeme) {
	if s.first == 0 {
		s.first = l.tok
	}
	switch l.tok {
	case token.IF, token.FOR, token.SWITCH, token.SELECT:
		s.header, s.begun = l.tok, false
	case token.FUNC:
		s.body = true
	case token.ASSIGN, token.DEFINE:
		s.begun, s.list = true, false
	case token.RANGE:
		s.begun = false
	case token.GO, token.DEFER:
		s.call = true
	case token.CASE, token.DEFAULT:
		s.arm = true
	case token.COMMA:
		s.list = s.block && !s.begun && (s.first == token.IDENT || s.first == token.MUL || s.first == token.LPAREN)
	case token.COLON:
		s.arm, s.first = false, 0
	case token.SEMICOLON:
		s.begun, s.first, s.list = false, 0, false
		if l.lit == "\n" {
			s.header, s.body, s.call = 0, false, false
		}
	}
}

// end writes the missing text up to and including the closing bracket.
func (s *bracket) end(b *strings.Builder) {
	if s.call {
		b.WriteString("()")
	}
	if s.arm {
		b.WriteString(":")
	}
	switch {
	case s.header != 0 && s.begun: // if x := f; true {}
		b.WriteString(map[token.Token]string{token.IF: "; true", token.FOR: "; ;", token.SWITCH: ";"}[s.header])
	case s.header == 0 && s.list:
		b.WriteString(" = 0")
	}
	if s.header != 0 {
		b.WriteString(" {}")
	}
	if s.close == "}" {
		b.WriteString("\n")
	}
	b.WriteString(s.close)
}
