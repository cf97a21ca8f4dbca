package optim

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Every exported optimizer and schedule has an Example and recorded values.
func TestEveryOptimizerAndScheduleIsCovered(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	examples, kinds := map[string]bool{}, map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			switch {
			case !ok:
			case f.Recv == nil:
				if name, ok := strings.CutPrefix(f.Name.Name, "Example"); ok {
					examples[name] = true
				}
			case strings.HasSuffix(e.Name(), "_test.go"):
			case f.Name.Name == "Factor" || f.Name.Name == "Step":
				if name := receiver(f); ast.IsExported(name) {
					kinds[name] = f.Name.Name
				}
			}
		}
	}
	if len(kinds) < 30 {
		t.Errorf("only %d optimizers and schedules are found", len(kinds))
	}
	steps, factors := map[string]bool{}, map[string]bool{}
	for name := range stepped {
		steps[first(name)] = true
	}
	for name := range recordedOptimizers {
		steps[(recordedOptimizers[name]()).Name()] = true
	}
	for name := range scheduled {
		factors[first(name)] = true
	}
	for name, method := range kinds {
		if !examples[name] {
			t.Errorf("%s has no Example%s", name, name)
		}
		if method == "Step" && !steps[name] {
			t.Errorf("%s has no recorded steps: add it to testdata/optimizers.py", name)
		}
		if method == "Factor" && !factors[name] {
			t.Errorf("%s has no recorded factors: add it to testdata/schedules.py", name)
		}
	}
}

func first(name string) string {
	word, _, _ := strings.Cut(name, " ")
	return word
}

func receiver(f *ast.FuncDecl) string {
	of := f.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
