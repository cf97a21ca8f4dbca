package kernel

import (
	"errors"
	"sync"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// JupyterLab's debugger speaks the Debug Adapter Protocol, wrapped in
// debug_request messages on the control channel. While it is switched on, cells
// are compiled so that they can stop (see package session/trace); cells executed
// before, and all cells when it is off, are compiled as ever. One goroutine is
// stopped at a time, and is thread 1, the only one that JupyterLab asks for.
//
// This file has the state and the dispatch; debug_stops.go breakpoints, frames and
// steps; debug_values.go variables.

// A Debuggable is an engine that can show its variables and stop its cells.
// *engine.Engine is one.
type Debuggable interface {
	// Inspect lists the parts of the value at a path, the variables for none.
	Inspect(path ...string) ([]engine.Part, error)
	// Rich is the rich form of the value at a path.
	Rich(path ...string) (engine.Display, error)
	Debug(engine.Debugger) error
	SetBreakpoints(cell int, lines []int) error
	Resume(step string) error
	Pause() error
	Frames() ([]engine.CellFrame, error)
	InspectFrame(frame int, path ...string) ([]engine.Part, error)
	RichLocal(frame int, path ...string) (engine.Display, error)
}

// A debugger is what front ends see of the variables and of stops.
type debugger struct {
	mu      sync.Mutex
	started bool
	sources sources
	parent  *wire.Message // of the events: the latest request
	events  int           // told so far
	stopped bool
	// What was listed last, for answers while a cell is compiled, and the places
	// that its references stand for.
	last       []jupyter.Variable
	references map[int]location
	numbers    map[string]int
	latest     int
}

// thread is the number of the stopped goroutine.
const thread = 1

// debugCommands are the requests of the Debug Adapter Protocol, and those that
// Jupyter adds.
var debugCommands = map[string]func(*Kernel, jupyter.DebugArguments) (jupyter.DebugBody, error){
	"debugInfo":               (*Kernel).debugInfo,
	"initialize":              (*Kernel).debugStart,
	"attach":                  always(jupyter.NoBody{}),
	"configurationDone":       always(jupyter.NoBody{}),
	"setExceptionBreakpoints": always(jupyter.NoBody{}), // it announces no filters
	"disconnect":              (*Kernel).debugStop,
	"terminate":               (*Kernel).debugStop,
	"inspectVariables":        (*Kernel).inspectVariables,
	"variables":               (*Kernel).variables,
	"richInspectVariables":    (*Kernel).richInspectVariables,
	"evaluate":                (*Kernel).debugEvaluate,
	"dumpCell":                (*Kernel).dumpCell,
	"setBreakpoints":          (*Kernel).setBreakpoints,
	"source":                  (*Kernel).sourceText,
	"threads":                 (*Kernel).threads,
	"stackTrace":              (*Kernel).stackTrace,
	"scopes":                  (*Kernel).scopes,
	"continue":                resumes("continue"),
	"next":                    resumes("next"),
	"stepIn":                  resumes("in"),
	"stepOut":                 resumes("out"),
	"pause":                   (*Kernel).pause,
	"modules":                 always(jupyter.Modules{}),
}

// always returns a command with a fixed answer.
func always(body jupyter.DebugBody) func(*Kernel, jupyter.DebugArguments) (jupyter.DebugBody, error) {
	return func(*Kernel, jupyter.DebugArguments) (jupyter.DebugBody, error) { return body, nil }
}

// debug answers a debug_request.
func (k *Kernel) debug(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.DebugRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	k.debugger.mu.Lock()
	k.debugger.parent = m
	k.debugger.mu.Unlock()
	reply := jupyter.DebugReply{Type: "response", Seq: r.Seq, RequestSeq: r.Seq, Command: r.Command, Success: true, Body: jupyter.NoBody{}}
	err := errors.New("the debugger does not know this command")
	if command := debugCommands[r.Command]; command != nil {
		reply.Body, err = command(k, r.Arguments)
	}
	if err != nil {
		reply.Success, reply.Message = false, err.Error()
		if reply.Body == nil {
			reply.Body = jupyter.NoBody{}
		}
	}
	return reply, nil
}

func (k *Kernel) debugInfo(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	d := &k.debugger
	d.mu.Lock()
	defer d.mu.Unlock()
	info := jupyter.DebugInfo{IsStarted: d.started, RichRendering: true, Breakpoints: d.sources.breakpoints(),
		HashMethod: "Murmur2", HashSeed: cellNameSeed, TmpFilePrefix: cellNamePrefix, TmpFileSuffix: cellNameSuffix}
	if d.stopped {
		info.StoppedThreads = []int{thread}
	}
	return info, nil
}

func (k *Kernel) debugStart(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	if e, err := k.debuggable(); err == nil { // else when the engine is there: see debugging
		if err := e.Debug(announcer{k}); err != nil {
			return nil, err
		}
	}
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	k.debugger.started = true
	return jupyter.DebugCapabilities{ConfigurationDone: true}, nil
}

func (k *Kernel) debugStop(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	k.debugger.started = false
	k.debugger.sources.clear()
	k.debugger.mu.Unlock()
	if e, err := k.debuggable(); err == nil {
		e.Debug(nil) // a worker that is not there stops nothing
	}
	return jupyter.NoBody{}, nil
}

// debuggable is the running engine, if it can show variables.
func (k *Kernel) debuggable() (Debuggable, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.engine.(Debuggable); ok {
		return e, nil
	}
	return nil, errors.New("there are no variables yet")
}

// announcer tells front ends of stops.
type announcer struct{ k *Kernel }

func (a announcer) Stopped(reason string) {
	a.k.debugger.stop(true)
	a.k.debugEvent("stopped", jupyter.StoppedBody{Reason: reason, ThreadID: thread})
}

func (a announcer) Resumed() {
	a.k.debugger.stop(false)
	a.k.debugEvent("continued", jupyter.ContinuedBody{ThreadID: thread, All: true})
}

func (d *debugger) stop(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = on
	d.forgetFrames()
}

func (k *Kernel) debugEvent(event string, body any) {
	d := &k.debugger
	d.mu.Lock()
	d.events++
	parent, number := d.parent, d.events
	d.mu.Unlock()
	if parent != nil {
		k.publish(parent, jupyter.DebugEvent{Type: "event", Seq: number, Event: event, Body: body})
	}
}
