// Package jupyter holds the contents of Jupyter's messages as Go types: what
// front ends ask for (requests.go), what they are answered (replies.go), what
// is published to all of them (published.go), and the part of the Debug Adapter
// Protocol that travels in debug_request (debug.go).
//
// The types follow the message specification, "Messaging in Jupyter", and where
// it leaves something open what ipykernel sends: which members are always
// there, which are left out, and that lists and objects are never null. They
// say nothing of sockets, signatures or headers, which are package wire's, and
// import nothing of this module. A new message is a new type here and a line in
// the tests.
package jupyter

import (
	"bytes"
	"encoding/json"
)

// A List is a JSON array, empty where there is nothing, and never null.
type List[T any] []T

// MarshalJSON encodes nil as [].
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return encode([]T(l))
}

// An Object is a JSON object, empty where there is nothing, and never null.
type Object[V any] map[string]V

// MarshalJSON encodes nil as {}.
func (o Object[V]) MarshalJSON() ([]byte, error) {
	if o == nil {
		return []byte("{}"), nil
	}
	return encode(map[string]V(o))
}

// encode encodes a value as package wire does: < and > stay as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// A Bundle is rich output: a value for each MIME type. Text types hold a
// string, JSON types any value, binary types base64. It is not an Object,
// because pictures are large and a MarshalJSON method costs one more pass over
// them: see NewValue.
type Bundle map[string]any
