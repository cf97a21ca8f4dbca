package complete

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"modelbook/internal/place"
	"modelbook/kernel/cell"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A Page says what something is, in the forms that front ends show.
type Page struct{ Plain, Markdown, HTML string }

// Inspect describes what stands at the cursor, a position in code points: the
// name there, or else the function whose arguments the cursor is among. With
// withSource it shows how that is declared. value gives the present value of a
// variable of the session, "" when unknown. ok is false when there is nothing.
func (c *Completer) Inspect(code string, cursor int, withSource bool, value func(name string) string) (page Page, ok bool) {
	at := byteOffset(code, cursor)
	if len(code) > maxCode {
		return Page{}, false
	}
	draft := cell.ParseDraft(code)
	text := draft.Go
	if draft.Whole != nil || isCommand(code, text, at) {
		return c.inspectCommand(code, at)
	}
	toks := lex(text)
	if l, in := around(toks, text, at); in && l.tok == token.STRING && inImport(text, toks, l) {
		return c.Describe(l.lit, withSource, value)
	}
	for _, name := range namesAt(text, toks, at) {
		d, unknown := c.describe(draft, name[0], name[1], withSource, value)
		if d != nil {
			return d.page(), true
		}
		if unknown && c.second != nil {
			if sk := c.sketch(draft, name[0], name[1]); sk != nil {
				if page, ok := c.second.describe(sk); ok {
					return page, true
				}
			}
		}
	}
	return Page{}, false
}

// Describe describes a name as it can stand in a cell: "Name", "pkg.Name",
// "T.Method", "variable.Field" or an import path.
func (c *Completer) Describe(name string, withSource bool, value func(name string) string) (page Page, ok bool) {
	text := strings.TrimSpace(name)
	if strings.HasPrefix(text, "%") || strings.HasPrefix(text, "!") {
		return c.inspectCommand(text, 0)
	}
	text = strings.TrimSuffix(text, "()")
	if quoted, err := strconv.Unquote(text); err == nil {
		text = quoted
	}
	if strings.Contains(text, "/") { // an import path, maybe with a name behind it
		path, member := text, ""
		if i := strings.LastIndexByte(text, '.'); i > strings.LastIndexByte(text, '/') {
			path, member = text[:i], text[i:]
		}
		text = "import doc__ " + strconv.Quote(path) + "\ndoc__" + member
	}
	if d, _ := c.describe(cell.Draft{Go: text}, len(text)-len(lastName(text)), len(text), withSource, value); d != nil {
		return d.page(), true
	}
	return Page{}, false
}

// lastName is the identifier at the end of a text.
func lastName(text string) string {
	start, _ := identifier(text, len(text))
	return text[start:]
}

// namesAt lists the names that a cursor means: the one it touches and those of
// the calls around it, the nearest first.
func namesAt(text string, toks []lexeme, at int) (names [][2]int) {
	if l, in := around(toks, text, at); !in {
		if start, end := identifier(text, at); start < end && !token.IsKeyword(text[start:end]) {
			names = append(names, [2]int{start, end})
		}
	} else if l.tok == token.COMMENT {
		return nil
	}
	depth := 0
	for i := len(toks) - 1; i > 0; i-- {
		l := toks[i]
		if l.from >= at || l.tok == token.COMMENT {
			continue
		}
		switch l.tok {
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if l.to <= at {
				depth++
			}
		case token.LPAREN, token.LBRACE, token.LBRACK:
			if depth--; depth >= 0 {
				continue
			}
			depth = 0
			j := i - 1
			if l.tok == token.LPAREN && toks[j].tok == token.RBRACK { // f[T](
				for n := 0; j > 0; j-- {
					if toks[j].tok == token.RBRACK {
						n++
					} else if toks[j].tok == token.LBRACK {
						if n--; n == 0 {
							j--
							break
						}
					}
				}
			}
			if l.tok != token.LBRACK && toks[j].tok == token.IDENT {
				names = append(names, [2]int{toks[j].from, toks[j].to})
			}
		}
	}
	return names
}

// A description is what there is to say about something.
type description struct {
	code   string // its declaration
	facts  [][2]string
	doc    string
	pkg    *types.Package // whose comment doc is
	index  []string       // lines of Go: what belongs to it
	source string
}

// describe describes the name at draft.Go[start:end], or returns nil. unknown
// reports that it depends on a package that has not been compiled yet.
func (c *Completer) describe(draft cell.Draft, start, end int, withSource bool, value func(string) string) (d *description, unknown bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var p *program
	var obj types.Object
	for _, v := range []view{whole, cut, alone} {
		if p = c.load(draft, start, end, v, draft.Go[start:end]); p == nil {
			continue
		}
		if obj = p.info.ObjectOf(p.ident()); obj == nil {
			obj = p.elsewhere(p.ident())
		}
		if obj != nil {
			break
		}
		unknown = unknown || len(p.path) > 1 && p.unknown()
	}
	if obj == nil {
		return nil, unknown
	}
	id := p.ident()
	if v, ok := obj.(*types.Var); ok && v.Embedded() {
		if tn := typeName(v.Type()); tn != nil && p.info.Uses[id] == tn {
			obj = tn
		}
	}
	if d = p.object(obj); d == nil {
		return nil, false
	}
	if v, ok := obj.(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Pkg().Path() == gen.Package && p.isSession(v) && value != nil {
		if text := value(gen.Plain(v.Name())); text != "" {
			d.facts = append(d.facts, [2]string{"Value", text})
		}
	}
	if !withSource {
		d.source = ""
	}
	return d, false
}

// elsewhere finds what a reader means by a name although Go does not accept it
// there: T.Method where only *T has the method, and a package by itself.
func (p *program) elsewhere(id *ast.Ident) types.Object {
	if sel, ok := p.path[1].(*ast.SelectorExpr); ok && sel.Sel == id {
		if t := p.typeOf(sel.X); t != nil {
			obj, _, _ := types.LookupFieldOrMethod(t, true, p.pkg, id.Name)
			return obj
		}
		return nil
	}
	return p.packageNamed(id)
}

// packageNamed returns the package that a name by itself means.
func (p *program) packageNamed(id *ast.Ident) types.Object {
	if p.isTaken(id.Name) && !p.view.Hiding[id.Name] {
		return nil
	}
	path := p.view.Imports[id.Name]
	if known := p.cfg.Known[id.Name]; path == "" && len(known) > 0 {
		path = known[0]
	}
	if path == "" {
		return nil
	}
	pkg, err := p.packages.Import(path)
	if err != nil {
		return nil
	}
	return types.NewPkgName(token.NoPos, p.pkg, id.Name, pkg)
}

// isSession reports whether a variable is one of the session and not made by the
// cell itself.
func (p *program) isSession(v *types.Var) bool {
	name := gen.Plain(v.Name())
	return p.fset.Position(v.Pos()).Filename == source.VarFile(name) && !p.lifted[name] && !(name == "ctx" && p.predeclaredContext)
}

// typeName is the name of a named type or of a pointer to one, or nil.
func typeName(t types.Type) *types.TypeName {
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem()
	}
	switch t := t.(type) {
	case *types.Named:
		return t.Obj()
	case *types.Alias:
		return t.Obj()
	}
	return nil
}

// object describes an object.
func (p *program) object(obj types.Object) *description {
	d := &description{pkg: obj.Pkg()}
	if pn, ok := obj.(*types.PkgName); ok {
		pkg := pn.Imported()
		d.code, d.pkg = fmt.Sprintf("package %s // import %q", pkg.Name(), pkg.Path()), pkg
		d.doc = p.packageDoc(pkg)
		d.index = p.packageIndex(pkg)
		return d
	}
	s := p.sourceOf(obj)
	d.doc, d.source = s.doc, s.text
	name := gen.Plain(obj.Name())
	if q := p.qualifier(obj.Pkg()); q != "" && obj.Parent() == obj.Pkg().Scope() {
		name = q + "." + name
	}
	switch obj := obj.(type) {
	case *types.Func:
		d.code = p.funcText(obj, true)
	case *types.Builtin:
		d.code = strings.TrimSuffix(s.text, " {}")
	case *types.TypeName:
		if d.code = s.decl; d.code == "" {
			d.code = "type " + name + " " + p.typeText(obj.Type().Underlying())
		}
		d.index = p.typeIndex(obj)
	case *types.Const:
		d.code = "const " + name + " " + p.typeText(obj.Type())
		if v := obj.Val(); v != nil {
			d.code += " = " + v.String()
		}
	case *types.Var:
		word := "var "
		if obj.IsField() {
			word = "field "
			if owner := p.owner(obj); owner != "" {
				name = owner + "." + name
			}
		}
		d.code = word + name + " " + p.typeText(obj.Type())
		if !obj.IsField() && obj.Pkg() != nil && obj.Pkg().Path() == gen.Package {
			d.doc, d.source = "", ""
		}
		if p.predeclaredContext && p.fset.Position(obj.Pos()).Filename == source.VarFile("ctx") {
			d.doc = "ctx is done when the cell is interrupted. It is there in every cell."
		}
		if tn := typeName(obj.Type()); tn != nil && d.doc == "" {
			ts := p.sourceOf(tn)
			var pkg doc.Package
			if text := pkg.Synopsis(ts.doc); text != "" {
				d.facts = append(d.facts, [2]string{"Type", text})
			}
		}
	case *types.Nil:
		d.code = "nil"
	case *types.Label:
		return nil
	}
	if pkg := obj.Pkg(); pkg != nil && pkg.Path() != gen.Package && place.Index(s.at) != 0 {
		d.facts = append(d.facts, [2]string{"Package", strconv.Quote(pkg.Path())})
	} else if s.at != "" {
		d.facts = append(d.facts, [2]string{"Declared in", s.at})
	}
	return d
}

// owner returns the type that a field is selected from or set in.
func (p *program) owner(f *types.Var) string {
	for i, n := range p.path[1:] {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if sel := p.info.Selections[n]; sel != nil && sel.Obj() == f && len(sel.Index()) == 1 {
				return p.typeText(deref(sel.Recv()))
			}
		case *ast.CompositeLit:
			if t := p.typeOf(n); t != nil && i < 3 {
				return p.typeText(deref(t))
			}
		}
	}
	return ""
}

// funcText returns the signature of a function or method, with its name.
func (p *program) funcText(f *types.Func, qualified bool) string {
	sig := f.Type().(*types.Signature)
	text := "func "
	if recv := sig.Recv(); recv != nil {
		name := gen.Plain(recv.Name())
		if name != "" && name != "_" {
			name += " "
		} else {
			name = ""
		}
		text += "(" + name + p.typeText(recv.Type()) + ") "
	} else if q := p.qualifier(f.Pkg()); q != "" && qualified {
		text += q + "."
	}
	return text + f.Name() + strings.TrimPrefix(p.typeText(sig), "func")
}

// packageIndex lists what a package exports, a line each.
func (p *program) packageIndex(pkg *types.Package) (lines []string) {
	var funcs, kinds, values []string
	for _, name := range pkg.Scope().Names() {
		if !token.IsExported(name) {
			continue
		}
		switch obj := pkg.Scope().Lookup(name).(type) {
		case *types.Func:
			funcs = append(funcs, p.funcText(obj, false))
		case *types.TypeName:
			_, detail := p.detail(obj)
			kinds = append(kinds, "type "+name+" "+detail)
		case *types.Const:
			values = append(values, "const "+name+" "+p.typeText(obj.Type()))
		case *types.Var:
			values = append(values, "var "+name+" "+p.typeText(obj.Type()))
		}
	}
	return slices.Concat(kinds, funcs, values)
}

// typeIndex lists the functions that make values of a type, and its methods.
func (p *program) typeIndex(tn *types.TypeName) (lines []string) {
	named, ok := types.Unalias(tn.Type()).(*types.Named)
	if !ok {
		return nil
	}
	if tn.Pkg() != nil && tn.Pkg().Path() != gen.Package {
		for _, name := range tn.Pkg().Scope().Names() {
			f, ok := tn.Pkg().Scope().Lookup(name).(*types.Func)
			if !ok || !f.Exported() {
				continue
			}
			res := f.Type().(*types.Signature).Results()
			if res.Len() > 0 && typeName(res.At(0).Type()) == tn {
				lines = append(lines, p.funcText(f, false))
			}
		}
	}
	var methods []string
	for i := range named.NumMethods() {
		if m := named.Method(i); p.visible(m) {
			methods = append(methods, p.funcText(m, false))
		}
	}
	slices.SortFunc(methods, func(a, b string) int { return strings.Compare(afterReceiver(a), afterReceiver(b)) })
	return append(lines, methods...)
}

func afterReceiver(line string) string {
	_, rest, _ := strings.Cut(line, ") ")
	return rest
}
