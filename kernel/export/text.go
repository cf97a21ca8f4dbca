package export

import (
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
)

// comment is text as a Go comment.
func comment(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(text)) {
		b.WriteString(strings.TrimRight("// "+strings.TrimRight(line, "\r\n"), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// column is where the notebook's text is wrapped.
const column = 96

// wrap breaks the long lines of Markdown paragraphs; tables and code stay.
func wrap(text string) string {
	var b strings.Builder
	fence := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fence = !fence
		}
		for !fence && !strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "    ") && len(line) > column {
			i := strings.LastIndex(line[:column], " ")
			if i <= 0 {
				break
			}
			b.WriteString(line[:i] + "\n")
			line = line[i+1:]
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// A part is a piece or a comment of a cell, by offset in its Go text.
type part struct {
	from, to int
	comment  bool
}

// parts are the pieces of a cell and the comments between them, in order.
func parts(c *cell.Cell) []part {
	var all []part
	starts := lineStarts(c.Go)
	for _, p := range slices.Concat(c.Stmts, c.Decls, c.MainBody) {
		if p.Line <= len(starts) {
			from := starts[p.Line-1] + p.Col - 1
			all = append(all, part{from, min(from+len(p.Text), len(c.Go)), false})
		}
	}
	slices.SortFunc(all, func(a, b part) int { return a.from - b.from })
	inside := func(at int) bool {
		return slices.ContainsFunc(all, func(p part) bool { return p.from <= at && at < p.to })
	}
	var comments []part
	var s scanner.Scanner
	src := []byte(c.Go)
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if at := file.Offset(pos); tok == token.COMMENT && !inside(at) {
			comments = append(comments, part{at, min(at+len(lit), len(src)), true})
		}
	}
	all = append(all, comments...)
	slices.SortFunc(all, func(a, b part) int { return a.from - b.from })
	return all
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i, r := range text {
		if r == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// around are the comments above a piece of a cell and beside it, as text to
// be put there.
func around(c *cell.Cell, p cell.Piece) (above, beside string) {
	all := parts(c)
	starts := lineStarts(c.Go)
	if p.Line > len(starts) {
		return "", ""
	}
	at := starts[p.Line-1] + p.Col - 1
	i := slices.IndexFunc(all, func(x part) bool { return !x.comment && x.from == at })
	if i < 0 {
		return "", ""
	}
	sameLine := func(a, b int) bool { return !strings.Contains(c.Go[min(a, b):max(a, b)], "\n") }
	first := i
	for first > 0 && all[first-1].comment {
		if before := first - 2; before >= 0 && !all[before].comment && sameLine(all[before].to, all[first-1].from) {
			break // it belongs to what precedes it
		}
		first--
	}
	for k := first; k < i; k++ {
		above += c.Go[all[k].from:all[k].to] + "\n"
		next := all[k+1].from
		if strings.Count(c.Go[all[k].to:next], "\n") > 1 {
			above += "\n"
		}
	}
	if i+1 < len(all) && all[i+1].comment && sameLine(all[i].to, all[i+1].from) {
		beside = " " + c.Go[all[i+1].from:all[i+1].to]
	}
	return above, beside
}

// doc is the comment above the declaration that stands in a line of a cell.
func doc(c *cell.Cell, line int) string {
	for _, p := range c.Decls {
		if p.Line == line {
			above, _ := around(c, p)
			return above
		}
	}
	return ""
}

// indented is code as a comment.
func indented(code string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(code, " \t\r\n")) {
		b.WriteString(strings.TrimRight("//\t"+strings.TrimRight(line, "\r\n"), "\t ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// declared are the names that a cell's declarations begin with, without the
// tests.
func (w *writer) declared(c *cell.Cell) []string {
	var names []string
	for _, p := range c.Decls {
		if p.Kind == cell.Import || slices.ContainsFunc(w.testDecls, func(d session.Declaration) bool { return d.Cell == c.Number && d.Line == p.Line }) {
			continue
		}
		head, _, _ := strings.Cut(p.Text, "\n")
		head = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(head), "({"))
		switch p.Kind {
		case cell.Func:
			head, _, _ = strings.Cut(strings.TrimPrefix(head, "func "), "(")
			head, _, _ = strings.Cut(head, "[")
		case cell.Method:
			head = strings.TrimPrefix(head, "func ")
			if i := strings.Index(head, ")"); i >= 0 {
				rest, _, _ := strings.Cut(head[i+1:], "(")
				head = head[:i+1] + rest
			}
		default:
			if words := strings.Fields(head); len(words) > 1 {
				head = words[1]
			} else {
				head += " (...)"
			}
		}
		names = append(names, strings.TrimSpace(head))
	}
	return names
}
