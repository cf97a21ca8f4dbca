package gen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ContextDecl declares ctx for a type check. Its import goes in front.
const (
	ContextType   = contextName + ".Context"
	ContextDecl   = "var ctx " + ContextType
	ContextImport = "import " + contextName + ` "context";`
)

// ContextImports are the imports of ContextDecl, from local name to path.
func ContextImports() map[string]string { return map[string]string{contextName: "context"} }

// Background declares ctx for a program of its own. local is the name by which it
// imports package context.
func Background() (decl, local string) {
	return "var ctx = " + contextName + ".Background()", contextName
}

// A Var is a variable in the file of a cell.
type Var struct {
	Name  string // by which the worker knows it; "" for one that is only kept
	Ident string
	Type  string
}

// A Wrapper is what the generated file of a cell declares and registers.
type Wrapper struct {
	Number  int
	Imports map[string]string // of the types, by local name
	Blank   []string          // packages imported for their effect
	Vars    []Var             // declared without initializers: their storage is shared
	Types   []string          // to be kept by the linker
	Now     []string          // statements for calls that are late, see SetNow
	Context bool              // something uses ctx
	Run     []string          // functions to call
	Globals []Global          // of the packages that the cell imports
}

// A Global is a package with the variables of it that the worker shall know.
type Global struct {
	Path  string
	Names []string
}

// WrapperFile is the name of the generated file.
const WrapperFile = "zz_cell.go"

// Text is the generated file. It tells the worker what to run and which
// variables there are.
func (c *Wrapper) Text() string {
	imports := map[string]string{runtimeName: RuntimePath}
	maps.Copy(imports, c.Imports)
	var decls, regs, calls strings.Builder
	for _, t := range c.Types {
		fmt.Fprintf(&regs, "\t%s.Keep((*%s)(nil))\n", runtimeName, t)
	}
	for _, v := range c.Vars {
		fmt.Fprintf(&decls, "var %s %s\n", v.Ident, v.Type)
		if v.Name != "" {
			fmt.Fprintf(&regs, "\t%s.Var(%q, &%s)\n", runtimeName, v.Name, v.Ident)
		} else {
			regs.WriteString(keep(v.Ident))
		}
	}
	for _, set := range c.Now {
		regs.WriteString(set)
	}
	if c.Context {
		imports[contextName] = "context"
		fmt.Fprintf(&decls, "var %s = %s.Context.(%s.Context)\n", Context, runtimeName, contextName)
	}
	for _, name := range c.Run {
		fmt.Fprintf(&calls, "\t%s()\n", name)
	}
	blank := ""
	for _, path := range c.Blank {
		blank += fmt.Sprintf("import _ %q;", path)
	}
	named, list := c.globals()
	if list != "" {
		fmt.Fprintf(&regs, "\t%s.AddGlobals(__globals[:])\n", runtimeName)
	}
	return fmt.Sprintf("package %s;%s%s\nvar __cell %s.Cell\n%s%sfunc %s() {\n%s}\nfunc init() {\n\t%[4]s.Load(&__cell, %[9]d, %[7]s)\n%[10]s}\n",
		Package, ImportDecls(imports), blank+named, runtimeName, list, decls.String(), run, calls.String(), c.Number, regs.String())
}

// Paths are the packages that the file imports by name.
func (c *Wrapper) Paths() []string {
	paths := []string{RuntimePath}
	if c.Context {
		paths = append(paths, "context")
	}
	return slices.Concat(paths, slices.Sorted(maps.Values(c.Imports)))
}

// globals declares a list of the variables of packages, "" when there are none,
// and returns the imports that this takes.
func (c *Wrapper) globals() (imports, list string) {
	var b strings.Builder
	for i, g := range c.Globals {
		for _, name := range g.Names {
			fmt.Fprintf(&b, "\t{%q, &%s.%s},\n", g.Path+"."+name, Param(i), name)
		}
		imports += fmt.Sprintf("import %s %q;", Param(i), g.Path)
	}
	if b.Len() > 0 {
		list = "var __globals = [...]" + runtimeName + ".Global{\n" + b.String() + "}\n"
	}
	return imports, list
}

func keep(ident string) string { return fmt.Sprintf("\t%s.Keep(&%s)\n", runtimeName, ident) }
