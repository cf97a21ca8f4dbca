package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"strconv"
	"sync"
)

// MaxMessage is the number of bytes of one encoded message.
const MaxMessage = 64 << 20

// An EncodingError says why a message cannot be sent: a value has no JSON form,
// or the message is too long. The connection can still be used.
type EncodingError struct{ Reason string }

// Error returns the reason.
func (e *EncodingError) Error() string { return e.Reason }

// A FormatError tells of bytes on the connection that are no message. The
// connection can still be used.
type FormatError struct {
	ID     int64 // the number of the message, 0 where it is unknown
	Reason string
}

// Error returns what is wrong.
func (e *FormatError) Error() string { return "no message: " + e.Reason }

// A Conn is one end of the control connection. A message is a line: the name
// of its type, its number and its value as JSON. Lines, because code of cells
// can write to the worker's end: what it wrote ends at the next line.
type Conn struct {
	known map[string]reflect.Type
	limit int // MaxMessage, but for tests
	in    *bufio.Reader
	mu    sync.Mutex // guards out
	out   io.Writer
}

// KernelEnd is the end that receives replies and events.
func KernelEnd(c io.ReadWriter) *Conn {
	known := maps.Clone(replies)
	maps.Copy(known, events)
	return newConn(c, known)
}

// WorkerEnd is the end that receives requests.
func WorkerEnd(c io.ReadWriter) *Conn { return newConn(c, requests) }

func newConn(c io.ReadWriter, known map[string]reflect.Type) *Conn {
	return &Conn{known: known, limit: MaxMessage, in: bufio.NewReaderSize(c, 1<<16), out: c}
}

// typesOf are the types of messages by their names.
func typesOf(messages ...Message) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, m := range messages {
		types[Name(m)] = reflect.TypeOf(m)
	}
	return types
}

// Name is the name of a message's type.
func Name(m Message) string { return reflect.TypeOf(m).Name() }

// Send sends a message, or returns an *EncodingError and writes nothing. id is the number of the request that is sent or
// answered. An event with a number asks for a Handled with the same one.
func (c *Conn) Send(id int64, m Message) error {
	line := fmt.Appendf(nil, "\n%s %d ", Name(m), id)
	body, err := json.Marshal(m)
	if err != nil {
		return &EncodingError{err.Error()}
	}
	if len(body) > c.limit {
		return &EncodingError{fmt.Sprintf("%d MB are more than the limit of %d MB", len(body)/1e6, MaxMessage/1000000)}
	}
	line = append(append(line, body...), '\n')
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err = c.out.Write(line)
	return err
}

// Receive waits for the next message. After a *FormatError the next call goes
// on behind it; any other error is the end of the connection.
func (c *Conn) Receive() (id int64, m Message, err error) {
	for {
		line, err := c.readLine()
		if err != nil {
			return 0, nil, err
		}
		if len(line) > 0 {
			return c.decode(line)
		}
	}
}

func (c *Conn) decode(line []byte) (id int64, m Message, err error) {
	name, rest, _ := bytes.Cut(line, []byte(" "))
	number, body, _ := bytes.Cut(rest, []byte(" "))
	t := c.known[string(name)]
	if t == nil {
		return 0, nil, &FormatError{Reason: fmt.Sprintf("unknown type %.40q", name)}
	}
	if id, err = strconv.ParseInt(string(number), 10, 64); err != nil {
		return 0, nil, &FormatError{Reason: fmt.Sprintf("%s without a number", name)}
	}
	v := reflect.New(t)
	if err := json.Unmarshal(body, v.Interface()); err != nil {
		return id, nil, &FormatError{id, fmt.Sprintf("%s: %v", name, err)}
	}
	return id, v.Elem().Interface().(Message), nil
}

// maxPrefix is room for the name and the number in front of the value.
const maxPrefix = 100

// readLine reads a line without its end. It returns nothing of one that is too
// long.
func (c *Conn) readLine() (line []byte, err error) {
	for tooLong := false; ; {
		part, err := c.in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > c.limit+maxPrefix; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			return bytes.TrimSuffix(line, []byte("\n")), err
		}
	}
}
