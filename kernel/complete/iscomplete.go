// Package complete answers a front end's questions about code that is being
// written.
package complete

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"

	"modelbook/kernel/cell"
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

// IsComplete tells whether code can be executed as it stands or goes on in the
// next line. For an incomplete cell indent is what the next line starts with.
func IsComplete(code string) (status, indent string) {
	if len(code) > maxCode {
		return Unknown, ""
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
	for _, pieces := range [][]cell.Piece{c.Decls, c.Stmts, c.MainBody} {
		for i := range pieces {
			atEnd, ok := parse(pieces[i])
			if ok {
				continue
			}
			if open && atEnd && &pieces[i] == last {
				return Incomplete, nextIndent(code)
			}
			return Invalid, ""
		}
	}
	exec := len(c.MainBody) > 0 && c.MainBody[0].Line == c.MainLine // %exec: all is said
	if c.Main && !exec {                                            // a program of lines that has no bracket to end it
		return ended(code, after(code, c.MainLine))
	}
	return Complete, ""
}

// ended is the answer for a body that a blank line ends.
func ended(code, body string) (status, indent string) {
	if strings.TrimSpace(body) != "" && strings.TrimSpace(code[strings.LastIndexByte(code, '\n')+1:]) == "" {
		return Complete, ""
	}
	return Incomplete, ""
}

// after is the text behind a line.
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

// goesOn reports whether Go's lexer puts no semicolon at the end of the text.
func goesOn(text string) bool {
	var lex scanner.Scanner
	fset := token.NewFileSet()
	lex.Init(fset.AddFile("", -1, len(text)), []byte(text), nil, 0)
	last := token.SEMICOLON
	for {
		_, tok, _ := lex.Scan()
		if tok == token.EOF {
			return last != token.SEMICOLON
		}
		last = tok
	}
}

// lastPiece is the piece that stands last in the cell, or nil.
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

// parse reports whether a piece is right Go, and if not, whether what is wrong
// is that it ends too early.
func parse(p cell.Piece) (atEnd, ok bool) {
	before, behind := "package p;", "\n"
	if p.Kind == cell.Stmt || p.Kind == cell.Var {
		before, behind = "package p;func _() {", "\n}"
	}
	_, err := parser.ParseFile(token.NewFileSet(), "", before+p.Text+behind, parser.SkipObjectResolution)
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return false, err == nil
	}
	return list[0].Pos.Offset >= len(before)+len(p.Text), false
}

// nextIndent is the indentation of the last line that is not blank, one tab
// deeper when it opens a bracket or a case.
func nextIndent(code string) string {
	line := strings.TrimRight(code, " \t\r\n")
	line = line[strings.LastIndexByte(line, '\n')+1:]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if i := strings.Index(line, "//"); i > 0 {
		line = strings.TrimRight(line[:i], " \t")
	}
	if line != "" && strings.ContainsRune("{([:+-*/&|=", rune(line[len(line)-1])) {
		return indent + "\t"
	}
	return indent
}
