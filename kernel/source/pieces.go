package source

import (
	"go/token"
	"strings"

	"modelbook/kernel/source/gen"
)

// A Piece is a declaration or statement of a cell, with its position in it.
type Piece struct {
	Text      string
	Line, Col int
	Doc       string // the comment above a declaration
	// Before and After are code that encloses it, for instance a loop that
	// measures it.
	Before, After string
}

// Source returns the piece as it is compiled, with its position and a semicolon.
func (p Piece) Source(cell int) string { return p.before(cell) + p.Text + p.After + ";\n" }

func (p Piece) before(cell int) string { return p.Before + gen.Line(cell, p.Line, p.Col) }

// DeclHeader returns what stands in front of a declaration in its file.
func DeclHeader(cell int, p Piece) string { return gen.Clause + gen.Line(cell, p.Line, p.Col) }

// BodyHeader is what stands in front of the statements of a cell in their
// file, which BodyText is the rest of.
const BodyHeader = gen.Clause + "func " + gen.Body + "() {\n"

// BodyText returns the statements of a cell as the rest of the body of a
// function, and the offsets in it at which the texts of the pieces start.
func BodyText(cell int, pieces []Piece) (text string, offsets []int) {
	var b strings.Builder
	for _, p := range pieces {
		offsets = append(offsets, b.Len()+len(p.before(cell)))
		b.WriteString(p.Source(cell))
	}
	b.WriteString("}\n")
	return b.String(), offsets
}

// ParseDecl parses a declaration of a cell. last says that it is the last piece
// of its cell.
func ParseDecl(fset *token.FileSet, name string, cell int, p Piece, last bool) (*File, error) {
	header := DeclHeader(cell, p)
	return Parse(fset, name, header, p.Text+"\n", GapBehind(p, len(header)+len(p.Text), last))
}

// ParseBody parses the statements of a cell. isLast tells which piece is the
// last of its cell, if it is among them.
func ParseBody(fset *token.FileSet, name string, cell int, pieces []Piece, isLast func(Piece) bool) (*File, error) {
	text, offsets := BodyText(cell, pieces)
	var gaps []Gap
	for i, p := range pieces {
		g := GapBehind(p, len(BodyHeader)+offsets[i]+len(p.Text)+len(p.After), isLast(p))
		if i+1 < len(pieces) {
			g.To = len(BodyHeader) + offsets[i+1] - len(pieces[i+1].before(cell))
		}
		gaps = append(gaps, g)
	}
	return Parse(fset, name, BodyHeader, text, gaps...)
}
