package kernel

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"strconv"
	"strings"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
)

// A location is where values are: the session's variables, those of a frame of the
// stopped goroutine, or the parts of a value below these.
type location struct {
	frame int // the number of the frame from 1 on; 0 for the session
	path  []string
}

// maxReferences bounds what is remembered of values looked into.
const maxReferences = 10000

// below is the location of a part.
func (p location) below(step string) location {
	return location{p.frame, append(p.path[:len(p.path):len(p.path)], step)}
}

// parts lists what is at a location.
func (p location) parts(e Debuggable) ([]engine.Part, error) {
	if p.frame > 0 {
		return e.InspectFrame(p.frame-1, p.path...)
	}
	return e.Inspect(p.path...)
}

func (k *Kernel) inspectVariables(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	all, err := k.globals()
	return jupyter.Variables{Variables: all}, err
}

// globals are the session's variables; while a cell is compiled, as they were.
func (k *Kernel) globals() ([]jupyter.Variable, error) {
	if e, err := k.debuggable(); err == nil {
		if parts, err := e.Inspect(); err == nil {
			all := k.debugger.list(location{}, parts)
			k.debugger.mu.Lock()
			k.debugger.last = all
			k.debugger.mu.Unlock()
		} else if !errors.Is(err, engine.ErrBusy) {
			return nil, err
		}
	}
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	return k.debugger.last, nil
}

// scopes lists what the variables of a frame are in.
func (k *Kernel) scopes(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	d := &k.debugger
	d.mu.Lock()
	defer d.mu.Unlock()
	return jupyter.Scopes{Scopes: []jupyter.Scope{
		{Name: "Locals", Reference: d.reference(location{frame: a.FrameID})},
		{Name: "Globals", Reference: d.reference(location{})},
	}}, nil
}

// variables lists what is at a place that a reference was given for.
func (k *Kernel) variables(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	p, ok := k.debugger.references[a.Reference]
	k.debugger.mu.Unlock()
	if !ok {
		return jupyter.Variables{}, errors.New("unknown variablesReference")
	}
	if p.frame == 0 && len(p.path) == 0 {
		return k.inspectVariables(a)
	}
	e, err := k.debuggable()
	if err != nil {
		return jupyter.Variables{}, err
	}
	parts, err := p.parts(e)
	if err != nil {
		return jupyter.Variables{}, err
	}
	all := k.debugger.list(p, parts)
	if s := a.Start; s > 0 {
		all = all[min(s, len(all)):]
	}
	if c := a.Count; c > 0 {
		all = all[:min(c, len(all))]
	}
	return jupyter.Variables{Variables: all}, nil
}

func (k *Kernel) richInspectVariables(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	none := jupyter.RichVariable{Value: jupyter.NewValue(nil, nil)}
	e, err := k.debuggable()
	if err != nil {
		return none, err
	}
	if a.FrameID > 0 {
		if d, err := e.RichLocal(a.FrameID-1, a.Variable); err == nil {
			return rich(d), nil
		}
	}
	d, err := e.Rich(a.Variable)
	if err != nil {
		return none, err
	}
	return rich(d), nil
}

func rich(d engine.Display) jupyter.RichVariable {
	return jupyter.RichVariable{Value: jupyter.NewValue(d.Data, d.Metadata)}
}

// debugEvaluate looks up a variable, or a field or element of one: more would
// take a compiler for code in the midst of a function.
func (k *Kernel) debugEvaluate(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	steps, err := stepsOf(a.Expression)
	if err != nil {
		return nil, err
	}
	e, err := k.debuggable()
	if err != nil {
		return nil, err
	}
	roots := []location{{}}
	if a.FrameID > 0 {
		roots = []location{{frame: a.FrameID}, {}}
	}
	for _, p := range roots {
		var found engine.Part
		for i, step := range steps {
			parts, err := p.parts(e)
			if err != nil {
				return nil, err
			}
			at := -1
			for j, part := range parts {
				if part.Name == step {
					at, found = j, part
					break
				}
			}
			if at < 0 {
				if i > 0 {
					return nil, fmt.Errorf("%s has no %s", strings.Join(steps[:i], "."), step)
				}
				break
			}
			if i == 0 {
				p = p.below(step)
			} else {
				p = p.below(strconv.Itoa(at))
			}
		}
		if len(p.path) == 0 {
			continue
		}
		v := k.debugger.variable(p, found)
		return jupyter.Evaluation{Result: v.Value, Type: v.Type, Reference: v.Reference}, nil
	}
	return nil, fmt.Errorf("no variable %s", steps[0])
}

// stepsOf are the names of an expression such as v.field[3].
func stepsOf(expression string) ([]string, error) {
	e, err := parser.ParseExpr(expression)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", expression, err)
	}
	var steps func(e ast.Expr) []string
	steps = func(e ast.Expr) []string {
		var before []string
		var step string
		switch e := e.(type) {
		case *ast.Ident:
			return []string{e.Name}
		case *ast.ParenExpr:
			return steps(e.X)
		case *ast.SelectorExpr:
			before, step = steps(e.X), e.Sel.Name
		case *ast.IndexExpr:
			index, ok := e.Index.(*ast.BasicLit)
			if !ok {
				return nil
			}
			before, step = steps(e.X), index.Value
		}
		if before == nil {
			return nil
		}
		return append(before, step)
	}
	if s := steps(e); s != nil {
		return s, nil
	}
	return nil, errors.New("while a cell is stopped, a variable, a field or an element can be looked at; run other code in a cell")
}

// list makes what the Debug Adapter Protocol calls variables of what is at a
// place.
func (d *debugger) list(p location, parts []engine.Part) []jupyter.Variable {
	var all []jupyter.Variable
	for i, part := range parts {
		step := part.Name
		if len(p.path) > 0 {
			step = strconv.Itoa(i)
		}
		all = append(all, d.variable(p.below(step), part))
	}
	return all
}

// variable makes a variable of a part; p is its place.
func (d *debugger) variable(p location, part engine.Part) jupyter.Variable {
	d.mu.Lock()
	defer d.mu.Unlock()
	v := jupyter.Variable{Name: part.Name, Value: part.Value, Type: part.Type, Parts: part.Parts}
	if len(p.path) == 1 {
		v.EvaluateName = part.Name
	}
	if part.Parts > 0 {
		v.Reference = d.reference(p)
	}
	return v
}

// reference is the number that stands for a place.
func (d *debugger) reference(p location) int {
	key := strconv.Itoa(p.frame) + "\x00" + strings.Join(p.path, "\x00")
	if n, ok := d.numbers[key]; ok {
		return n
	}
	if d.references == nil || len(d.references) >= maxReferences {
		d.references, d.numbers = map[int]location{}, map[string]int{}
	}
	d.latest++
	d.references[d.latest], d.numbers[key] = p, d.latest
	return d.latest
}

// forgetFrames makes references into frames unknown.
func (d *debugger) forgetFrames() {
	for key, n := range d.numbers {
		if d.references[n].frame > 0 {
			delete(d.numbers, key)
			delete(d.references, n)
		}
	}
}
