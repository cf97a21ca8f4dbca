package kernel

import (
	"errors"
	"log"
	"slices"
	"sync"

	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// errNoInput is what a cell gets that asks a front end without a keyboard.
var errNoInput = errors.New("this front end cannot be asked for input")

// Input asks the front end that sent the cell for one line.
func (o *cellOutput) Input(prompt string, password bool) (string, error) {
	if !o.stdin {
		return "", errNoInput
	}
	o.Flush()
	k, parent := o.to.k, o.to.parent
	message, err := k.newMessage(parent, jupyter.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	message.Header.Subshell = parent.Header.Subshell
	message.Identities = parent.Identities
	q := k.questions.ask(message, parent)
	defer k.questions.forget(q)
	if err := k.sockets.Send(wire.Stdin, message); err != nil {
		k.log.Print(err)
		return "", errNoInput
	}
	select {
	case <-o.ctx.Done():
		return "", o.ctx.Err()
	case m := <-q.answer:
		var answer jupyter.InputReply
		if err := decode(m, &answer); err != nil {
			return "", err
		}
		return answer.Value, nil
	}
}

// questions are those that cells have asked and nobody has answered yet: cells
// of several shells may wait at the same time. Their order is that in which
// they were asked.
type questions struct {
	mu   sync.Mutex
	open []*question
}

// An question is an input_request that waits for its answer.
type question struct {
	id, cell string // of the question's message and of the execute_request
	session  string // of the client that was asked
	answer   chan *wire.Message
}

func (qs *questions) ask(m, cell *wire.Message) *question {
	q := &question{m.Header.ID, cell.Header.ID, cell.Header.Session, make(chan *wire.Message, 1)}
	qs.mu.Lock()
	defer qs.mu.Unlock()
	qs.open = append(qs.open, q)
	return q
}

func (qs *questions) forget(q *question) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	qs.open = slices.DeleteFunc(qs.open, func(other *question) bool { return other == q })
}

// answer takes a message of the stdin channel to the question it answers. Some
// clients name the question, some the cell that asked it, and some neither:
// then it is the oldest that the client was
// asked, or else the oldest.
func (qs *questions) answer(m *wire.Message, log *log.Logger) {
	if m.Header.Type != "input_reply" {
		log.Printf("stdin: %.40q is ignored", m.Header.Type)
		return
	}
	qs.mu.Lock()
	defer qs.mu.Unlock()
	parent := m.ParentID()
	i := slices.IndexFunc(qs.open, func(q *question) bool {
		if parent != "" {
			return parent == q.id || parent == q.cell
		}
		return m.Header.Session == q.session
	})
	if i < 0 && (parent != "" || len(qs.open) == 0) {
		log.Print("stdin: an answer to no question is ignored")
		return
	}
	i = max(i, 0)
	qs.open[i].answer <- m // once: it is not open any more
	qs.open = slices.Delete(qs.open, i, i+1)
}
