package build

import (
	"bytes"
	"errors"
	"fmt"
	goimporter "go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The linker drops from a program what it does not use. The worker keeps all
// that cells may: a generated file refers to every exported function, variable
// and type of the packages compiled ahead, and what these need stays with them.

// leftOut are packages whose initializers have effects that a user who does
// not import them would notice. Cells that do import them are linked in full.
var leftOut = []string{"expvar", "unsafe"}

// keepFile names the generated files, in the folder of the worker's sources.
const keepFile = "keep_generated"

// whole lists the packages that the worker keeps whole.
func (h *Home) whole() []string {
	all := append(slices.Clone(h.Listed), testsPackage, steadyPackage)
	return slices.DeleteFunc(all, func(p string) bool { return slices.Contains(leftOut, p) })
}

// writeKeep writes the generated files.
func (h *Home) writeKeep(archives map[string]string) error {
	imp := goimporter.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(archives[path]) })
	var imports, refs, globals bytes.Buffer
	for i, path := range h.whole() {
		pkg, err := imp.Import(path)
		if err != nil {
			return fmt.Errorf("package %s: %w", path, err)
		}
		used := false
		for _, name := range pkg.Scope().Names() {
			if ref := keptBy(pkg.Scope().Lookup(name), fmt.Sprintf("p%d.%s", i, name)); ref != "" {
				fmt.Fprintf(&refs, "\t%s,\n", ref)
				used = true
			}
		}
		for _, name := range Globals(pkg) {
			fmt.Fprintf(&globals, "\t{%q, &p%d.%s},\n", path+"."+name, i, name)
		}
		alias := "_"
		if used {
			alias = fmt.Sprintf("p%d", i)
		}
		fmt.Fprintf(&imports, "import %s %q\n", alias, path)
	}
	text := "package main\n\nimport \"modelbook/kernel/worker/rt\"\n" + imports.String() +
		"\nfunc addModule()\n\nvar kept = [...]any{\n\taddModule,\n" + refs.String() + "}\n\nvar globals = [...]rt.Global{\n" + globals.String() + "}\n\nfunc init() {\n\trt.Kept = &kept\n\taddGlobals(globals[:])\n}\n"
	dir := filepath.Join(h.Dir, "src", filepath.FromSlash(workerPackage[len("modelbook/"):]))
	jump := map[string]string{"amd64": "JMP", "arm64": "B"}[h.Toolchain.GOARCH]
	return errors.Join(
		os.WriteFile(filepath.Join(dir, keepFile+".go"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(dir, keepFile+".s"), fmt.Appendf(nil, keepAssembly, jump, strings.Replace(addModule, ".", "·", 1)), 0o644))
}

// Globals names the exported variables of a package whose value may be known by
// what it is, not by what it holds, as io.EOF: a saved session names them.
func Globals(pkg *types.Package) (names []string) {
	for _, name := range pkg.Scope().Names() {
		v, ok := pkg.Scope().Lookup(name).(*types.Var)
		if !ok || !v.Exported() {
			continue
		}
		switch v.Type().Underlying().(type) {
		case *types.Pointer, *types.Interface:
			names = append(names, name)
		}
	}
	return names
}

// Keeps reports whether the worker has all of a package, and has registered its
// variables.
func (b *Builder) Keeps(path string) bool {
	return !b.plain && slices.Contains(b.home.whole(), path)
}

// keepAssembly keeps a function of the runtime that only plugins call.
const keepAssembly = "#include \"textflag.h\"\n\nTEXT ·addModule(SB), NOSPLIT|NOFRAME, $0-0\n\t%s %s(SB)\n"

// keptBy is an expression that refers to an object, "" where none can or need.
func keptBy(obj types.Object, name string) string {
	if !obj.Exported() {
		return ""
	}
	switch obj := obj.(type) {
	case *types.Func:
		if obj.Signature().TypeParams().Len() == 0 {
			return name
		}
	case *types.Var:
		return "&" + name
	case *types.TypeName:
		if generic, ok := obj.Type().(interface{ TypeParams() *types.TypeParamList }); ok && generic.TypeParams().Len() > 0 {
			return ""
		}
		if i, ok := obj.Type().Underlying().(*types.Interface); ok && !i.IsMethodSet() {
			return "" // a constraint
		}
		return "(*" + name + ")(nil)"
	}
	return ""
}

// findAssembly lists the functions of the worker that can be called as
// assembly functions only: their package has no other form of them, or the
// linker dropped it.
func (h *Home) findAssembly(archives map[string]string) error {
	p, err := openProgram(h.Worker())
	if err != nil {
		return err
	}
	defer p.close()
	h.Assembly = nil
	for _, path := range h.InWorker {
		data, err := os.ReadFile(archives[path])
		if err != nil {
			continue // the worker itself
		}
		objects, err := readObjects(data)
		if err != nil {
			return nil // another layout: there are no thin links
		}
		for _, o := range objects {
			for _, name := range o.assembly {
				if _, both := p.lookup(name + ".abi0"); !both {
					if _, ok := p.lookup(name); ok {
						h.Assembly = append(h.Assembly, name)
					}
				}
			}
		}
	}
	return nil
}
