package complete

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/session"
	"modelbook/kernel/source/gen"
)

// A program is the session with the cell being written, type-checked as one
// package.
type program struct {
	*Completer
	scope *session.Scope
	fset  *token.FileSet
	file  *ast.File // the cell
	text  string    // of file
	pkg   *types.Package
	info  *types.Info
	taken map[string]bool // names that the session or the cell declares
	mine  map[string]bool // those that the cell declares, "T.M" for a method
	// lifted are the variables that the cell's statements make.
	lifted []*ast.Ident
	// path leads from the identifier at the cursor up to the file.
	path []ast.Node
	// others are the packages that the name in front of the cursor may mean
	// besides the one chosen.
	others      []string
	wantedType  types.Type // of what stands at the cursor
	wantedKnown bool
	// decls says which declaration of the session a file holds.
	decls map[string]session.Declared
}

// ident is the identifier at the cursor, or nil.
func (p *program) ident() *ast.Ident {
	if len(p.path) == 0 {
		return nil
	}
	return p.path[0].(*ast.Ident)
}

// load arranges and checks a cell with name at the cursor. Where the text before
// the cursor makes no sense it is looked at with less of it. It returns nil
// when that does not help.
func (c *Completer) load(text string, start, end int, v view, name string) *program {
	for range 8 {
		a := arrange(text, start, end, v, name)
		p := &program{Completer: c, scope: c.scope.Load(), fset: token.NewFileSet(), text: a.text}
		var err error
		p.file, err = parser.ParseFile(p.fset, cellFile, a.text, parser.ParseComments|parser.AllErrors)
		if p.file != nil && a.cursor >= 0 {
			p.path = pathTo(p.file, p.fset, a.cursor)
		}
		if p.ident() != nil {
			p.check(a)
			return p
		}
		if v == whole {
			return nil
		}
		var ok bool
		if text, ok = withoutError(text, a, start, err, p.fset); !ok {
			return nil
		}
	}
	return nil
}

// cellFile names the file that holds the cell.
const cellFile = "cell"

// withoutError blanks the line of the first syntax error before the cursor's
// line.
func withoutError(text string, a arranged, start int, err error, fset *token.FileSet) (string, bool) {
	list, ok := err.(scanner.ErrorList)
	if !ok || a.cursor < 0 {
		return text, false
	}
	// Lines in front of the cursor are the same in both texts, counted back
	// from it.
	back := strings.Count(a.text[:a.cursor], "\n") + 1
	for _, e := range list {
		n := back - e.Pos.Line
		if n <= 0 {
			continue
		}
		at := lineStart(text, start)
		for ; n > 0 && at > 0; n-- {
			at = lineStart(text, at-1)
		}
		if n > 0 {
			continue
		}
		eol := at + strings.IndexByte(text[at:], '\n')
		if strings.TrimSpace(text[at:eol]) == "" {
			continue
		}
		return text[:at] + strings.Repeat(" ", eol-at) + text[eol:], true
	}
	return text, false
}

// pathTo is the path from the identifier that starts at an offset to the file.
func pathTo(f *ast.File, fset *token.FileSet, offset int) (path []ast.Node) {
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if path != nil {
			return false
		}
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && fset.Position(id.Pos()).Offset == offset {
			path = slices.Clone(stack)
			slices.Reverse(path)
		}
		return true
	})
	return path
}

// collect notes the names that the session and the cell declare.
func (p *program) collect() {
	p.taken, p.mine = map[string]bool{}, map[string]bool{}
	for _, d := range p.scope.Decls {
		for _, n := range d.Names {
			p.taken[n] = true
		}
	}
	for _, v := range p.scope.Vars {
		p.taken[v.Name] = true
	}
	for _, d := range p.file.Decls {
		for _, n := range declared(d) {
			p.taken[n], p.mine[n] = true, true
		}
	}
	p.lifted = topNames(body(p.file))
	for _, n := range p.lifted {
		p.taken[n.Name] = true
	}
}

// renewed reports whether the cell declares anew what the session has.
func (p *program) renewed(d session.Declared) bool {
	return p.mine[d.Name] || slices.ContainsFunc(d.Names, func(n string) bool { return p.mine[n] })
}

// check type-checks the session and the cell.
func (p *program) check(a arranged) {
	p.collect()
	p.decls = map[string]session.Declared{}
	vars := "package nb\n" + gen.ContextImport + "\n"
	if !p.taken["ctx"] {
		vars += gen.ContextDecl + "\n"
	}
	files := []*ast.File{withImports(p.file, p.resolve(), p.isTaken)}
	defer session.CheckNames(p.file, p.checkName)()
	for i, d := range p.scope.Decls {
		if p.renewed(d) {
			continue
		}
		name := "decl" + strconv.Itoa(i)
		f, err := parser.ParseFile(p.fset, name, "package nb;"+d.Text, 0)
		if err == nil {
			p.decls[name] = d
			defer session.CheckNames(f, func(name string) string { return cmp.Or(d.CheckNames[name], name) })()
			files = append(files, withImports(signatures(f), d.Imports, p.isTaken))
		}
	}
	var imports []string
	for _, v := range p.scope.Vars {
		if p.mine[v.Name] {
			continue
		}
		for name, path := range v.Paths {
			line := "import " + name + " \"" + path + "\"\n"
			if !slices.Contains(imports, line) {
				imports = append(imports, line)
			}
		}
		vars += "var " + v.Check + " " + v.Type + "\n"
	}
	vars = strings.Replace(vars, "\n", "\n"+strings.Join(imports, ""), 1)
	if f, err := parser.ParseFile(p.fset, "vars", vars, parser.SkipObjectResolution); err == nil {
		files = append(files, f)
	}
	p.pkg = types.NewPackage(gen.Package, "nb")
	p.run(files)
	if !a.decl || len(p.lifted) == 0 {
		return
	}
	// A function sees the variables that the statements of its cell make.
	pkg := types.NewPackage(gen.Package, "nb")
	for _, n := range p.lifted {
		if v, ok := p.info.Defs[n].(*types.Var); ok && !p.hides(v.Name()) {
			pkg.Scope().Insert(types.NewVar(n.Pos(), pkg, v.Name(), v.Type()))
		}
	}
	p.pkg = pkg
	p.run(files)
}

func (p *program) run(files []*ast.File) {
	p.info = &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{}}
	conf := types.Config{Importer: p.packages, GoVersion: p.cfg.Lang, Error: func(error) {}, DisableUnusedImportCheck: true}
	types.NewChecker(&conf, p.fset, p.pkg, p.info).Files(files)
}

func (p *program) isTaken(name string) bool { return p.taken[name] }

// hides reports whether a variable of a name would hide something else.
func (p *program) hides(name string) bool {
	return types.Universe.Lookup(name) != nil ||
		slices.ContainsFunc(p.scope.Decls, func(d session.Declared) bool { return slices.Contains(d.Names, name) })
}

// checkName is what a name of the cell is called in the type check: other than
// in the text where it means what hides something else.
func (p *program) checkName(name string) string {
	if p.mine[name] {
		return name // the cell's own declaration
	}
	return cmp.Or(p.scope.CheckNames[name], name)
}

// body is the function that holds the statements of the cell.
func body(f *ast.File) *ast.FuncDecl {
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == gen.Body {
			return fn
		}
	}
	return nil
}

// topNames are the variables that statements declare at the top of the cell.
func topNames(fn *ast.FuncDecl) (names []*ast.Ident) {
	if fn == nil || fn.Body == nil {
		return nil
	}
	for _, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			for _, l := range stmt.Lhs {
				if id, ok := l.(*ast.Ident); ok && stmt.Tok == token.DEFINE && id.Name != "_" {
					names = append(names, id)
				}
			}
		case *ast.DeclStmt:
			if g, ok := stmt.Decl.(*ast.GenDecl); ok {
				for _, spec := range g.Specs {
					if v, ok := spec.(*ast.ValueSpec); ok {
						names = append(names, v.Names...)
					}
				}
			}
		}
	}
	return names
}

// declared lists the names of a declaration, "T.M" for a method.
func declared(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					names = append(names, n.Name)
				}
			}
		}
	case *ast.FuncDecl:
		if d.Recv == nil || len(d.Recv.List) == 0 {
			return []string{d.Name.Name}
		}
		t := d.Recv.List[0].Type
		for {
			switch x := t.(type) {
			case *ast.StarExpr:
				t = x.X
				continue
			case *ast.IndexExpr:
				t = x.X
				continue
			case *ast.IndexListExpr:
				t = x.X
				continue
			case *ast.Ident:
				return []string{x.Name + "." + d.Name.Name}
			}
			return nil
		}
	}
	return names
}

// signatures is a file without the bodies of its functions.
func signatures(f *ast.File) *ast.File {
	c := *f
	c.Decls = slices.Clone(f.Decls)
	for i, d := range c.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			bare := *fn
			bare.Body = nil
			c.Decls[i] = &bare
		}
	}
	return &c
}

// resolve finds the packages that the cell's names mean, as the session does
// when it runs the cell.
func (p *program) resolve() map[string]string {
	own := map[string]bool{}
	for _, spec := range p.file.Imports {
		path := strings.Trim(spec.Path.Value, "\"`")
		if spec.Name != nil {
			own[spec.Name.Name] = true
		} else if pkg, err := p.packages.Import(path); err == nil {
			own[pkg.Name()] = true
		}
	}
	imports := map[string]string{}
	for _, path := range p.scope.Dots {
		if !slices.ContainsFunc(p.file.Imports, func(s *ast.ImportSpec) bool { return s.Path.Value == strconv.Quote(path) }) {
			imports[gen.DotImport(path)] = path
		}
	}
	for _, id := range p.file.Unresolved {
		name := id.Name
		switch {
		case p.scope.Imported[name] && !own[name] && !p.mine[name]:
			imports[name] = p.scope.Imports[name]
		case own[name], p.taken[name], imports[name] != "", name == placeholder:
		case p.scope.Imports[name] != "":
			imports[name] = p.scope.Imports[name]
		case types.Universe.Lookup(name) == nil:
			if fitting := p.fitting(name); len(fitting) > 0 {
				imports[name] = fitting[0]
				if len(p.path) > 1 {
					if sel, ok := p.path[1].(*ast.SelectorExpr); ok && sel.X == id {
						p.others = fitting[1:]
					}
				}
			}
		}
	}
	return imports
}

// fitting lists the well-known packages that a name may mean: those that have
// all that the cell wants of it.
func (p *program) fitting(name string) []string {
	candidates := p.cfg.Known[name]
	if len(candidates) < 2 {
		return candidates
	}
	wanted := map[string]bool{}
	ast.Inspect(p.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name != placeholder {
			if id, ok := sel.X.(*ast.Ident); ok && id.Name == name {
				wanted[sel.Sel.Name] = true
			}
		}
		return true
	})
	var fitting []string
	for _, path := range candidates {
		pkg, err := p.packages.Import(path)
		if err != nil {
			continue
		}
		has := true
		for w := range wanted {
			has = has && pkg.Scope().Lookup(w) != nil
		}
		if has {
			fitting = append(fitting, path)
		}
	}
	if len(fitting) == 0 {
		return candidates[:1]
	}
	return fitting
}
