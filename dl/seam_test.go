package dl

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// countable reports whether allocations can be counted: those of the race detector, and of a backend that checks, are
// not the operations' own.
func countable() bool { return !underRace && device == backend(cpu{}) }

// Only the processor's files, cpu_*.go, and those of the checking backend know where elements are. All others compute
// through the backend: they use neither kernels nor the memory of a storage.
func TestOnlyTheBackendTouchesElements(t *testing.T) {
	// What storage.go hands out, and what cpu_elements.go does.
	touching := map[string]bool{"data": true, "f32": true, "f64": true, "i32": true, "i64": true, "u8": true, "bools": true, "values": true,
		"elements": true, "cpuTypes": true, "real": true}
	kernels := []string{"attention", "conv", "cpu", "gemm", "parallel", "quantized", "recurrent", "vec"}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	more, err := filepath.Glob("*/*.go") // nn, train and so on
	if err != nil || len(more) < 50 {
		t.Fatal(len(more), err)
	}
	found := 0
	for _, name := range append(files, more...) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		seam := strings.HasPrefix(name, "cpu_") || name == "cpu.go" || strings.HasPrefix(name, "checking")
		if strings.HasSuffix(name, "_test.go") || seam {
			continue
		}
		var faults []string
		for _, i := range f.Imports {
			for _, k := range kernels {
				if i.Path.Value == `"modelbook/dl/internal/`+k+`"` {
					faults = append(faults, "imports "+k)
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if strings.Contains(name, "/") { // these see what is exported only
				return false
			}
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if touching[n.Sel.Name] {
					faults = append(faults, "uses ."+n.Sel.Name)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && (touching[id.Name] || id.Name == "share") {
					faults = append(faults, "calls "+id.Name)
				}
			case *ast.IndexExpr: // elements[T](t)
				if id, ok := n.X.(*ast.Ident); ok && touching[id.Name] {
					faults = append(faults, "uses "+id.Name)
				}
			}
			return true
		})
		found += len(faults)
		// An optimizer's step is a pass over what gradient.Visit, or Float32s, hands out; t-SNE is about plain numbers.
		if dir := filepath.Dir(name); len(faults) > 0 && name != "storage.go" && dir != "optim" && dir != "manifold" {
			t.Errorf("%s %s: that belongs behind the backend", name, strings.Join(faults, ", "))
		}
	}
	if found == 0 {
		t.Error("the test finds nothing, not even in storage.go")
	}
}

// The checking backend, which only its build tag compiles, has every method of the interface.
func TestTheCheckingBackendIsWhole(t *testing.T) {
	parse := func(name string) *ast.File {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	has := map[string]bool{}
	files, err := filepath.Glob("checking*.go")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		for _, d := range parse(name).Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				has[f.Name.Name] = true
			}
		}
	}
	methods := 0
	for _, name := range []string{"backend.go", "backend_products.go"} {
		ast.Inspect(parse(name), func(n ast.Node) bool {
			if i, ok := n.(*ast.InterfaceType); ok {
				for _, m := range i.Methods.List {
					for _, name := range m.Names {
						if methods++; !has[name.Name] {
							t.Errorf("the checking backend has no %s", name.Name)
						}
					}
				}
			}
			return true
		})
	}
	if methods < 40 {
		t.Errorf("only %d methods found", methods)
	}
}
