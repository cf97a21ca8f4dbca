package kernel

import (
	"errors"
	"strconv"
	"strings"
	"sync"

	"modelbook/kernel/engine"
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
	last       []map[string]any
	references map[int][]string
	numbers    map[string]int
	latest     int
}

// maxReferences bounds what is remembered of values looked into.
const maxReferences = 10000

// A debugRequest is the content of a debug_request.
type debugRequest struct {
	Seq       int    `json:"seq"`
	Command   string `json:"command"`
	Arguments struct {
		Reference int    `json:"variablesReference"`
		Start     int    `json:"start"`
		Count     int    `json:"count"`
		Variable  string `json:"variableName"`
		Code      string `json:"code"`
	} `json:"arguments"`
}

// debugCommands are the requests of the Debug Adapter Protocol that make sense
// without breakpoints, and those that Jupyter adds.
var debugCommands = map[string]func(*Kernel, debugRequest) (body any, err error){
	"debugInfo":               (*Kernel).debugInfo,
	"initialize":              (*Kernel).debugStart,
	"attach":                  nothingToDo,
	"configurationDone":       nothingToDo,
	"setExceptionBreakpoints": nothingToDo,
	"disconnect":              (*Kernel).debugStop,
	"inspectVariables":        (*Kernel).inspectVariables,
	"variables":               (*Kernel).variables,
	"richInspectVariables":    (*Kernel).richInspectVariables,
	"dumpCell":                dumpCell,
	"setBreakpoints": func(*Kernel, debugRequest) (any, error) {
		return map[string]any{"breakpoints": []any{}}, nil // none took
	},
	"threads": func(*Kernel, debugRequest) (any, error) { return map[string]any{"threads": []any{}}, nil },
	"stackTrace": func(*Kernel, debugRequest) (any, error) {
		return map[string]any{"stackFrames": []any{}, "totalFrames": 0}, nil
	},
	"scopes": func(*Kernel, debugRequest) (any, error) { return map[string]any{"scopes": []any{}}, nil },
	"modules": func(*Kernel, debugRequest) (any, error) {
		return map[string]any{"modules": []any{}, "totalModules": 0}, nil
	},
	"source": func(*Kernel, debugRequest) (any, error) { return nil, errors.New("source unavailable") },
}

func nothingToDo(*Kernel, debugRequest) (any, error) { return struct{}{}, nil }

// debug answers a debug_request.
func (k *Kernel) debug(m *wire.Message) (any, error) {
	var r debugRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	reply := map[string]any{"type": "response", "seq": r.Seq, "request_seq": r.Seq, "command": r.Command, "success": true}
	var body any
	err := errors.New("this kernel has no debugger: it shows variables")
	if command := debugCommands[r.Command]; command != nil {
		body, err = command(k, r)
	}
	if err != nil {
		reply["success"], reply["message"] = false, err.Error()
	}
	if body == nil {
		body = struct{}{}
	}
	reply["body"] = body
	return reply, nil
}

func (k *Kernel) debugInfo(debugRequest) (any, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	return map[string]any{
		"isStarted": k.debugger.started, "richRendering": true, "copyToGlobals": false,
		"breakpoints": []any{}, "stoppedThreads": []any{}, "exceptionPaths": []any{},
		// how a front end names a cell that it wants to set breakpoints in
		"hashMethod": "Murmur2", "hashSeed": cellNameSeed, "tmpFilePrefix": cellNamePrefix, "tmpFileSuffix": ".go",
	}, nil
}

const (
	cellNameSeed   = 0xc70f6907
	cellNamePrefix = "modelbook-cell-"
)

func (k *Kernel) debugStart(debugRequest) (any, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	k.debugger.started = true
	return map[string]any{"exceptionBreakpointFilters": []any{}, "supportsConfigurationDoneRequest": true}, nil
}

func (k *Kernel) debugStop(debugRequest) (any, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	k.debugger.started = false
	return nil, nil
}

// dumpCell is where a front end would set its breakpoints: nothing is written.
func dumpCell(*Kernel, debugRequest) (any, error) {
	return map[string]any{"sourcePath": cellNamePrefix + "0.go"}, nil
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

func (k *Kernel) inspectVariables(debugRequest) (any, error) {
	if i, err := k.inspector(); err == nil {
		if parts, err := i.Inspect(); err == nil {
			all := k.debugger.list(nil, parts)
			k.debugger.mu.Lock()
			k.debugger.last = all
			k.debugger.mu.Unlock()
		} else if !errors.Is(err, engine.ErrBusy) {
			return map[string]any{"variables": []any{}}, err
		}
	}
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	all := k.debugger.last // as it was before the running cell
	if all == nil {
		all = []map[string]any{}
	}
	return map[string]any{"variables": all}, nil
}

// variables lists the parts of a value that inspectVariables or variables
// gave a reference to.
func (k *Kernel) variables(r debugRequest) (any, error) {
	none := map[string]any{"variables": []any{}}
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
	return map[string]any{"variables": all}, nil
}

func (k *Kernel) richInspectVariables(r debugRequest) (any, error) {
	none := map[string]any{"data": struct{}{}, "metadata": struct{}{}}
	i, err := k.inspector()
	if err != nil {
		return none, err
	}
	d, err := i.Rich(r.Arguments.Variable)
	if err != nil {
		return none, err
	}
	return map[string]any{"data": object(d.Data), "metadata": object(d.Metadata)}, nil
}

// list makes what the Debug Adapter Protocol calls variables.
func (d *debugger) list(path []string, parts []engine.Part) []map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := []map[string]any{}
	for i, p := range parts {
		v := map[string]any{"name": p.Name, "value": p.Value, "type": p.Type, "variablesReference": 0}
		if len(path) == 0 {
			v["evaluateName"] = p.Name
		}
		if p.Parts > 0 {
			step := p.Name
			if len(path) > 0 {
				step = strconv.Itoa(i)
			}
			v["variablesReference"] = d.reference(append(path[:len(path):len(path)], step))
			v["namedVariables"] = p.Parts
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
