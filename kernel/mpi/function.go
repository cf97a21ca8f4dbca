package mpi

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// A Kind is what a parameter of the function is.
type Kind int

// The kinds of parameters.
const (
	Context Kind = iota // context.Context, which an interrupt cancels
	Trainer             // *train.Trainer, a variable of the session
	Ranks               // train.Ranks, or tune.Ranks
)

// kinds are the types that parameters may have.
var kinds = map[string]Kind{"context.Context": Context, "*modelbook/dl/train.Trainer": Trainer, "modelbook/dl/train.Ranks": Ranks, "modelbook/dl/tune.Ranks": Ranks}

// TrainerType is the type of variables that are trained, as a reader writes it.
const TrainerType = "*train.Trainer"

// IsTrainer reports whether a type, as Go source with packages by the names in
// paths, is that of variables that are trained.
func IsTrainer(source string, paths map[string]string) bool {
	e, err := parser.ParseExpr(source)
	return err == nil && typeName(e, func(name string) string { return paths[name] }) == "*modelbook/dl/train.Trainer"
}

// A Parameter is one parameter of the function.
type Parameter struct {
	Kind Kind
	Name string
}

// A Function is a function that all ranks call.
type Function struct {
	Name       string
	Parameters []Parameter
	Results    int
	Fails      bool // the last result is an error
}

// Form is what functions for ranks look like, for messages.
const Form = "func fit(ctx context.Context, trainer *train.Trainer) error"

// ParseFunction reads the declaration of a function. path returns the import path
// of a package by the name that it has there.
func ParseFunction(text string, path func(name string) string) (*Function, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	if len(parsed.Decls) != 1 {
		return nil, errors.New("it is not one declaration")
	}
	decl, ok := parsed.Decls[0].(*ast.FuncDecl)
	if !ok || decl.Recv != nil || decl.Type.TypeParams != nil {
		return nil, fmt.Errorf("it is no function without type parameters: write %s", Form)
	}
	f := &Function{Name: decl.Name.Name}
	for _, field := range decl.Type.Params.List {
		kind, ok := kinds[typeName(field.Type, path)]
		if !ok {
			return nil, fmt.Errorf("ranks cannot call %s: it has a parameter of type %s. It may have a context.Context, a train.Ranks or tune.Ranks, and variables of type *train.Trainer: %s",
				f.Name, written(text, field.Type), Form)
		}
		if len(field.Names) == 0 {
			f.Parameters = append(f.Parameters, Parameter{Kind: kind})
		}
		for _, name := range field.Names {
			f.Parameters = append(f.Parameters, Parameter{Kind: kind, Name: name.Name})
		}
	}
	f.Results = decl.Type.Results.NumFields()
	if f.Results > 0 {
		list := decl.Type.Results.List
		last, ok := list[len(list)-1].Type.(*ast.Ident)
		f.Fails = ok && last.Name == "error"
	}
	return f, nil
}

// typeName is a type with the import path of its package.
func typeName(e ast.Expr, path func(name string) string) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X, path)
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			return path(id.Name) + "." + e.Sel.Name
		}
	}
	return ""
}

// written is a type as it stands in the text.
func written(text string, e ast.Expr) string {
	const before = len("package p;")
	return text[int(e.Pos())-1-before : int(e.End())-1-before]
}

// Bind returns the names of the variables that the function trains: those given,
// or else those that its parameters are named after.
func (f *Function) Bind(given []string) ([]string, error) {
	var names []string
	for _, p := range f.Parameters {
		if p.Kind == Trainer {
			names = append(names, p.Name)
		}
	}
	switch {
	case len(given) > 0 && len(given) != len(names):
		return nil, fmt.Errorf("%s takes %d variables of type %s, and %d are named: %s", f.Name, len(names), TrainerType, len(given), strings.Join(given, ", "))
	case len(given) > 0:
		return given, nil
	}
	for _, name := range names {
		if name == "" || name == "_" {
			return nil, fmt.Errorf("name the variable of type %s that %s is to train: %%mpirun %s trainer", TrainerType, f.Name, f.Name)
		}
	}
	return names, nil
}

// Call is a call of the function, as Go source. ctx and ranks are what it gets for
// those.
func (f *Function) Call(ctx, ranks string, trainers []string) string {
	var args []string
	for _, p := range f.Parameters {
		switch p.Kind {
		case Context:
			args = append(args, ctx)
		case Ranks:
			args = append(args, ranks)
		case Trainer:
			args, trainers = append(args, trainers[0]), trainers[1:]
		}
	}
	return f.Name + "(" + strings.Join(args, ", ") + ")"
}

// Error is the call as a statement that sets the variable err, which exists.
func (f *Function) Error(call string) string {
	if !f.Fails {
		return call
	}
	return strings.Repeat("_, ", f.Results-1) + "err = " + call
}
