package kernel

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// JupyterLab's variable view speaks the Debug Adapter Protocol, wrapped in
// debug_request messages. It needs a debugger that can be switched on; what
// this one can is to show variables. It has no breakpoints, and says so: those
// that are set are answered with none.

// An Inspector is an engine that can show its variables. *engine.Engine is
// one.
type Inspector interface {
	// Inspect lists the parts of the value at a path, the variables for none.
	Inspect(path ...string) ([]engine.Part, error)
	// Rich is the rich form of the value at a path.
	Rich(path ...string) (engine.Display, error)
}

// A debugger is what front ends see of the variables.
type debugger struct {
	mu      sync.Mutex
	started bool
	// What was listed last, for answers while a cell runs, and the paths that
	// its references stand for. A reference means its path for good.
	last       []jupyter.Variable
	references map[int][]string
	numbers    map[string]int
	latest     int
}

// maxReferences bounds what is remembered of values looked into.
const maxReferences = 10000

// debugCommands are the requests of the Debug Adapter Protocol that make sense
// without breakpoints, and those that Jupyter adds.
var debugCommands = map[string]func(*Kernel, jupyter.DebugRequest) (jupyter.DebugBody, error){
	"debugInfo":               (*Kernel).debugInfo,
	"initialize":              (*Kernel).debugStart,
	"attach":                  always(jupyter.NoBody{}),
	"configurationDone":       always(jupyter.NoBody{}),
	"setExceptionBreakpoints": always(jupyter.NoBody{}),
	"disconnect":              (*Kernel).debugStop,
	"inspectVariables":        (*Kernel).inspectVariables,
	"variables":               (*Kernel).variables,
	"richInspectVariables":    (*Kernel).richInspectVariables,
	"dumpCell":                always(jupyter.DumpedCell{SourcePath: cellNamePrefix + "0.go"}), // nothing is written
	"setBreakpoints":          always(jupyter.Breakpoints{}),
	"threads":                 always(jupyter.Threads{}),
	"stackTrace":              always(jupyter.StackTrace{}),
	"scopes":                  always(jupyter.Scopes{}),
	"modules":                 always(jupyter.Modules{}),
	"source": func(*Kernel, jupyter.DebugRequest) (jupyter.DebugBody, error) {
		return jupyter.NoBody{}, errors.New("source unavailable")
	},
}

// always returns a command with a fixed answer.
func always(body jupyter.DebugBody) func(*Kernel, jupyter.DebugRequest) (jupyter.DebugBody, error) {
	return func(*Kernel, jupyter.DebugRequest) (jupyter.DebugBody, error) { return body, nil }
}

// debug answers a debug_request.
func (k *Kernel) debug(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.DebugRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	reply := jupyter.DebugReply{Type: "response", Seq: r.Seq, RequestSeq: r.Seq, Command: r.Command, Success: true, Body: jupyter.NoBody{}}
	err := errors.New("this kernel has no debugger: it shows variables")
	if command := debugCommands[r.Command]; command != nil {
		reply.Body, err = command(k, r)
	}
	if err != nil {
		reply.Success, reply.Message = false, err.Error()
	}
	return reply, nil
}

func (k *Kernel) debugInfo(jupyter.DebugRequest) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	return jupyter.DebugInfo{IsStarted: k.debugger.started, RichRendering: true,
		HashMethod: "Murmur2", HashSeed: cellNameSeed, TmpFilePrefix: cellNamePrefix, TmpFileSuffix: ".go"}, nil
}

const (
	cellNameSeed   = 0xc70f6907
	cellNamePrefix = "modelbook-cell-"
)

func (k *Kernel) debugStart(jupyter.DebugRequest) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	k.debugger.started = true
	return jupyter.DebugCapabilities{ConfigurationDone: true}, nil
}

func (k *Kernel) debugStop(jupyter.DebugRequest) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	k.debugger.started = false
	return jupyter.NoBody{}, nil
}

// inspector is the running engine, if it can show variables.
func (k *Kernel) inspector() (Inspector, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if i, ok := k.engine.(Inspector); ok {
		return i, nil
	}
	return nil, errors.New("there are no variables yet")
}

func (k *Kernel) inspectVariables(jupyter.DebugRequest) (jupyter.DebugBody, error) {
	if i, err := k.inspector(); err == nil {
		if parts, err := i.Inspect(); err == nil {
			all := k.debugger.list(nil, parts)
			k.debugger.mu.Lock()
			k.debugger.last = all
			k.debugger.mu.Unlock()
		} else if !errors.Is(err, engine.ErrBusy) {
			return jupyter.Variables{}, err
		}
	}
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	return jupyter.Variables{Variables: k.debugger.last}, nil // as they were before the running cell
}

// variables lists the parts of a value that inspectVariables or variables
// gave a reference to.
func (k *Kernel) variables(r jupyter.DebugRequest) (jupyter.DebugBody, error) {
	none := jupyter.Variables{}
	k.debugger.mu.Lock()
	path := k.debugger.references[r.Arguments.Reference]
	k.debugger.mu.Unlock()
	if path == nil {
		return none, errors.New("unknown variablesReference")
	}
	i, err := k.inspector()
	if err != nil {
		return none, err
	}
	parts, err := i.Inspect(path...)
	if err != nil {
		return none, err
	}
	all := k.debugger.list(path, parts)
	if s := r.Arguments.Start; s > 0 {
		all = all[min(s, len(all)):]
	}
	if c := r.Arguments.Count; c > 0 {
		all = all[:min(c, len(all))]
	}
	return jupyter.Variables{Variables: all}, nil
}

func (k *Kernel) richInspectVariables(r jupyter.DebugRequest) (jupyter.DebugBody, error) {
	none := jupyter.RichVariable{Value: jupyter.NewValue(nil, nil)}
	i, err := k.inspector()
	if err != nil {
		return none, err
	}
	d, err := i.Rich(r.Arguments.Variable)
	if err != nil {
		return none, err
	}
	return jupyter.RichVariable{Value: jupyter.NewValue(d.Data, d.Metadata)}, nil
}

// list makes what the Debug Adapter Protocol calls variables.
func (d *debugger) list(path []string, parts []engine.Part) []jupyter.Variable {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []jupyter.Variable
	for i, p := range parts {
		v := jupyter.Variable{Name: p.Name, Value: p.Value, Type: p.Type, Parts: p.Parts}
		if len(path) == 0 {
			v.EvaluateName = p.Name
		}
		if p.Parts > 0 {
			step := p.Name
			if len(path) > 0 {
				step = strconv.Itoa(i)
			}
			v.Reference = d.reference(append(path[:len(path):len(path)], step))
		}
		all = append(all, v)
	}
	return all
}

// reference is the number that stands for a path.
func (d *debugger) reference(path []string) int {
	key := strings.Join(path, "\x00")
	if n, ok := d.numbers[key]; ok {
		return n
	}
	if d.references == nil || len(d.references) >= maxReferences {
		d.references, d.numbers = map[int][]string{}, map[string]int{}
	}
	d.latest++
	d.references[d.latest], d.numbers[key] = path, d.latest
	return d.latest
}
