package session

import (
	"go/scanner"
	"go/token"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// checkReserved returns an error if a cell uses a name that generated code uses.
func checkReserved(c Cell) error {
	if c.Restored { // written by %save
		return nil
	}
	var errs Error
	for _, piece := range slices.Concat(c.Decls, c.Stmts, c.Body) {
		if !strings.Contains(piece.Text, "__") {
			continue
		}
		fset := token.NewFileSet()
		file := fset.AddFile("", -1, len(piece.Text))
		var s scanner.Scanner
		s.Init(file, []byte(piece.Text), func(token.Position, string) {}, 0) // the parser complains
		for {
			pos, tok, name := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.IDENT && gen.IsReserved(name) {
				at := file.PositionFor(pos, false)
				m := Message{Cell: c.Number, Line: piece.Line + at.Line - 1, Col: at.Column, Text: "the name " + name + " is reserved for the kernel: choose another one"}
				if at.Line == 1 {
					m.Col += piece.Col - 1
				}
				errs.Messages = append(errs.Messages, m)
			}
		}
	}
	if len(errs.Messages) > 0 {
		return &errs
	}
	return nil
}
