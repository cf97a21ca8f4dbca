package session

import (
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// ownName matches the names that the code around a cell uses, which would mean
// something else there if the cell declared them.
var ownName = regexp.MustCompile(`^__(rt|tests?|runtime|cell|body|run|globals|context|f|(pkg|own|var|dot)_.*|[gpt]\d+)$|__(v\d+|now\d+|late|cell)$|^init__\d+$`)

// checkReserved refuses reserved names in the text of a cell.
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
			if tok == token.IDENT && ownName.MatchString(name) {
				at := file.PositionFor(pos, false)
				m := Message{Cell: c.Number, Line: piece.Line + at.Line - 1, Col: at.Column, Text: "the name " + name + " is the kernel's own: take another one"}
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
