// Package kernel is a Jupyter kernel: it takes the requests of notebook front
// ends from kernel/wire, runs cells on an engine, answers everything else at
// once, and publishes what cells put out.
//
// Three loops receive (shell, control, stdin), and one for each shell executes
// its cells one after the other: one for the main shell, and one for each
// subshell that a front end has created. So a front end gets its kernel_info,
// its completion and its interrupt while a cell runs, and runs other cells.
package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/comms"
	"modelbook/kernel/history"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/output"
	"modelbook/kernel/usage"
	"modelbook/kernel/wire"
)

// A Kernel serves one session's front ends.
type Kernel struct {
	config  Config
	sockets *wire.Sockets
	session wire.Session
	log     *log.Logger

	shells    shells
	comms     *comms.Registry
	history   *history.History
	questions questions   // of cells to the user
	late      output.Late // what goroutines put out between cells
	running   running     // the cells that run
	debugger  debugger
	usage     *usage.Meter

	mu     sync.Mutex // guards what follows, and config.Warnings
	engine Engine     // nil until it has started
	count  int        // execution counter

	restarting sync.Mutex // held while an engine that did not start is started again

	stopping context.Context // done when the kernel is to end
	stop     context.CancelFunc
	started  chan struct{} // closed when the engine has started, or failed to
}

// New makes a kernel on open sockets. Serve runs it.
func New(c Config, sockets *wire.Sockets, logger *log.Logger) *Kernel {
	if logger == nil {
		logger = log.New(io.Discard, "", 0)
	}
	k := &Kernel{
		config: c, sockets: sockets, session: sockets.Session(), log: logger,
		started: make(chan struct{}), history: history.Open(c.History),
		shells: shells{all: map[string]*shell{}}, usage: usage.New(os.Getpid()),
	}
	if k.comms = c.Comms; k.comms == nil {
		k.comms = comms.New()
	}
	k.comms.Attach(k.publishComm)
	k.comms.Cells(func() comms.Print {
		if c := k.late.Latest(); c != nil {
			return c.After
		}
		return nil
	})
	k.stopping, k.stop = context.WithCancel(context.Background())
	return k
}

// Serve answers requests until a shutdown request or Stop, then ends the
// running cells and the engine and closes the sockets.
func (k *Kernel) Serve() error {
	k.status(nil, "starting")
	k.shells.start("", func(main *shell) {
		k.start()
		close(k.started)
		k.executeIn(main)
	})
	go k.receive(wire.Shell)
	go k.receive(wire.Control)
	go k.receive(wire.Stdin)
	<-k.stopping.Done()
	k.shells.close()
	k.Interrupt()
	executed := make(chan struct{})
	go func() {
		k.shells.loops.Wait()
		close(executed)
	}()
	select {
	case <-executed:
	case <-time.After(patience): // a cell that does not stop ends with its worker
	}
	// Front ends see the end of a kernel themselves, and go on showing its widgets:
	// those whose comm is closed they take from the page, and from the notebook.
	k.comms.Attach(func(jupyter.Published) {})
	k.closeEngine()
	k.history.Close()
	return k.sockets.Close()
}

// patience is how long a cell may take to end when the kernel ends.
const patience = 2 * time.Second

func (k *Kernel) closeEngine() {
	k.mu.Lock()
	e := k.engine
	k.mu.Unlock()
	if e == nil {
		return
	}
	closed := make(chan error, 1)
	go func() { closed <- e.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			k.log.Printf("closing the engine: %v", err)
		}
	case <-time.After(patience):
		k.log.Print("the engine did not close in time")
	}
}

// Stop makes Serve return soon.
func (k *Kernel) Stop() { k.stop() }

// Interrupt stops the running cells of all shells. The session's values
// survive. A second interrupt of a cell is for the functions it deferred.
func (k *Kernel) Interrupt() {
	k.mu.Lock()
	e := k.engine
	k.mu.Unlock()
	k.running.interrupt(func() {
		if i, ok := e.(Insister); ok {
			i.Insist()
		}
	})
}

// receive handles the requests of one channel.
func (k *Kernel) receive(ch wire.Channel) {
	for {
		m, err := k.sockets.Receive(ch)
		if err != nil {
			return // the sockets are closed
		}
		switch {
		case ch == wire.Stdin:
			k.questions.answer(m, k.log)
		case ch == wire.Shell && k.shells.find(m.Header.Subshell) == nil && !ofComm(m):
			k.refuse(m)
		case m.Header.Type == "execute_request":
			if ch == wire.Shell && !k.shells.find(m.Header.Subshell).push(m) {
				k.refuse(m)
			}
		case m.Header.Type == "complete_request" || m.Header.Type == "inspect_request":
			go k.handle(ch, m) // may take its time
		default:
			k.handle(ch, m)
		}
	}
}

// ofComm reports whether a message is one of a comm. It is handed on at once,
// whatever its subshell: JupyterLab has a subshell for the comms of a target, and
// may delete it, on the control channel, before the last comm_close has arrived.
func ofComm(m *wire.Message) bool {
	return m.Header.Type == "comm_open" || m.Header.Type == "comm_msg" || m.Header.Type == "comm_close"
}

// handle answers a request that needs no cell to run, between a busy and an
// idle of its own.
func (k *Kernel) handle(ch wire.Channel, m *wire.Message) {
	answer, known := answers[m.Header.Type]
	k.status(m, "busy")
	if !known { // as ipykernel: what waits for the idle goes on
		k.log.Printf("%v: a request of unknown type %.40q is ignored", ch, m.Header.Type)
		k.status(m, "idle")
		return
	}
	var reply jupyter.Reply
	var err error
	if bug := k.survive(func() { reply, err = answer(k, m) }); bug != nil {
		err = bug
	}
	if err != nil {
		reply = protocolError(err)
	}
	if reply != nil {
		k.reply(ch, m, reply)
	}
	if ends, ok := reply.(jupyter.ShutdownReply); ok {
		k.publish(m, ends) // for the other front ends
		defer k.stop()
	}
	k.status(m, "idle")
}

// survive calls f. A panic in it is a bug of the kernel, and becomes an error:
// the values of the session depend on this process.
func (k *Kernel) survive(f func()) (bug error) {
	defer func() {
		if p := recover(); p != nil {
			bug = fmt.Errorf("a bug in the kernel, which goes on all the same: %v", p)
			k.log.Printf("%v\n%s", bug, debug.Stack())
		}
	}()
	f()
	return nil
}

// protocolError answers a request that could not be understood.
func protocolError(err error) jupyter.Reply {
	return jupyter.NewErrorReply(jupyter.Failure{Name: "ProtocolError", Value: err.Error()})
}

// decode reads a request's content.
func decode(m *wire.Message, content any) error {
	if err := json.Unmarshal(m.Content, content); err != nil {
		return fmt.Errorf("malformed %s: %w", m.Header.Type, err)
	}
	return nil
}

// reply answers a request on the channel it came from.
func (k *Kernel) reply(ch wire.Channel, request *wire.Message, content jupyter.Reply) {
	k.replyWith(ch, request, content, nil)
}

// replyWith answers with metadata.
func (k *Kernel) replyWith(ch wire.Channel, request *wire.Message, content jupyter.Reply, metadata any) {
	name, asks := strings.CutSuffix(request.Header.Type, "_request")
	if !asks {
		k.log.Printf("%s: %v", request.Header.Type, content) // nobody waits for an answer
		return
	}
	kind := name + "_reply"
	m, err := k.session.New(request, kind, content)
	if err == nil {
		m.Identities = request.Identities
		if metadata != nil {
			m.Metadata, err = json.Marshal(metadata)
		}
	}
	if err == nil {
		err = k.sockets.Send(ch, m)
	}
	if err != nil {
		k.log.Printf("%s: %v", kind, err)
	}
}

// publish tells all front ends something that belongs to a request, or to
// none (nil).
func (k *Kernel) publish(parent *wire.Message, content jupyter.Published) {
	m, err := k.newMessage(parent, content)
	if err == nil {
		m.Identities = [][]byte{[]byte("kernel." + k.session.ID() + "." + m.Header.Type)}
		err = k.sockets.Publish(m)
	}
	if err != nil {
		k.log.Printf("%s: %v", content.MessageType(), err)
	}
}

func (k *Kernel) newMessage(parent *wire.Message, content jupyter.Published) (*wire.Message, error) {
	m, err := k.session.New(parent, content.MessageType(), content)
	if with, ok := content.(interface{ Attachment() jupyter.Attached }); ok && err == nil {
		m.Metadata, m.Buffers = with.Attachment().Metadata, with.Attachment().Buffers
	}
	return m, err
}

func (k *Kernel) status(parent *wire.Message, state string) {
	k.publish(parent, jupyter.State{State: state})
}
