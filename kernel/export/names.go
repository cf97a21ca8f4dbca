package export

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/session"
)

// The program's own functions are in one package with what the notebook declares.
// If the notebook declares a name that such a function has, or a package that
// their files import, the program's own is renamed. (Those that the session calls,
// show, check and must, keep their names: the session avoids them.)

// fixed are the functions that the session calls.
var fixed = []string{session.ShowFunc, session.CheckFunc, session.MustFunc, session.MustFunc + "2", session.MustFunc + "3"}

// name is what the program calls a function of its own.
func (w *writer) name(function string) string {
	if other := w.renamed[function]; other != "" {
		return other
	}
	return function
}

// pkg imports a package into main.go and returns the name that it has there.
func (w *writer) pkg(path string) string {
	for name, p := range w.program.MainImports {
		if p == path {
			return name
		}
	}
	name := w.free(path, w.local)
	w.imports[name] = path
	return name
}

// free is a name for a package that the top of the program, and other names,
// leave free.
func (w *writer) free(path string, others map[string]bool) string {
	base := path[strings.LastIndex(path, "/")+1:]
	name := base
	for n := 2; w.top[name] || others[name]; n++ {
		name = fmt.Sprint(base, n)
	}
	return name
}

// findNames finds the names of the program, and renames functions of the helper
// files whose names are taken.
func (w *writer) findNames(files ...string) {
	w.top, w.local, w.renamed = map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, d := range slices.Concat(w.program.Decls, w.program.Vars) {
		if f := parsedText("package main\n" + d.Text); f != nil {
			for name := range declaredIn(f) {
				w.top[name] = true
			}
		}
	}
	for _, c := range w.program.Cells {
		for _, text := range slices.Concat(c.Stmts, c.Main, c.Locals) {
			for _, name := range word.FindAllString(text, -1) {
				w.local[name] = true
			}
		}
	}
	own := map[string]bool{}
	for _, file := range files {
		for name := range declaredIn(parsedText(file)) {
			own[name] = true
		}
	}
	for name := range own {
		other := name
		for n := 2; w.top[other] || w.local[other] || other != name && own[other]; n++ {
			other = fmt.Sprint(name, n)
		}
		if other != name && !slices.Contains(fixed, name) {
			w.renamed[name] = other
		}
	}
}

func parsedText(text string) *ast.File {
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ParseComments)
	if err != nil {
		return nil
	}
	return f
}

// declaredIn are the names that a file declares at its top.
func declaredIn(f *ast.File) map[string]bool {
	names := map[string]bool{}
	for name := range f.Scope.Objects {
		names[name] = true
	}
	return names
}

// helper is the text of a helper file, with its functions renamed as needed.
func (w *writer) helper(text string) string {
	f := parsedText(text)
	aliases := map[string]string{}
	type change struct {
		at   int
		from string
		to   string
	}
	var changes []change
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		name, other := path[strings.LastIndex(path, "/")+1:], w.free(path, nil)
		if other != name && spec.Name == nil {
			aliases[name] = other
			changes = append(changes, change{int(spec.Pos()) - 1, "", other + " "})
		}
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range f.Unresolved {
		unresolved[id] = true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		to := ""
		if unresolved[id] || id.Obj != nil && id.Obj == f.Scope.Lookup(id.Name) {
			to = w.renamed[id.Name]
		}
		if unresolved[id] && to == "" {
			to = aliases[id.Name]
		}
		if to != "" {
			changes = append(changes, change{int(id.Pos()) - 1, id.Name, to})
		}
		return true
	})
	slices.SortFunc(changes, func(a, b change) int { return b.at - a.at })
	for _, c := range changes {
		text = text[:c.at] + c.to + text[c.at+len(c.from):]
	}
	return text
}
