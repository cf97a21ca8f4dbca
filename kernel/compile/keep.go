package compile

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
	"strings"

	"modelbook/kernel/toolchain"
)

// The linker drops from a program what the program does not use. The worker has
// to keep what cells may use: a generated file refers to every exported function,
// variable and type of the packages compiled ahead, which keeps all that these
// need, too.

// keepFile is the name, without extension, of the generated files in the folder of
// the worker's sources.
const keepFile = "keep_generated"

// writeKeep writes the generated files into the sources of a home.
func writeKeep(h *toolchain.Home, archives map[string]string) error {
	imp := goimporter.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(archives[path]) })
	var imports, refs, globals bytes.Buffer
	for i, path := range h.Whole() {
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
	dir := filepath.Join(h.Dir, "src", filepath.FromSlash(toolchain.WorkerPackage[len("modelbook/"):]))
	jump := map[string]string{"amd64": "JMP", "arm64": "B"}[h.Toolchain.GOARCH]
	return errors.Join(
		os.WriteFile(filepath.Join(dir, keepFile+".go"), []byte(text), 0o644),
		os.WriteFile(filepath.Join(dir, keepFile+".s"), fmt.Appendf(nil, keepAssembly, jump, strings.Replace(addModule, ".", "·", 1)), 0o644))
}

// Globals names the exported variables of a package whose values are known by
// identity, such as io.EOF: a saved session refers to them by name.
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

// keepAssembly refers to a function of the runtime that only plugins call.
const keepAssembly = "#include \"textflag.h\"\n\nTEXT ·addModule(SB), NOSPLIT|NOFRAME, $0-0\n\t%s %s(SB)\n"

// keptBy is an expression that refers to an object, "" where none is possible or
// needed.
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
