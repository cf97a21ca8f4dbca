package wire

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ProtocolVersion is the version of the Jupyter messaging protocol spoken here.
const ProtocolVersion = "5.5"

// delimiter separates routing identities and the message proper.
var delimiter = []byte("<IDS|MSG>")

// A Header is the header of a message.
type Header struct {
	ID       string `json:"msg_id"`
	Session  string `json:"session"`
	Username string `json:"username"`
	Date     string `json:"date"`
	Type     string `json:"msg_type"`
	Version  string `json:"version"`
	// Subshell is the id of the subshell that a request is for, "" for the
	// main shell.
	Subshell string `json:"subshell_id,omitempty"`
}

// A Message is one Jupyter message.
type Message struct {
	// Identities route a message: where a request came from, where a reply
	// goes to, the topic of what is published.
	Identities [][]byte
	Header     Header
	// RawHeader is the header as it arrived; replies carry it as their parent.
	RawHeader json.RawMessage
	// Parent is the parent header as JSON, or nil.
	Parent   json.RawMessage
	Metadata json.RawMessage
	Content  json.RawMessage
	Buffers  [][]byte
}

// Limits on what a message holds beside its frames' sizes.
const (
	maxHeader  = 64 << 10 // bytes of a header
	maxDepth   = 200      // nesting of JSON
	maxBuffers = 200
)

// parseMessage takes apart the frames of a message and checks its signature.
func parseMessage(frames [][]byte, s *signer) (*Message, error) {
	m := new(Message)
	i := 0
	for ; i < len(frames) && !bytes.Equal(frames[i], delimiter); i++ {
		m.Identities = append(m.Identities, frames[i])
	}
	if len(frames) < i+6 {
		return nil, errors.New("a message needs a delimiter, a signature and four parts")
	}
	signature, parts := frames[i+1], frames[i+2:i+6]
	if m.Buffers = frames[i+6:]; len(m.Buffers) > maxBuffers {
		return nil, fmt.Errorf("%d buffers, %d allowed", len(m.Buffers), maxBuffers)
	}
	if err := s.verify(signature, parts); err != nil {
		return nil, err
	}
	for k, name := range []string{"header", "parent header", "metadata", "content"} {
		if k < 2 && len(parts[k]) > maxHeader {
			return nil, fmt.Errorf("%s of %d bytes, %d allowed", name, len(parts[k]), maxHeader)
		}
		if err := checkObject(parts[k]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := json.Unmarshal(parts[0], &m.Header); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if m.Header.ID == "" || m.Header.Type == "" {
		return nil, errors.New("header without msg_id or msg_type")
	}
	m.RawHeader, m.Parent, m.Metadata, m.Content = parts[0], parts[1], parts[2], parts[3]
	return m, nil
}

// checkObject reports what is wrong with b unless it is one JSON object of
// bounded depth.
func checkObject(b []byte) error {
	if trimmed := bytes.TrimLeft(b, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("not a JSON object")
	}
	depth, quoted, escaped := 0, false, false
	for _, c := range b {
		switch {
		case escaped:
			escaped = false
		case quoted:
			escaped, quoted = c == '\\', c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("JSON nested deeper than %d", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if !json.Valid(b) {
		return errors.New("malformed JSON")
	}
	return nil
}

// ParentID is the message ID in the message's parent header, or "".
func (m *Message) ParentID() string {
	var h Header
	if len(m.Parent) > 0 {
		json.Unmarshal(m.Parent, &h) // checked to be JSON; a wrong type leaves ""
	}
	return h.ID
}

// frames lays the message out for the wire, signed.
func (m *Message) frames(s *signer) ([][]byte, error) {
	header, err := json.Marshal(m.Header)
	if err != nil {
		return nil, err
	}
	parts := [][]byte{header, m.Parent, m.Metadata, m.Content}
	for i := range parts {
		if len(parts[i]) == 0 {
			parts[i] = []byte("{}")
		}
	}
	frames := append([][]byte{}, m.Identities...)
	frames = append(frames, delimiter, s.sign(parts))
	frames = append(frames, parts...)
	return append(frames, m.Buffers...), nil
}

// A Session makes the headers of one kernel's messages.
type Session struct {
	id       string
	username string
}

// newSession starts a session with an ID of its own.
func newSession(username string) Session { return Session{NewID(), username} }

// ID is the session's ID.
func (s Session) ID() string { return s.id }

// New makes a message of the given type with content, which is encoded as
// JSON. parent is the request it belongs to, or nil.
func (s Session) New(parent *Message, kind string, content any) (*Message, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(content); err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	m := &Message{
		Header: Header{
			ID: NewID(), Session: s.id, Username: s.username, Type: kind, Version: ProtocolVersion,
			Date: Date(time.Now()),
		},
		Content: bytes.TrimSpace(buf.Bytes()),
	}
	if parent != nil {
		m.Parent = parent.RawHeader
	}
	return m, nil
}

// Date formats a time as in messages: ISO 8601, in UTC.
func Date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// NewID returns a random ID of the form of a UUID.
func NewID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
