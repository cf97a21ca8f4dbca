package export

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/engine"
	"modelbook/kernel/mpi"
)

// A cell with %mpirun gets the call of its function as a statement, and the history
// of what it trains as its last expression: the session then knows what both are
// called in the program. The writer makes of the call what the ranks do.

// ranked are the functions that the %mpirun commands of cells call, with the names
// of the variables that they train.
func ranked(cells []engine.ProgramCell) (functions map[*cell.Command]*mpi.Function, trainers map[*cell.Command][]string) {
	functions, trainers = map[*cell.Command]*mpi.Function{}, map[*cell.Command][]string{}
	declared := map[string]string{} // functions, as the latest cell has them
	for i, c := range cells {
		for _, d := range c.Decls {
			if d.Kind == cell.Func {
				name, _, _ := strings.Cut(strings.TrimPrefix(d.Text, "func "), "(")
				declared[strings.TrimSpace(name)] = d.Text
			}
		}
		for k := range c.Commands {
			cmd := &c.Commands[k]
			if cmd.Name != "%mpirun" {
				continue
			}
			f, names, err := rankFunction(cmd, declared)
			if err != nil {
				cells[i].Wrong = fmt.Errorf("%%mpirun: %w", err)
				continue
			}
			functions[cmd], trainers[cmd] = f, names
		}
	}
	return functions, trainers
}

// rankFunction is the function that a %mpirun calls, and what it trains.
func rankFunction(cmd *cell.Command, declared map[string]string) (*mpi.Function, []string, error) {
	_, args, ok := command.Lookup(cmd.Name).Form().Split(cmd.Args)
	if !ok {
		return nil, nil, fmt.Errorf("these are not its arguments: %s", cmd.Text)
	}
	text, ok := declared[args[0]]
	if !ok {
		return nil, nil, fmt.Errorf("no cell up to this one declares a function %s", args[0])
	}
	f, err := mpi.ParseFunction(text, func(name string) string {
		return map[string]string{"context": "context", "train": "modelbook/dl/train", "tune": "modelbook/dl/tune"}[name]
	})
	if err != nil {
		return nil, nil, err
	}
	names, err := f.Bind(args[1:])
	return f, names, err
}

// addRanked adds these statements to the cells.
func addRanked(cells []engine.ProgramCell) {
	functions, trainers := ranked(cells)
	for _, c := range cells {
		for i := range c.Commands {
			cmd := &c.Commands[i]
			f := functions[cmd]
			if f == nil {
				continue
			}
			add := func(text string) { c.Stmts = append(c.Stmts, cell.Piece{Text: text, Line: cmd.Line, Col: 1, By: cmd}) }
			call := f.Call("ctx", "nil", trainers[cmd])
			if f.Fails {
				call = "if " + strings.Repeat("_, ", f.Results-1) + "err := " + call + "; err != nil {\n\tpanic(err)\n}"
			}
			add(call)
			for _, name := range trainers[cmd] {
				add(name + ".History")
			}
		}
	}
}

// rankedStatement is what the program does for such a statement: the error of a call
// is checked as others are, and with MPI the Trainers are told of the ranks.
func (w *writer) rankedStatement(text string, f *mpi.Function) string {
	call, values, err := calledIn(text)
	if err != nil || len(call.args) != len(f.Parameters) {
		return text // the history
	}
	before := ""
	for i, p := range f.Parameters {
		switch {
		case !w.mpi:
		case p.Kind == mpi.Trainer:
			before += call.args[i] + ".Ranks = " + w.name("ranks") + "\n"
		case p.Kind == mpi.Ranks:
			call.args[i] = w.name("ranks")
		}
	}
	made := call.function + "(" + strings.Join(call.args, ", ") + ")"
	switch {
	case f.Fails && values == 1:
		made = "check(" + made + ")"
	case f.Fails:
		made = "if " + strings.Repeat("_, ", values-1) + "err := " + made + "; err != nil {\ncheck(err)\n}"
	}
	return before + made
}

type called struct {
	function string
	args     []string
}

// calledIn finds the call in a statement: itself, or what is before an if. values is
// how many it has.
func calledIn(text string) (c called, values int, err error) {
	const before = "package p; func _() {\n"
	f, err := parser.ParseFile(token.NewFileSet(), "", before+text+"\n}", parser.SkipObjectResolution)
	if err != nil {
		return c, 0, err
	}
	source := func(n ast.Node) string { return text[int(n.Pos())-1-len(before) : int(n.End())-1-len(before)] }
	var call ast.Expr
	switch s := f.Decls[0].(*ast.FuncDecl).Body.List[0].(type) {
	case *ast.ExprStmt:
		call = s.X
	case *ast.IfStmt:
		if assign, ok := s.Init.(*ast.AssignStmt); ok {
			call, values = assign.Rhs[0], len(assign.Lhs)
		}
	}
	e, ok := call.(*ast.CallExpr)
	if !ok {
		return c, 0, errors.New("it calls nothing")
	}
	c.function = source(e.Fun)
	for _, a := range e.Args {
		c.args = append(c.args, source(a))
	}
	return c, values, nil
}
