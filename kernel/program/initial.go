package program

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"modelbook/kernel/source"
)

// An Initial is a statement that has made variables of the session.
type Initial struct {
	Names           []string
	Text            string // a declaration, behind lead
	Cell, Line, Col int

	lead string // "var", which x := 1 lacks
}

// Initials finds the statements of a cell that make variables.
func Initials(cell int, stmts []source.Piece) []Initial {
	var all []Initial
	for _, piece := range stmts {
		if i, ok := initial(piece.Text); ok {
			i.Cell, i.Line, i.Col = cell, piece.Line, piece.Col
			all = append(all, i)
		}
	}
	return all
}

// initial makes a declaration of a statement: of "x := 1", "var" and "x  = 1".
func initial(text string) (i Initial, ok bool) {
	if strings.HasPrefix(text, "var") {
		i.Text = text
		for _, name := range i.idents() {
			if name.Name != "_" {
				i.Names = append(i.Names, name.Name)
			}
		}
		return i, len(i.Names) > 0
	}
	const before = "package p;func _(){"
	f, err := parser.ParseFile(token.NewFileSet(), "", before+text+"\n}", parser.SkipObjectResolution)
	if err != nil || len(f.Decls) != 1 {
		return i, false
	}
	body := f.Decls[0].(*ast.FuncDecl).Body
	if len(body.List) != 1 {
		return i, false
	}
	define, isAssign := body.List[0].(*ast.AssignStmt)
	if !isAssign || define.Tok != token.DEFINE {
		return i, false
	}
	for _, e := range define.Lhs {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			i.Names = append(i.Names, id.Name)
		}
	}
	at := int(define.TokPos) - 1 - len(before)
	i.lead, i.Text = "var", text[:at]+" ="+text[at+2:]
	return i, len(i.Names) > 0
}

// parsePrefix stands before a declaration that is parsed by itself.
const parsePrefix = "package p;"

// idents are the names that the declaration declares, at their places in it.
func (i Initial) idents() []*ast.Ident {
	f, err := parser.ParseFile(token.NewFileSet(), "", parsePrefix+i.lead+"\n"+i.Text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var all []*ast.Ident
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			for _, spec := range g.Specs {
				all = append(all, spec.(*ast.ValueSpec).Names...)
			}
		}
	}
	return all
}

// blank is the declaration with _ in place of the names that are not kept.
func (i Initial) blank(keep func(name string) bool) string {
	text := []byte(i.Text)
	for _, id := range i.idents() {
		if keep(id.Name) {
			continue
		}
		at := int(id.Pos()) - 1 - len(parsePrefix) - len(i.lead) - 1
		copy(text[at:], "_"+strings.Repeat(" ", len(id.Name)-1)) // columns stay
	}
	return string(text)
}
