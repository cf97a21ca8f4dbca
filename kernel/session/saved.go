package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A Saved session is everything that a session has declared, as the text of a cell.
// The values of the variables, which only the worker knows, are saved beside it.
type Saved struct {
	Decls string          // imports and declarations
	Vars  []string        // "var x T", by name
	Names []string        // of the variables
	Hides map[string]bool // variables that hide a name which other parts may use
	Later string          // declarations that use these variables
}

// A TypeText is a type as Go source, with aliases for the packages in it.
type TypeText struct {
	Text  string
	Paths map[string]string // alias to import path
}

// Save returns the session as the text of a cell, and the text in that cell of other
// types that it needs.
func (s *Session) Save(types []TypeText) (saved Saved, names []string) {
	imports := maps.Clone(s.imports) // local name to path
	local := map[string]string{}     // path to local name
	for _, name := range sortedKeys(imports) {
		local[imports[name]] = name
	}
	plain := func(t TypeText) string {
		var edits edit.List
		expr, err := parser.ParseExpr(t.Text)
		if err != nil {
			return t.Text
		}
		ast.Inspect(expr, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := sel.X.(*ast.Ident)
			if !ok || t.Paths[id.Name] == "" {
				return true
			}
			path := t.Paths[id.Name]
			if local[path] == "" {
				local[path] = s.freeName(path, imports)
				imports[local[path]] = path
			}
			edits.Replace(id.Pos(), id.End(), local[path])
			return false
		})
		return edits.Apply(t.Text, edit.InExpr)
	}
	saved.Hides = map[string]bool{}
	saved.Names = slices.Sorted(maps.Keys(s.vars))
	for _, name := range saved.Names {
		v := s.vars[name]
		saved.Vars = append(saved.Vars, "var "+name+" "+gen.Plain(plain(TypeText{v.typ, v.paths})))
		saved.Hides[name] = s.varName(name) != name
	}
	for _, t := range types {
		names = append(names, plain(t))
	}
	var b, later strings.Builder
	for _, name := range sortedKeys(imports) {
		fmt.Fprintf(&b, "import %s %q\n", name, imports[name])
	}
	for _, path := range s.dots {
		fmt.Fprintf(&b, "import . %q\n", path)
	}
	for _, d := range s.kept() {
		text := "\n" + d.prefix + strings.TrimRight(d.text, "\n") + "\n"
		if slices.ContainsFunc(saved.Names, func(name string) bool { return saved.Hides[name] && d.means[name] == source.Variable }) {
			later.WriteString(text)
		} else {
			b.WriteString(text)
		}
	}
	saved.Later = later.String()
	saved.Decls = b.String()
	return saved, names
}

// freeName returns a local name for a package that the session does not use yet.
func (s *Session) freeName(path string, imports map[string]string) string {
	name := path[strings.LastIndex(path, "/")+1:]
	if pkg, err := s.imp.Import(path); err == nil {
		name = pkg.Name()
	}
	taken := func(name string) bool {
		return imports[name] != "" || s.vars[name] != nil ||
			s.declares(name)
	}
	free := name
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s%d", name, n)
	}
	return free
}
