// Package edit changes Go source text at the positions of its syntax tree:
// what the user wrote stays as it is, character for character, and so do the
// positions that a compiler tells. A List is a value; the stages of a plan make
// lists, and Apply writes the text in the end.
//
// It imports the standard library, kernel/source and kernel/source/gen. What to change is
// decided by package session.
package edit

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// An Edit replaces a range of the text.
type Edit struct {
	From, To token.Pos
	Text     string
	// Removes says that nothing of the range is in Text.
	Removes bool
}

// A List holds edits of one file, in the order in which they were made. Of
// insertions at the same place the first is in front.
type List []Edit

// Insert puts text at a position.
func (l *List) Insert(at token.Pos, text string) { l.Replace(at, at, text) }

// Replace puts text in place of a range, or of a part of it: names that the
// range uses may be in the text.
func (l *List) Replace(from, to token.Pos, text string) {
	*l = append(*l, Edit{From: from, To: to, Text: text})
}

// Remove puts text in place of a range of which nothing is left.
func (l *List) Remove(from, to token.Pos, text string) {
	*l = append(*l, Edit{from, to, text, true})
}

// Wrap puts code around a node.
func (l *List) Wrap(n ast.Node, around gen.Wrap) {
	l.Insert(n.Pos(), around.Before)
	l.Insert(n.End(), around.After)
}

// Removed reports whether a position is in a range that was removed.
func (l List) Removed(pos token.Pos) bool {
	return slices.ContainsFunc(l, func(e Edit) bool { return e.Removes && e.From <= pos && pos < e.To })
}

// Within are the edits of a part of the text.
func (l List) Within(from, to token.Pos) (part List) {
	for _, e := range l {
		if from <= e.From && e.To <= to {
			part = append(part, e)
		}
	}
	return part
}

// Apply returns a text with the edits; start is the position of its first byte.
// An edit that lies inside another one is lost with the text that it changes.
func (l List) Apply(text string, start token.Pos) string {
	sorted := slices.Clone(l)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		inserts := func(e Edit) int {
			if e.From == e.To {
				return 0
			}
			return 1
		}
		switch {
		case a.From != b.From:
			return int(a.From - b.From)
		case inserts(a) != inserts(b):
			return inserts(a) - inserts(b)
		}
		return int(b.To - a.To)
	})
	var b strings.Builder
	at := start
	for _, e := range sorted {
		if e.From < at {
			continue
		}
		b.WriteString(text[at-start : e.From-start])
		b.WriteString(e.Text)
		at = e.To
	}
	b.WriteString(text[at-start:])
	return b.String()
}

// InExpr is the position of the first byte of a text that parser.ParseExpr has
// parsed.
const InExpr token.Pos = 1
