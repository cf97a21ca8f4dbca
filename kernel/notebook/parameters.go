package notebook

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A Parameter is a variable that a run of the notebook sets.
type Parameter struct{ Name, Value string }

// ParseParameter reads NAME=VALUE. A VALUE that is no Go literal is a string.
func ParseParameter(s string) (Parameter, error) {
	name, value, ok := strings.Cut(s, "=")
	if !ok || !token.IsIdentifier(name) {
		return Parameter{}, fmt.Errorf("%q: want NAME=VALUE with a Go identifier as NAME", s)
	}
	if e, err := parser.ParseExpr(value); err != nil || !isLiteral(e) {
		value = strconv.Quote(value)
	}
	return Parameter{name, value}, nil
}

func isLiteral(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit, *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return isLiteral(e.X)
	case *ast.Ident:
		return e.Name == "true" || e.Name == "false"
	}
	return false
}

// Tags of cells, papermill's convention.
const (
	parametersTag = "parameters"
	injectedTag   = "injected-parameters"
)

// Inject puts a cell that sets the parameters behind the cell tagged
// "parameters". A cell injected by an earlier run is replaced.
func (nb *Notebook) Inject(parameters []Parameter) error {
	if len(parameters) == 0 {
		return nil
	}
	nb.Cells = slices.DeleteFunc(nb.Cells, func(c *Cell) bool { return slices.Contains(c.Tags, injectedTag) })
	at := slices.IndexFunc(nb.Cells, func(c *Cell) bool { return c.Type == "code" && slices.Contains(c.Tags, parametersTag) })
	if at < 0 {
		return errors.New("the notebook has no code cell tagged \"parameters\" whose values could be set")
	}
	source := "// Set for this run."
	for _, p := range parameters {
		source += "\n" + p.Name + " = " + p.Value
	}
	nb.Cells = slices.Insert(nb.Cells, at+1, NewCode(source, injectedTag))
	return nil
}
