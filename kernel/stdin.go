package kernel

import (
	"errors"

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
	question, err := k.newMessage(parent, jupyter.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	for len(k.answers) > 0 {
		<-k.answers // an answer to a question that was interrupted
	}
	question.Identities = parent.Identities
	if err := k.sockets.Send(wire.Stdin, question); err != nil {
		k.log.Print(err)
		return "", errNoInput
	}
	for {
		select {
		case <-o.ctx.Done():
			return "", o.ctx.Err()
		case m := <-k.answers:
			// Some clients name the question they answer, some do not.
			if id := m.ParentID(); id != "" && id != question.Header.ID {
				continue
			}
			var answer jupyter.InputReply
			if err := decode(m, &answer); err != nil {
				return "", err
			}
			return answer.Value, nil
		}
	}
}

// answer takes a message of the stdin channel.
func (k *Kernel) answer(m *wire.Message) {
	if m.Header.Type != "input_reply" {
		k.log.Printf("stdin: %.40q is ignored", m.Header.Type)
		return
	}
	select {
	case k.answers <- m:
	default: // nobody asked
	}
}
