package mistakes

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// A Surface says how to call what a package exports. What is exported and missing here fails the test.
type Surface struct {
	Functions map[string]any // by name, generic ones as "Of[float32]"
	Types     []reflect.Type // all exported ones
	// Args are right arguments, the receiver first, of functions and methods for which the values of their types'
	// pools do not do. Each call asks for new ones.
	Args map[string]func() []any
	// Skip says why a function or method is not called.
	Skip map[string]string
	// Unlisted says why what an argument accepts need not be listed, by "Type.Method argument", or "*.Method argument" for
	// the methods of that name of all types.
	Unlisted map[string]string
	// Each are types of which every right value is called, not the first that works.
	Each []reflect.Type
	// Refuses names what works with no arguments of this test, so that only its errors are seen.
	Refuses map[string]string
	// Any says of arguments for which every value is right why that is so, such as a seed, or a name that stands in errors:
	// by function and parameter, "Map seed", by parameter alone for all functions that have one of this name, or by field,
	// "{Classes}", for all structs that have one of this name, or "Sort {Names}" for those given to one function. What is
	// accepted of them is not recorded.
	Any map[string]string
	// Use is called with each result and shall touch what was made lazily. It may panic as the calls may.
	Use func(result any)
	// After restores what calls may have changed.
	After func()

	good  map[reflect.Type][]item
	bad   map[reflect.Type][]item
	only  map[reflect.Type][]item
	names map[string][]string // of parameters
}

// An item is a named way to make a value.
type item struct {
	name  string
	value func() reflect.Value
}

// Good adds functions without parameters to those that make right values of the types that they return.
func (s *Surface) Good(makers ...any) {
	if s.good == nil {
		s.good = map[reflect.Type][]item{}
	}
	for _, m := range makers {
		f := reflect.ValueOf(m)
		of := f.Type().Out(0)
		s.good[of] = append(s.good[of], item{"", func() reflect.Value { return f.Call(nil)[0] }})
	}
}

// GoodOf adds a way to make right values of a type.
func (s *Surface) GoodOf(of reflect.Type, value func() any) {
	if s.good == nil {
		s.good = map[reflect.Type][]item{}
	}
	s.good[of] = append(s.good[of], item{"", func() reflect.Value {
		v := reflect.New(of).Elem()
		v.Set(reflect.ValueOf(value()))
		return v
	}})
}

// Bad adds a function that makes a wrong value.
func (s *Surface) Bad(name string, maker any) {
	if s.bad == nil {
		s.bad = map[reflect.Type][]item{}
	}
	f := reflect.ValueOf(maker)
	of := f.Type().Out(0)
	s.bad[of] = append(s.bad[of], item{name, func() reflect.Value { return f.Call(nil)[0] }})
}

// OnlyBad is Bad for types whose wrong values are not to be made of wrong parts.
func (s *Surface) OnlyBad(name string, maker any) {
	if s.only == nil {
		s.only = map[reflect.Type][]item{}
	}
	f := reflect.ValueOf(maker)
	of := f.Type().Out(0)
	s.only[of] = append(s.only[of], item{name, func() reflect.Value { return f.Call(nil)[0] }})
}

// exported reads the names of exported functions and types, and of the parameters of functions and methods, from the
// sources in the current folder.
func exported(t *testing.T) (functions, types []string, parameters map[string][]string) {
	p, err := build.Default.ImportDir(".", 0)
	if err != nil {
		t.Fatal(err)
	}
	parameters = map[string][]string{}
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if !d.Name.IsExported() {
					continue
				}
				key := d.Name.Name
				var names []string
				if d.Recv != nil {
					of := d.Recv.List[0].Type
					if star, ok := of.(*ast.StarExpr); ok {
						of = star.X
					}
					if id, ok := of.(*ast.Ident); ok {
						key = id.Name + "." + key
					}
					names = append(names, "receiver")
				} else {
					functions = append(functions, key)
				}
				for _, field := range d.Type.Params.List {
					for _, n := range field.Names {
						names = append(names, n.Name)
					}
				}
				parameters[key] = names
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if ts, ok := spec.(*ast.TypeSpec); ok && ts.Name.IsExported() && !ts.Assign.IsValid() && ts.TypeParams == nil && !isConstraint(ts) {
						types = append(types, ts.Name.Name)
					}
				}
			}
		}
	}
	return functions, types, parameters
}

// isConstraint reports whether a type is an interface of a union of types, which no value has.
func isConstraint(ts *ast.TypeSpec) bool {
	i, ok := ts.Type.(*ast.InterfaceType)
	if !ok {
		return false
	}
	for _, m := range i.Methods.List {
		if _, ok := m.Type.(*ast.BinaryExpr); ok {
			return true
		}
	}
	return false
}

// complete fails the test for what is exported and not in the surface, or the other way round.
func (s *Surface) complete(t *testing.T) {
	functions, types, parameters := exported(t)
	s.names = parameters
	have := map[string]bool{}
	for name := range s.Functions {
		name, _, _ = strings.Cut(name, "[")
		have[name] = true
		if !slices.Contains(functions, name) {
			t.Errorf("the function %s of the table is not exported any more", name)
		}
	}
	for _, name := range functions {
		if !have[name] {
			t.Errorf("the exported function %s is missing from the table: add it, so that it is called with wrong arguments", name)
		}
	}
	named := map[string]bool{}
	for _, of := range s.Types {
		named[of.Name()] = true
	}
	for _, name := range types {
		if !named[name] {
			t.Errorf("the exported type %s is missing from the table: add it, so that its methods are called with wrong arguments", name)
		}
	}
	calls := s.targets()
	keys := map[string]bool{}
	for _, c := range calls {
		keys[c.name] = true
	}
	for _, table := range []([]string){slices.Collect(maps.Keys(s.Args)), slices.Collect(maps.Keys(s.Skip)), slices.Collect(maps.Keys(s.Refuses))} {
		for _, name := range table {
			if !keys[name] {
				t.Errorf("%s is in a table of this test, but is no exported function or method", name)
			}
		}
	}
	for place := range s.Unlisted {
		name, _, _ := strings.Cut(place, " ")
		method, all := strings.CutPrefix(name, "*.")
		if !slices.ContainsFunc(calls, func(c target) bool { return c.name == name || all && c.method && strings.HasSuffix(c.name, "."+method) }) {
			t.Errorf("%s is in Unlisted, but %s is no exported function or method", place, name)
		}
	}
}

// unlisted says whether what an argument accepts need not be listed.
func (s *Surface) unlisted(place string) bool {
	if s.Unlisted[place] != "" {
		return true
	}
	_, method, found := strings.Cut(place, ".")
	return found && s.Unlisted["*."+method] != ""
}

// A target is a function, or a method with its receiver as the first argument.
type target struct {
	name    string
	in      []reflect.Type
	call    func(args []reflect.Value) []reflect.Value
	method  bool
	of      reflect.Type // the receiver's interface, of methods of interfaces
	results []reflect.Type
}

// targets lists what is called, in a fixed order.
func (s *Surface) targets() (all []target) {
	for _, name := range slices.Sorted(maps.Keys(s.Functions)) {
		f := reflect.ValueOf(s.Functions[name])
		c := target{name: name, call: f.Call}
		if f.Type().IsVariadic() {
			c.call = f.CallSlice
		}
		for i := range f.Type().NumIn() {
			c.in = append(c.in, f.Type().In(i))
		}
		all = append(all, c)
	}
	for _, of := range s.Types {
		if of.Kind() == reflect.Interface {
			for i := range of.NumMethod() {
				m := of.Method(i)
				if !m.IsExported() {
					continue
				}
				c := target{name: of.Name() + "." + m.Name, method: true, of: of, in: []reflect.Type{of}}
				for k := range m.Type.NumIn() {
					c.in = append(c.in, m.Type.In(k))
				}
				c.call = func(args []reflect.Value) []reflect.Value {
					f := args[0].MethodByName(m.Name)
					if m.Type.IsVariadic() {
						return f.CallSlice(args[1:])
					}
					return f.Call(args[1:])
				}
				all = append(all, c)
			}
			continue
		}
		pointer := reflect.PointerTo(of)
		for i := range pointer.NumMethod() {
			m := pointer.Method(i)
			if v, ok := of.MethodByName(m.Name); ok {
				m = v
			}
			c := target{name: of.Name() + "." + m.Name, method: true, call: m.Func.Call}
			if m.Type.IsVariadic() {
				c.call = m.Func.CallSlice
			}
			for k := range m.Type.NumIn() {
				c.in = append(c.in, m.Type.In(k))
			}
			all = append(all, c)
		}
	}
	return all
}
