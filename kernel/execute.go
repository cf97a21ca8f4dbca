package kernel

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"modelbook/kernel/engine"
	"modelbook/kernel/history"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// executeIn runs the cells of a shell, one after the other.
func (k *Kernel) executeIn(sh *shell) {
	<-k.started
	for {
		m, ok := sh.pop()
		if !ok {
			return
		}
		k.run(sh, m)
	}
}

// start starts the engine.
func (k *Kernel) start() Engine {
	e, err := k.config.Start()
	if err != nil {
		k.log.Printf("the engine did not start: %v", err)
		e = broken{err}
	}
	k.mu.Lock()
	k.engine = e
	k.mu.Unlock()
	return e
}

// working is the engine for the next cell. One that did not start is started again:
// somebody may have followed the advice.
func (k *Kernel) working() Engine {
	k.restarting.Lock()
	defer k.restarting.Unlock()
	k.mu.Lock()
	e := k.engine
	k.mu.Unlock()
	if _, failed := e.(broken); failed {
		return k.start()
	}
	return e
}

// broken is the engine of a kernel whose engine did not start: it says so in
// the cell.
type broken struct{ error }

func (b broken) Execute(context.Context, engine.Request, engine.Sink) error {
	return &engine.CellError{Name: "KernelError", Value: b.Error(), Traceback: []string{
		"the kernel could not start its engine:", b.Error(), "`modelbook doctor` tells what is missing on this machine"}}
}

func (broken) Close() error { return nil }

// run executes one request: busy, its output, the reply, idle.
func (k *Kernel) run(sh *shell, m *wire.Message) {
	begun := time.Now()
	k.status(m, "busy")
	request := jupyter.NewExecuteRequest()
	if err := decode(m, &request); err != nil {
		k.reply(wire.Shell, m, protocolError(err))
		k.status(m, "idle")
		return
	}
	request.StoreHistory = request.StoreHistory && !request.Silent
	blank := strings.TrimSpace(request.Code) == ""
	number, count := k.number(request.StoreHistory && !blank)
	if !request.Silent {
		k.publish(m, jupyter.ExecuteInput{Code: request.Code, ExecutionCount: number})
	}

	e := k.working()
	ctx, done := k.running.begin(k.stopping, m)
	out := newOutput(ctx, k, m, number, request.AllowStdin)
	k.late.Begin(out.Cell)
	k.warn(out)
	var err error
	if !blank {
		debug, lines := k.debugging(number, request.Code)
		if bug := k.survive(func() {
			err = e.Execute(ctx, engine.Request{Code: request.Code, Cell: number, Silent: request.Silent, Debug: debug, Breakpoints: lines}, out)
		}); bug != nil {
			err = bug
		}
	}
	var expressions map[string]jupyter.Expression
	if err == nil {
		expressions = k.evaluate(ctx, e, request.UserExpressions, number)
	}
	stopped := ctx.Err() != nil // by the user, who means the waiting cells, too
	done()

	reply := jupyter.ExecuteReply{Status: jupyter.OK, ExecutionCount: count, Payload: out.payload(), UserExpressions: expressions}
	if err != nil {
		failure := failed(err)
		out.Flush()
		if !request.Silent {
			k.publish(m, jupyter.Error{Failure: failure})
		}
		reply = jupyter.ExecuteReply{Status: jupyter.Failed, ExecutionCount: count, Failure: &failure}
	}
	k.late.End(out.Cell)
	out.Close()
	if request.StoreHistory && !blank {
		k.history.Add(history.Entry{Number: number, Input: request.Code, Output: out.to.result})
	}
	var aborted []*wire.Message
	if (err != nil || stopped) && request.StopOnError {
		aborted = sh.drain() // before the reply: what comes after it knows of the error
	}
	k.replyWith(wire.Shell, m, reply, timing(begun, reply.Status))
	k.status(m, "idle")
	k.abort(aborted)
}

// abort answers cells that will not run.
func (k *Kernel) abort(cells []*wire.Message) {
	k.mu.Lock()
	count := k.count
	k.mu.Unlock()
	for _, m := range cells {
		k.status(m, "busy")
		k.replyWith(wire.Shell, m, jupyter.ExecuteReply{Status: jupyter.Aborted, ExecutionCount: count}, timing(time.Now(), jupyter.Aborted))
		k.status(m, "idle")
	}
}

// number gives a cell its number, and the execution count of its reply. A cell
// that is not counted has the number of the next one and, as in ipykernel,
// replies with that of the last one.
func (k *Kernel) number(counted bool) (number, count int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	number = k.count + 1
	if counted {
		k.count = number
	}
	return number, k.count
}

// timing is the metadata of the reply to a cell: front ends show how long it
// took, and the scheduler's fields are part of the protocol's old promise.
func timing(begun time.Time, status jupyter.Status) jupyter.ExecuteMetadata {
	return jupyter.ExecuteMetadata{Started: wire.Date(begun), Status: status, DependenciesMet: true}
}

// warn shows the kernel's warnings with the next cell, each once.
func (k *Kernel) warn(out *cellOutput) {
	k.mu.Lock()
	warnings := k.config.Warnings
	k.config.Warnings = nil
	k.mu.Unlock()
	for _, w := range warnings {
		out.Stream("stderr", "modelbook: warning: "+w+"\n")
	}
	if err := k.history.Trouble(); err != nil {
		out.Stream("stderr", fmt.Sprintf("modelbook: warning: cells are not kept in the history file: %v\n", err))
	}
}

// failed says how a cell failed.
func failed(err error) jupyter.Failure {
	var ce *engine.CellError
	if !errors.As(err, &ce) {
		ce = &engine.CellError{Name: "KernelError", Value: err.Error()}
	}
	f := jupyter.Failure{Name: ce.Name, Value: ce.Value, Traceback: ce.Traceback}
	if len(f.Traceback) == 0 {
		f.Traceback = []string{ce.Error()}
	}
	return f
}

// evaluate runs the expressions that a front end wants to know after a cell.
func (k *Kernel) evaluate(ctx context.Context, e Engine, expressions map[string]string, number int) map[string]jupyter.Expression {
	results := map[string]jupyter.Expression{}
	fail := func(name string, f jupyter.Failure) {
		results[name] = jupyter.Expression{Status: jupyter.Failed, Failure: &f}
	}
	for name, code := range expressions {
		var value expression
		err := e.Execute(ctx, engine.Request{Code: code, Cell: number}, &value)
		switch {
		case err != nil:
			fail(name, failed(err))
		case value.result == nil:
			fail(name, jupyter.Failure{Name: "ValueError", Value: fmt.Sprintf("%s has no value", code)})
		default:
			v := jupyter.NewValue(value.result.Data, value.result.Metadata)
			results[name] = jupyter.Expression{Status: jupyter.OK, Value: &v}
		}
	}
	return results
}

// An expression is the sink of a user expression: it keeps the value and
// drops the rest.
type expression struct{ result *engine.Display }

func (*expression) Stream(string, string)     {}
func (*expression) Display(engine.Display)    {}
func (e *expression) Result(d engine.Display) { e.result = &d }
func (*expression) Clear(bool)                {}
func (*expression) Input(string, bool) (string, error) {
	return "", errors.New("an expression cannot ask for input")
}
