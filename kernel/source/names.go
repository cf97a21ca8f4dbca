package source

import (
	"go/ast"
	"go/token"
	"strings"
)

// A Kind is the kind of a declaration.
type Kind uint8

// The kinds of declarations.
const (
	Import Kind = iota + 1
	Const
	Type
	Var
	Func
	Method
)

// String returns the kind as users read it: "import", "const", "type", "var",
// "func" or "method".
func (k Kind) String() string {
	switch k {
	case Import:
		return "import"
	case Const:
		return "const"
	case Type:
		return "type"
	case Var:
		return "var"
	case Func:
		return "func"
	case Method:
		return "method"
	}
	return ""
}

// A Symbol identifies one declaration: no two declarations of a package have
// the same.
type Symbol struct {
	Kind Kind
	// Recv is the name of the receiver's type, of a method.
	Recv string
	// Name is the declared name; of a group of constants, all of them joined by
	// commas.
	Name string
}

// Qualified returns the name as users write it, "T.M" for a method.
func (s Symbol) Qualified() string {
	if s.Kind == Method {
		return s.Recv + "." + s.Name
	}
	return s.Name
}

// String returns the kind and the name: "func f", "method T.M", "const A,B".
func (s Symbol) String() string { return s.Kind.String() + " " + s.Qualified() }

// A Decl is one declaration at the top of a cell. A group of types is one Decl
// for each type; a group of constants is a single Decl, because iota counts
// within it.
type Decl struct {
	Symbol
	// Names are the names that it declares in the package; a method declares
	// none.
	Names []string
	// Node is the *ast.FuncDecl, the *ast.GenDecl or, for a type out of a
	// group or by itself, the *ast.TypeSpec.
	Node ast.Node
	// Prefix is what must stand before the text of Node to make it a whole
	// declaration: "type " for a type, else "".
	Prefix string
	// Doc is the comment on a type inside a group, or nil. A comment above the
	// keyword is not part of the declaration.
	Doc *ast.CommentGroup
}

// Decls lists the declarations of a file in their order. Imports are not among
// them: see Imports.
func Decls(f *ast.File) []Decl {
	var all []Decl
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && len(d.Recv.List) > 0 {
				all = append(all, Decl{Symbol: Symbol{Method, Receiver(d.Recv.List[0].Type), d.Name.Name}, Node: d})
			} else {
				all = append(all, Decl{Symbol: Symbol{Kind: Func, Name: d.Name.Name}, Names: []string{d.Name.Name}, Node: d})
			}
		case *ast.GenDecl:
			all = append(all, generalDecls(d)...)
		}
	}
	return all
}

func generalDecls(d *ast.GenDecl) (all []Decl) {
	kind := map[token.Token]Kind{token.CONST: Const, token.VAR: Var}[d.Tok]
	var names []string
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			t := Decl{Symbol: Symbol{Kind: Type, Name: spec.Name.Name}, Names: []string{spec.Name.Name}, Node: spec, Prefix: "type "}
			if d.Lparen.IsValid() {
				t.Doc = spec.Doc
			}
			all = append(all, t)
		case *ast.ValueSpec:
			for _, id := range spec.Names {
				names = append(names, id.Name)
			}
		}
	}
	if kind != 0 {
		all = append(all, Decl{Symbol: Symbol{Kind: kind, Name: strings.Join(names, ",")}, Names: names, Node: d})
	}
	return all
}

// Receiver returns the name of the type of a receiver or embedded field,
// without pointer, parentheses and type arguments; "" for what is no type name.
func Receiver(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// TopVars lists the variables that the statements of a function declare at its
// top level, in order: what := and var declare there, but for blanks. With :=
// some of them may be variables of the same block that exist already.
func TopVars(fn *ast.FuncDecl) (vars []*ast.Ident) {
	if fn == nil || fn.Body == nil {
		return nil
	}
	for _, stmt := range fn.Body.List {
		vars = append(vars, DeclaredBy(stmt)...)
	}
	return vars
}

// DeclaredBy lists the variables that a statement itself declares, by := or
// var, but for blanks. The blocks inside it are not looked at.
func DeclaredBy(stmt ast.Stmt) (vars []*ast.Ident) {
	add := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
			vars = append(vars, id)
		}
	}
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		if stmt.Tok == token.DEFINE {
			for _, l := range stmt.Lhs {
				add(l)
			}
		}
	case *ast.DeclStmt:
		if d, ok := stmt.Decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				for _, id := range spec.(*ast.ValueSpec).Names {
					add(id)
				}
			}
		}
	}
	return vars
}

// AliasOf returns the name of the type that an alias declaration without type
// parameters stands for, "" for any other declaration.
func (d Decl) AliasOf() string {
	t, ok := d.Node.(*ast.TypeSpec)
	if !ok || !t.Assign.IsValid() {
		return ""
	}
	if id, ok := ast.Unparen(t.Type).(*ast.Ident); ok {
		return id.Name
	}
	return ""
}

// Unalias follows aliases to the name of a type that is none. aliasOf gives the
// AliasOf of a declared type.
func Unalias(name string, aliasOf func(name string) string) string {
	for range 100 { // go/types refuses an alias of itself
		other := aliasOf(name)
		if other == "" {
			break
		}
		name = other
	}
	return name
}
