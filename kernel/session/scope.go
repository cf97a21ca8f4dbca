package session

import (
	"maps"
	"slices"

	"modelbook/kernel/source"
)

// Scope returns what the session holds, for a cell that is being written.
func (s *Session) Scope() *source.Snapshot {
	sc := &source.Snapshot{Imports: maps.Clone(s.imports), Hiding: maps.Clone(s.imported), Dots: slices.Clone(s.dots)}
	for _, d := range s.kept() {
		sc.Decls = append(sc.Decls, source.KeptDecl{
			Symbol: d.key.Symbol, Alias: d.alias, Names: d.names, Text: d.prefix + d.text, Doc: d.doc,
			Cell: d.cell, Line: d.line, Col: d.col, Imports: d.imports, Dots: d.dots, Means: d.means,
		})
	}
	for _, name := range sortedKeys(s.vars) {
		v := s.vars[name]
		sc.Vars = append(sc.Vars, source.KeptVar{Name: name, Type: v.typ, Shown: v.shown, Paths: v.paths})
	}
	return sc
}
