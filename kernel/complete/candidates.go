package complete

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// Kinds of matches, in the words of IPython: JupyterLab has a colour for most.
const (
	kindFunction = "function"
	kindInstance = "instance" // a variable
	kindClass    = "class"    // a type
	kindModule   = "module"   // a package
	kindKeyword  = "keyword"
	kindProperty = "property" // a field
	kindConstant = "constant"
	kindMagic    = "magic" // a command
	kindPath     = "path"
)

// A candidate is something that may stand at the cursor.
type candidate struct {
	name   string // the text that goes there
	alias  string // what another library calls it, when that is to be found
	kind   string
	detail string // signature of a function, type of a value, path of a package
	far    int    // how far from the cursor it was declared
	fits   bool   // its type is the one wanted here
}

// candidates lists what may stand at the cursor.
func (p *program) candidates(colon bool) []candidate {
	id := p.ident()
	if len(p.path) < 2 {
		return nil
	}
	switch parent := p.path[1].(type) {
	case *ast.SelectorExpr:
		if parent.Sel == id {
			return p.members(parent.X)
		}
	case *ast.BranchStmt:
		return p.labels()
	case *ast.ImportSpec:
		return nil
	case *ast.CompositeLit:
		if parent.Type != id {
			if fields, only := p.literalFields(parent, colon); only {
				return fields
			} else {
				return append(fields, p.names()...)
			}
		}
	case *ast.KeyValueExpr:
		if lit, ok := p.path[2].(*ast.CompositeLit); ok && parent.Key == id {
			if fields, _ := p.literalFields(lit, true); len(fields) > 0 {
				return fields
			}
		}
	case *ast.Field, *ast.ValueSpec, *ast.TypeSpec, *ast.FuncDecl:
		if p.isNew(parent, id) {
			return nil
		}
	}
	return p.names()
}

// isNew reports whether the identifier is one that is being declared.
func (p *program) isNew(parent ast.Node, id *ast.Ident) bool {
	switch parent := parent.(type) {
	case *ast.Field:
		return slices.Contains(parent.Names, id)
	case *ast.ValueSpec:
		return slices.Contains(parent.Names, id)
	case *ast.TypeSpec:
		return parent.Name == id
	case *ast.FuncDecl:
		return parent.Name == id
	}
	return false
}

// qualifier writes types as a reader would: names of packages, none for the
// session.
func (p *program) qualifier(q *types.Package) string {
	if q == nil || q.Path() == gen.Package {
		return ""
	}
	return q.Name()
}

func (p *program) typeText(t types.Type) string {
	return gen.Plain(types.TypeString(t, p.qualifier))
}

// detail returns the kind of an object and a short description of it: a
// signature, type or path.
func (p *program) detail(obj types.Object) (kind, detail string) {
	switch obj := obj.(type) {
	case *types.Func:
		return kindFunction, strings.TrimPrefix(p.typeText(obj.Type()), "func")
	case *types.Builtin:
		return kindFunction, ""
	case *types.TypeName:
		under := p.typeText(obj.Type().Underlying())
		if head, _, ok := strings.Cut(under, "{"); ok {
			under = head
		}
		return kindClass, under
	case *types.Const:
		return kindConstant, p.typeText(obj.Type())
	case *types.Var:
		if obj.IsField() {
			return kindProperty, p.typeText(obj.Type())
		}
		if _, fn := obj.Type().Underlying().(*types.Signature); fn {
			return kindFunction, strings.TrimPrefix(p.typeText(obj.Type()), "func")
		}
		return kindInstance, p.typeText(obj.Type())
	case *types.PkgName:
		return kindModule, obj.Imported().Path()
	case *types.Nil:
		return kindInstance, ""
	}
	return "", ""
}

func (p *program) candidate(obj types.Object, far int) candidate {
	kind, detail := p.detail(obj)
	return candidate{name: obj.Name(), kind: kind, detail: detail, far: far, fits: p.fits(obj)}
}

// members lists what may follow a dot: a package's names, or the fields and
// methods of a value or type.
func (p *program) members(x ast.Expr) []candidate {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		if pkg, ok := p.info.Uses[id].(*types.PkgName); ok {
			all := p.exported(pkg.Imported(), 0)
			for i, path := range p.others {
				if other, err := p.packages.Import(path); err == nil {
					for _, c := range p.exported(other, 100+i) {
						if !slices.ContainsFunc(all, func(o candidate) bool { return o.name == c.name }) {
							all = append(all, c)
						}
					}
				}
			}
			return p.aliases(all, id.Name, "")
		}
	}
	tv, ok := p.info.Types[x]
	if !ok || tv.Type == nil {
		return nil
	}
	t := tv.Type
	if tuple, ok := t.(*types.Tuple); ok { // f().x, where f returns an error, too
		if tuple.Len() == 0 {
			return nil
		}
		t = tuple.At(0).Type()
	}
	all := p.fieldsAndMethods(t, tv.IsType())
	if tn := typeName(deref(t)); tn != nil && tn.Pkg() != nil && slices.Contains(p.ownPackages(), tn.Pkg().Path()) {
		all = p.aliases(all, tn.Pkg().Name()+"."+tn.Name(), tn.Name())
	}
	return all
}

// exported lists a package's exported names.
func (p *program) exported(pkg *types.Package, far int) (all []candidate) {
	for _, name := range pkg.Scope().Names() {
		if !token.IsExported(name) {
			continue
		}
		if obj := pkg.Scope().Lookup(name); obj != nil {
			if _, isType := obj.(*types.TypeName); isType || !p.wantsType() {
				all = append(all, p.candidate(obj, far))
			}
		}
	}
	return all
}

// fieldsAndMethods lists what a selector of a type can choose; of a type
// itself only its methods.
func (p *program) fieldsAndMethods(t types.Type, isType bool) (all []candidate) {
	seen := map[string]bool{}
	visited := map[types.Type]bool{}
	level := []types.Type{t}
	for depth := 0; len(level) > 0; depth++ {
		var next []types.Type
		var found []candidate
		for _, t := range level {
			if visited[t] {
				continue
			}
			visited[t] = true
			for _, obj := range methods(t) {
				if p.visible(obj) && !seen[obj.Name()] {
					found = append(found, p.candidate(obj, depth))
				}
			}
			st, ok := deref(t).Underlying().(*types.Struct)
			if !ok {
				continue
			}
			for i := range st.NumFields() {
				f := st.Field(i)
				if p.visible(f) && !seen[f.Name()] && !isType {
					found = append(found, p.candidate(f, depth))
				}
				if f.Embedded() {
					next = append(next, f.Type())
				}
			}
		}
		for _, c := range found {
			if !seen[c.name] {
				seen[c.name] = true
				all = append(all, c)
			}
		}
		level = next
	}
	return all
}

// methods lists the methods declared for a type or a pointer to it.
func methods(t types.Type) (all []*types.Func) {
	t = types.Unalias(t)
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
		if types.IsInterface(t) {
			return nil
		}
	}
	if iface, ok := t.Underlying().(*types.Interface); ok {
		for i := range iface.NumMethods() {
			all = append(all, iface.Method(i))
		}
		return all
	}
	if named, ok := t.(*types.Named); ok {
		for i := range named.NumMethods() {
			all = append(all, named.Method(i))
		}
	}
	return all
}

func deref(t types.Type) types.Type {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}

// visible reports whether a cell can name a field or method.
func (p *program) visible(obj types.Object) bool {
	return obj.Name() != "_" && (obj.Exported() || obj.Pkg() != nil && obj.Pkg().Path() == gen.Package)
}

// literalFields lists the fields that a composite literal does not set yet.
// only reports that nothing else can stand there.
func (p *program) literalFields(lit *ast.CompositeLit, colon bool) (fields []candidate, only bool) {
	tv, ok := p.info.Types[lit]
	if !ok || tv.Type == nil {
		return nil, false
	}
	st, ok := deref(tv.Type).Underlying().(*types.Struct)
	if !ok {
		return nil, false
	}
	set := map[string]bool{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			if e != p.path[0] {
				return nil, false // values by position
			}
			continue
		}
		only = true
		if id, ok := kv.Key.(*ast.Ident); ok {
			set[id.Name] = true
		}
	}
	for i := range st.NumFields() {
		if f := st.Field(i); p.visible(f) && !set[f.Name()] {
			c := p.candidate(f, i-1<<20) // in their order, before all else
			if !colon {
				c.name += ":"
			}
			fields = append(fields, c)
		}
	}
	return fields, only
}

// labels lists the labels of the function around the cursor.
func (p *program) labels() (all []candidate) {
	for _, n := range p.path {
		if l, ok := n.(*ast.LabeledStmt); ok {
			all = append(all, candidate{name: l.Label.Name, kind: kindKeyword, detail: "label"})
		}
	}
	return all
}

// names lists the names that a cell can use at the cursor without a dot.
func (p *program) names() (all []candidate) {
	id := p.ident()
	seen := map[string]bool{placeholder: true, gen.Body: true, "_": true}
	typesOnly := p.wantsType()
	add := func(c candidate, isType bool) {
		if seen[c.name] || strings.HasPrefix(c.name, "__") {
			return
		}
		seen[c.name] = true
		if isType || !typesOnly {
			all = append(all, c)
		}
	}
	far := 0
	for s := p.pkg.Scope().Innermost(id.Pos()); s != nil; s = s.Parent() {
		for _, name := range s.Names() {
			_, obj := s.LookupParent(name, id.Pos())
			if obj == nil || s.Lookup(name) != obj {
				continue // declared behind the cursor
			}
			if s == types.Universe && (name == "any" || name == "comparable") && !typesOnly {
				continue
			}
			c := p.candidate(obj, far)
			c.name = gen.Plain(c.name)
			if s == p.pkg.Scope() && p.isHidden(c.name, name) {
				continue
			}
			_, isType := obj.(*types.TypeName)
			_, isPackage := obj.(*types.PkgName)
			add(c, isType || isPackage)
		}
		if s == p.pkg.Scope() {
			p.addDotted(add, far)
		}
		far++
	}
	for name, path := range p.view.Imports {
		add(candidate{name: name, kind: kindModule, detail: path, far: far}, true)
	}
	for name, paths := range p.cfg.Known {
		add(candidate{name: name, kind: kindModule, detail: paths[0], far: far + 1}, true)
	}
	for _, k := range p.keywords(typesOnly) {
		add(candidate{name: k, kind: kindKeyword, far: far + 2}, true)
	}
	return all
}

// isHidden reports whether a name of the session, called checked in the check,
// means something else to the part of the cell at the cursor.
func (p *program) isHidden(name, checked string) bool {
	here := p.checkName(name)
	return p.view.Hiding[name] || here != checked && p.pkg.Scope().Lookup(here) != nil
}

// addDotted adds what packages imported with a dot export.
func (p *program) addDotted(add func(c candidate, isType bool), far int) {
	for _, path := range slices.Backward(p.view.Dots) {
		pkg, err := p.packages.Import(path)
		if err != nil {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			if obj := pkg.Scope().Lookup(name); obj.Exported() {
				_, isType := obj.(*types.TypeName)
				add(p.candidate(obj, far), isType)
			}
		}
	}
}

// keywords lists the keywords that may start what stands at the cursor.
func (p *program) keywords(typesOnly bool) []string {
	kinds := []string{"chan", "func", "interface", "map", "struct"}
	if typesOnly {
		return kinds
	}
	if assign, ok := p.path[1].(*ast.AssignStmt); ok && slices.Contains(assign.Rhs, ast.Expr(p.ident())) {
		if loop, ok := p.path[2].(*ast.ForStmt); ok && loop.Body != nil && assign.Pos() < loop.Body.Pos() {
			return append(kinds, "range") // for x := range
		}
	}
	if _, ok := p.path[1].(*ast.ExprStmt); !ok {
		return kinds
	}
	all := append(kinds, "const", "defer", "for", "go", "if", "return", "select", "switch", "type", "var")
	for _, n := range p.path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return append(all, "break", "continue", "goto", "case", "default", "fallthrough", "else")
		case *ast.CaseClause, *ast.CommClause:
			return append(all, "break", "case", "default", "fallthrough", "goto", "else")
		}
	}
	return append(all, "else", "goto", "case", "default", "import", "range")
}
