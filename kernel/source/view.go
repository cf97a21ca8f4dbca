package source

import (
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"modelbook/kernel/source/gen"
)

// A View is what a session holds as one cell sees it: with what the cell
// declares and imports in place of what that replaces.
type View struct {
	Scope
	Decls []KeptDecl // of the session, without those that the cell replaces
	Vars  []KeptVar  // likewise
	// Own are the local names of the cell's own imports, by path.
	Own map[string]string

	vars, decls map[string]bool
}

// For returns the view of a cell with these imports and declarations.
func (s *Snapshot) For(imports []ImportSpec, decls []Decl, imp types.Importer, known func(name string) []string) *View {
	v := &View{Own: map[string]string{}, vars: map[string]bool{}, decls: map[string]bool{}}
	v.Scope = Scope{Importer: imp, Known: known,
		HasVar: func(name string) bool { return v.vars[name] }, HasDecl: func(name string) bool { return v.decls[name] },
		Imports: maps.Clone(s.Imports), Hiding: maps.Clone(s.Hiding), Dots: slices.Clone(s.Dots)}
	if v.Imports == nil {
		v.Imports = map[string]string{}
	}
	if v.Hiding == nil {
		v.Hiding = map[string]bool{}
	}
	for _, kept := range s.Vars {
		v.vars[kept.Name] = true
	}
	for _, d := range s.Decls {
		v.declare(d.Names)
	}
	for _, spec := range imports {
		v.addImport(spec)
	}
	v.replace(s, decls)
	return v
}

func (v *View) declare(names []string) {
	for _, name := range names {
		if name != "_" {
			v.decls[name] = true
		}
	}
}

// addImport adds an import of the cell. Its name comes before older variables
// and declarations of the same name.
func (v *View) addImport(spec ImportSpec) {
	name, err := spec.LocalName(v.Importer)
	if err != nil && name == "" {
		name = GuessName(spec.Path)
	}
	switch name {
	case "_":
	case ".":
		v.Dots = append(slices.DeleteFunc(v.Dots, func(old string) bool { return old == spec.Path }), spec.Path)
	default:
		v.Imports[name] = spec.Path
		v.Own[spec.Path] = name
		if v.vars[name] || v.decls[name] {
			v.Hiding[name] = true
		}
	}
}

// replace puts declarations of the cell in place of variables and declarations
// of their names.
func (v *View) replace(s *Snapshot, decls []Decl) {
	aliases := map[string]string{}
	for _, d := range s.Decls {
		if d.Kind == Type {
			aliases[d.Name] = d.Alias
		}
	}
	for _, d := range decls {
		if d.Kind == Type {
			aliases[d.Name] = d.AliasOf()
		}
	}
	own, symbols := map[string]bool{}, map[Symbol]bool{}
	decls = slices.DeleteFunc(slices.Clone(decls), func(d Decl) bool { return d.Kind == Func && d.Name == "init" }) // it has no name to others
	for _, d := range decls {
		for _, name := range d.Names {
			own[name] = name != "_"
			delete(v.Hiding, name)
			delete(v.vars, name)
		}
		if d.Kind == Method {
			d.Recv = Unalias(d.Recv, func(name string) string { return aliases[name] })
			symbols[d.Symbol] = true
		}
	}
	for _, d := range s.Decls {
		replaced := symbols[d.Symbol]
		for _, name := range d.Names {
			if !own[name] || replaced {
				continue
			}
			replaced = true
			if d.Kind == Const {
				if text, names, ok := WithoutConst(d.Text, d.Names, name); ok {
					d.Text, d.Names, replaced = text, names, false
				}
			}
		}
		if !replaced {
			v.Decls = append(v.Decls, d)
		}
	}
	for _, kept := range s.Vars {
		if !own[kept.Name] {
			v.Vars = append(v.Vars, kept)
		}
	}
	for _, d := range decls {
		v.declare(d.Names)
	}
}

// AddVars adds variables that the statements of the cell make.
func (v *View) AddVars(names ...string) {
	for _, name := range names {
		v.vars[name] = true
	}
}

// CheckVar returns a variable as it is checked.
func (v *View) CheckVar(kept KeptVar) CheckVar {
	return CheckVar{Name: kept.Name, CheckName: v.CheckName(kept.Name, Variable), Type: kept.Type, Paths: kept.Paths}
}

// CheckFile parses a declaration of the session, of which the signatures are
// checked.
func (v *View) CheckFile(fset *token.FileSet, name string, d KeptDecl) (CheckFile, error) {
	f, err := parser.ParseFile(fset, name, gen.Clause+d.Text, 0)
	if err != nil {
		return CheckFile{}, err
	}
	f.Unresolved = append(f.Unresolved, mapKeys(f)...)
	Qualify(f, d.Dots)
	return CheckFile{Syntax: f, Imports: d.Imports, Signatures: true,
		CheckName: func(name string) string { return v.CheckName(name, d.Means[name]) }}, nil
}
