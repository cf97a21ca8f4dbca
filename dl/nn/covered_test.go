package nn

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every exported layer, activation, loss, initialiser and function of tensors of this package has an example, recorded
// values and a check of its gradients, or says by noCase why it has none: see recorded_test.go.
func TestEveryLayerIsCovered(t *testing.T) {
	all := exportedParts(t)
	shown := shownInExamples(t)
	recorded, gradients := map[string]bool{}, map[string]bool{}
	for area := range areas {
		for _, c := range recordedCases(t, area) {
			name, _, _ := strings.Cut(c.Name, " ")
			recorded[name] = true
			if _, kinked := areas[area][c.Name].(kinked); c.Grad != nil || kinked || len(c.Grads) > 0 {
				gradients[name] = true
			}
			if !slices.Contains(all, name) {
				t.Errorf("the case %q of %s is of no exported part of this package", c.Name, area)
			}
		}
	}
	for _, name := range all {
		if !shown[name] {
			t.Errorf("%s is in no example", name)
		}
		switch reason := noCases[name]; {
		case reason != "" && recorded[name]:
			t.Errorf("%s is said to have no case, but has one", name)
		case reason != "":
		case !recorded[name]:
			t.Errorf("%s has no recorded values: see recorded_test.go", name)
		case !gradients[name]:
			t.Errorf("%s has no case with gradients", name)
		}
	}
	for name := range noCases {
		if !slices.Contains(all, name) {
			t.Errorf("%s is exempted, but no part of this package", name)
		}
	}
	if len(all) < 40 {
		t.Errorf("only %v found", all)
	}
}

// exportedParts are the names of what models are made of: the types with a method of a part (Build of layers, Fill of
// initialisers, Of of losses of several tensors, ...), the constants of type Activation, the variables and functions of type Loss and Initializer, and
// the functions that return a tensor.
func exportedParts(t *testing.T) (names []string) {
	methods := []string{"Build", "Fill", "FillShape", "Penalty", "Constrain", "Of"}
	add := func(name string) {
		if ast.IsExported(name) {
			names = append(names, name)
		}
	}
	var files []*ast.File
	returns := map[string]string{} // of functions
	for _, name := range sourceFiles(t, func(name string) bool { return !strings.HasSuffix(name, "_test.go") }) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Type.Results != nil {
				returns[f.Name.Name] = typeText(f.Type.Results.List[0].Type)
			}
		}
	}
	isPart := func(typ string) bool {
		return slices.Contains([]string{"Loss", "Initializer", "Activation", "GLU"}, typ)
	}
	for _, f := range files {
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				switch {
				case d.Recv != nil && slices.Contains(methods, d.Name.Name):
					add(strings.TrimPrefix(typeText(d.Recv.List[0].Type), "*"))
				case d.Recv == nil && (isPart(returns[d.Name.Name]) || returns[d.Name.Name] == "*dl.Tensor"):
					add(d.Name.Name)
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR && d.Tok != token.CONST {
					continue
				}
				typ := ""
				for _, s := range d.Specs {
					s := s.(*ast.ValueSpec)
					switch {
					case s.Type != nil:
						typ = typeText(s.Type)
					case len(s.Values) > 0:
						typ = ""
						switch v := s.Values[0].(type) {
						case *ast.CompositeLit:
							typ = typeText(v.Type)
						case *ast.CallExpr:
							typ = returns[typeText(v.Fun)]
							if method, ok := v.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "With" {
								typ = "Loss"
							}
						}
					}
					if isPart(typ) {
						for _, name := range s.Names {
							add(name.Name)
						}
					}
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func typeText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + typeText(e.X)
	case *ast.SelectorExpr:
		return typeText(e.X) + "." + e.Sel.Name
	case *ast.IndexExpr: // of a generic type
		return typeText(e.X)
	}
	return ""
}

// shownInExamples are the names of this package that its examples use.
func shownInExamples(t *testing.T) map[string]bool {
	shown := map[string]bool{}
	for _, name := range sourceFiles(t, func(name string) bool { return strings.HasSuffix(name, "_test.go") }) {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					if x, ok := s.X.(*ast.Ident); ok && x.Name == "nn" {
						shown[s.Sel.Name] = true
					}
				}
				return true
			})
		}
	}
	return shown
}

func sourceFiles(t *testing.T, which func(name string) bool) (names []string) {
	all, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		if which(name) {
			names = append(names, name)
		}
	}
	return names
}
