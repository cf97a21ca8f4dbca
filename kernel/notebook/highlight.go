package notebook

import (
	"go/scanner"
	"go/token"
	"strings"
)

// highlight marks keywords, literals and comments of Go code. style gets every
// part of a line, with an ANSI style or "". Lines of the cell language pass
// through.
func highlight(code string, style func(ansi, text string) string) string {
	var s scanner.Scanner
	src := []byte(code)
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	var b strings.Builder
	written := 0
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		var ansi string
		switch {
		case tok.IsKeyword():
			ansi = blue
		case tok == token.COMMENT:
			ansi = dim
		case tok == token.STRING || tok == token.CHAR:
			ansi = yellow
		default:
			continue
		}
		start := file.Offset(pos)
		end := start + len(text)
		// The scanner leaves carriage returns out of what it returns.
		if start < written || end > len(src) || code[start:end] != text {
			continue
		}
		b.WriteString(style("", code[written:start]))
		for _, line := range strings.SplitAfter(text, "\n") {
			end := strings.TrimSuffix(line, "\n")
			b.WriteString(style(ansi, end))
			b.WriteString(line[len(end):])
		}
		written = end
	}
	b.WriteString(style("", code[written:]))
	return b.String()
}
