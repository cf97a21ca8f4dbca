package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// typeVersion decides the identity of a declared type. All plugins share one
// descriptor for each linker symbol, and the type has the methods of the newest
// descriptor that was loaded. So a type that gets methods, or whose methods change,
// remains the same type, also for values in interfaces. A type whose layout changed
// needs another symbol: its name gets a version (point, pointʼ2). So does a type
// that has lost a method, because values in interfaces may be asked for it, and one
// that has a new method for which encoders look only once.
type typeVersion struct {
	version int
	layout  string            // the underlying type, without tags
	tagged  string            // the underlying type, with tags
	methods map[string]string // signatures, by name
	code    string            // its methods, those of the types that it contains, and all that they call
	loaded  string            // the code in the last plugin that had the type
	isKnown bool              // there was such a plugin, with this version
	gone    bool              // by %reset
}

// A versioning is the result of a comparison of all types with what they were.
type versioning struct {
	types map[string]typeVersion // by check name
	gone  reasons                // variables to be dropped
	notes []string
}

// versionTypes compares all declared types with what they were before the cell.
// Variables whose memory no longer fits their type are gone.
func versionTypes(p *checkedCell) versioning {
	v := versioning{types: maps.Clone(p.st.types), gone: reasons{}}
	code := methodCode(graphOf(p))
	why := map[string]string{}
	changed, otherLayout := map[string]bool{}, map[string]bool{}
	uses := map[string][]string{}
	for _, d := range p.st.kept() {
		if d.key.Kind != source.Type {
			continue
		}
		name := source.DeclName(d.names[0])
		tn, ok := p.decls.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		now := typeVersion{version: 1, layout: layout(tn, false), tagged: layout(tn, true), methods: methodsOf(tn)}
		uses[name] = mentions(p, tn)
		if old, known := v.types[name]; known {
			now.version, now.loaded, now.isKnown = old.version, old.loaded, old.isKnown
			lost := lostMethod(old.methods, now.methods)
			switch {
			case old.gone:
				now.version++
			case old.layout != now.layout:
				changed[name], otherLayout[name] = true, true
			case old.tagged != now.tagged:
				changed[name], why[name] = true, "tags of its fields changed"
			case lost != "":
				changed[name], why[name] = true, lost
			}
		}
		v.types[name] = now
	}
	redefined, parts := maps.Clone(otherLayout), maps.Clone(uses)
	for name := range uses {
		t := v.types[name]
		t.code = allCode(name, code, uses)
		v.types[name] = t
	}
	spread(otherLayout, uses) // what contains a changed type changes too
	spread(changed, uses)
	for _, name := range sortedKeys(changed) {
		t := v.types[name]
		if why[name] == "" && !otherLayout[name] {
			why[name] = "a type that it is made of changed"
		}
		if t.isKnown && why[name] != "" {
			v.notes = append(v.notes, fmt.Sprintf("type %s: %s; values that interfaces already hold keep the type as it was", gen.Plain(name), why[name]))
		}
		t.version++
		t.loaded, t.isKnown = "", false
		v.types[name] = t
	}
	for _, name := range sortedKeys(p.st.vars) { // also those that the cell makes again: it must not read the old ones
		old := p.st.vars[name]
		for _, t := range sortedKeys(otherLayout) {
			if mentionsName(old.typ, t) {
				v.gone[variableKey(name)] = "its type " + old.shown + " " + whyOther(t, redefined, parts)
				break
			}
		}
	}
	return v
}

// methodsOf returns the signatures of the methods of a type, by name. Those with a
// pointer receiver are marked, because the type itself does not have them.
func methodsOf(tn *types.TypeName) map[string]string {
	named, ok := tn.Type().(*types.Named)
	if !ok {
		return nil
	}
	methods := map[string]string{}
	for m := range named.Methods() {
		text := types.TypeString(m.Signature(), (*types.Package).Path)
		if _, byPointer := m.Signature().Recv().Type().(*types.Pointer); byPointer {
			text += "*"
		}
		methods[m.Name()] = text
	}
	return methods
}

// encoderMethods are methods for which packages that encode values look only when
// they see a type for the first time.
var encoderMethods = []string{"MarshalJSON", "UnmarshalJSON", "MarshalJSONTo", "UnmarshalJSONFrom", "MarshalText", "UnmarshalText", "AppendText",
	"MarshalBinary", "UnmarshalBinary", "AppendBinary", "GobEncode", "GobDecode", "IsZero"}

// lostMethod says which method a type has lost, or which new one comes too late for
// encoders; "" if neither.
func lostMethod(old, now map[string]string) string {
	for _, name := range sortedKeys(old) {
		if sig, ok := now[name]; !ok {
			return "it no longer has the method " + name
		} else if sig != old[name] && sig+"*" != old[name] {
			return "its method " + name + " has another signature"
		}
	}
	for _, name := range encoderMethods {
		if now[name] != "" && old[name] == "" {
			return "encoders may have looked for " + name + " already"
		}
	}
	return ""
}

// allCode returns the code of a type and of the types that it contains: a struct has
// the methods of what is embedded in it.
func allCode(name string, code map[string]string, uses map[string][]string) string {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if !seen[name] {
			seen[name] = true
			for _, other := range uses[name] {
				visit(other)
			}
		}
	}
	visit(name)
	var b strings.Builder
	for _, n := range sortedKeys(seen) {
		b.WriteString(code[n] + "\n")
	}
	return b.String()
}

// renewed returns the types whose descriptors in the worker have older methods. The
// next plugin must contain them.
func renewed(types map[string]typeVersion) []string {
	var names []string
	for _, name := range sortedKeys(types) {
		if t := types[name]; t.isKnown && !t.gone && t.loaded != t.code {
			names = append(names, name)
		}
	}
	return names
}

// loaded returns the types as they are when the worker has loaded these units.
func loaded(types map[string]typeVersion, units []*unit) map[string]typeVersion {
	types = maps.Clone(types)
	for _, u := range units {
		if u.decl.key.Kind != source.Type {
			continue
		}
		name := source.DeclName(u.decl.names[0])
		if t, ok := types[name]; ok {
			t.loaded, t.isKnown = t.code, true
			types[name] = t
		}
	}
	return types
}

// whyOther says why a type has another layout: it was redefined, or a type that it
// contains was.
func whyOther(name string, redefined map[string]bool, parts map[string][]string) string {
	if redefined[name] {
		return "was redefined"
	}
	todo, seen := []string{name}, map[string]bool{}
	for i := 0; i < len(todo); i++ {
		for _, part := range parts[todo[i]] {
			if redefined[part] {
				return "is made of " + part + ", which was redefined"
			}
			if !seen[part] {
				seen[part] = true
				todo = append(todo, part)
			}
		}
	}
	return "is made of others, which were redefined"
}

// spread adds to a set of types those that use one of the set.
func spread(set map[string]bool, uses map[string][]string) {
	for again := true; again; {
		again = false
		for name, others := range uses {
			if !set[name] && slices.ContainsFunc(others, func(o string) bool { return set[o] }) {
				set[name], again = true, true
			}
		}
	}
}

// layout returns the underlying type as text, with its type parameters, and with or
// without tags. An alias has a layout, too: variables are declared with its name.
func layout(tn *types.TypeName, tags bool) string {
	text := ""
	if tn.IsAlias() {
		text = "= " + types.TypeString(types.Unalias(tn.Type()), (*types.Package).Path) + " "
	}
	underlying := tn.Type().Underlying()
	if !tags {
		underlying = untagged(underlying)
	}
	text += types.TypeString(underlying, (*types.Package).Path)
	if named, ok := tn.Type().(*types.Named); ok && named.TypeParams().Len() > 0 {
		for i := range named.TypeParams().Len() {
			tp := named.TypeParams().At(i)
			text += ";" + tp.String() + " " + types.TypeString(tp.Constraint(), (*types.Package).Path)
		}
	}
	return text
}

// untagged returns a type without the tags of structs that have no name.
func untagged(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Struct:
		var fields []*types.Var
		for f := range t.Fields() {
			fields = append(fields, types.NewField(f.Pos(), f.Pkg(), f.Name(), untagged(f.Type()), f.Embedded()))
		}
		return types.NewStruct(fields, nil)
	case *types.Pointer:
		return types.NewPointer(untagged(t.Elem()))
	case *types.Slice:
		return types.NewSlice(untagged(t.Elem()))
	case *types.Array:
		return types.NewArray(untagged(t.Elem()), t.Len())
	case *types.Map:
		return types.NewMap(untagged(t.Key()), untagged(t.Elem()))
	case *types.Chan:
		return types.NewChan(t.Dir(), untagged(t.Elem()))
	}
	return t
}

// mentions returns the declared types that the definition of a type names.
func mentions(p *checkedCell, tn *types.TypeName) []string {
	var names []string
	for _, u := range p.units {
		if u.decl.key.Symbol != typeKey(gen.Plain(tn.Name())).Symbol {
			continue
		}
		ast.Inspect(u.Syntax, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if o, ok := p.decls.Info.Uses[id].(*types.TypeName); ok && o.Parent() == p.decls.Pkg.Scope() {
					names = append(names, o.Name())
				}
			}
			return true
		})
	}
	return names
}

// methodCode returns for every type the code that its methods reach, as text. Calls
// through an interface reach the methods that the descriptor was compiled with. When
// some of that code is replaced, the type needs a newer descriptor.
func methodCode(g *useGraph) map[string]string {
	code := map[string]string{}
	for name, methods := range g.methods {
		seen := map[*unit]bool{}
		var visit func(u *unit)
		visit = func(u *unit) {
			if u == nil || seen[u] {
				return
			}
			seen[u] = true
			for _, next := range g.uses[u] {
				visit(next)
			}
		}
		for _, m := range methods {
			visit(m)
		}
		var all []string
		for u := range seen {
			all = append(all, u.decl.text+"\n"+gen.ImportDecls(u.decl.imports)+strings.Join(g.vars[u], " "))
		}
		slices.Sort(all)
		code[name] = strings.Join(all, "\n")
	}
	return code
}

// mentionsName reports whether the text of a type uses the name of a declared type.
func mentionsName(typ, name string) bool {
	found := false
	eachTypeName(typ, func(id *ast.Ident) { found = found || id.Name == name })
	return found
}

// eachTypeName calls f for the names of declared types in the text of a type.
func eachTypeName(typ string, f func(*ast.Ident)) {
	expr, err := parser.ParseExpr(typ)
	if err != nil {
		return
	}
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			return false
		case *ast.Field:
			ast.Inspect(n.Type, func(m ast.Node) bool { return visitTypeName(m, f) })
			return false
		}
		return visitTypeName(n, f)
	})
}

func visitTypeName(n ast.Node, f func(*ast.Ident)) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		return false
	case *ast.Field:
		ast.Inspect(n.Type, func(m ast.Node) bool { return visitTypeName(m, f) })
		return false
	case *ast.Ident:
		f(n)
	}
	return true
}
