package pipe

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

func init() {
	gob.Register(map[string]any{})
	gob.Register([]any{})
}

func encodedMessages(t testing.TB, messages ...*protocol.DisplayData) []byte {
	t.Helper()
	var buf bytes.Buffer
	e := gob.NewEncoder(&buf)
	for _, m := range messages {
		if err := e.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

// plainOf is what the decoder makes of a value that gob encoded.
func plainOf(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []any:
		list := []any{}
		for _, e := range v {
			list = append(list, plainOf(e))
		}
		return list
	case []int:
		list := []any{}
		for _, e := range v {
			list = append(list, int64(e))
		}
		return list
	case []string:
		list := []any{}
		for _, e := range v {
			list = append(list, e)
		}
		return list
	case map[string]float64:
		m := map[string]any{}
		for k, e := range v {
			m[k] = e
		}
		return m
	case map[string]any:
		m := map[string]any{}
		for k, e := range v {
			m[k] = plainOf(e)
		}
		return m
	}
	return v
}

// randomValue makes a value of the types that messages carry.
func randomValue(r *rand.Rand, depth int) any {
	n := 9
	if depth > 3 {
		n = 6
	}
	switch r.IntN(n) {
	case 0:
		return r.IntN(2000) - 1000
	case 1:
		return r.NormFloat64()
	case 2:
		return strings.Repeat("ä", r.IntN(200))
	case 3:
		return r.IntN(2) == 0
	case 4:
		return []byte{1, 2, byte(r.IntN(256))}
	case 5:
		return []string{"a", fmt.Sprint(r.IntN(9))}
	case 6:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, randomValue(r, depth+1))
		}
		return list
	case 7:
		return map[string]float64{"x": r.Float64()}
	}
	m := map[string]any{}
	for i := range r.IntN(4) {
		m[fmt.Sprint(i)] = randomValue(r, depth+1)
	}
	return m
}

func TestDecoderReadsWhatGobWrites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var sent []*protocol.DisplayData
	for i := range 300 {
		sent = append(sent, &protocol.DisplayData{
			Data:      map[protocol.MIMEType]any{"a": randomValue(r, 0), "b": randomValue(r, 0)},
			Metadata:  map[string]any{"m": randomValue(r, 0)},
			DisplayID: fmt.Sprint("id", i),
		})
	}
	d := newDecoder(bytes.NewReader(encodedMessages(t, sent...)))
	for i, m := range sent {
		got, err := d.next()
		if err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
		data := map[string]any{}
		for k, v := range m.Data {
			data[string(k)] = plainOf(v)
		}
		want := record{"Data": data, "Metadata": plainOf(m.Metadata), "DisplayID": m.DisplayID}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("message %d:\n%#v\nwant\n%#v", i, got, want)
		}
	}
	if _, err := d.next(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestDecoderReadsSpecialMessages(t *testing.T) {
	d := newDecoder(bytes.NewReader(encodedMessages(t,
		&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: &protocol.CommValue{Address: "/a", Value: map[string]int{"x": 3}}}},
		&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMEJupyterInput: &protocol.InputRequest{Prompt: "p", Password: true}}})))
	for _, want := range []record{
		{"Data": map[string]any{"gonb/comm_value": record{"Address": "/a", "Value": map[string]any{"x": int64(3)}}}},
		{"Data": map[string]any{"gonb/jupyter_input": record{"Prompt": "p", "Password": true}}},
	} {
		if got, err := d.next(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%#v, %v; want %#v", got, err, want)
		}
	}
}

func TestDeepNestingIsRefused(t *testing.T) {
	v := any(1)
	for range 2_000 {
		v = []any{v}
	}
	d := newDecoder(bytes.NewReader(encodedMessages(t, &protocol.DisplayData{Data: map[protocol.MIMEType]any{"a": v}}, plainData("x", ""))))
	var bad *formatError
	if _, err := d.next(); !errors.As(err, &bad) || !strings.Contains(bad.msg, "nested") {
		t.Errorf("error %v", err)
	}
	if m, err := d.next(); err != nil || m == nil {
		t.Errorf("the next message: %v, %v", m, err)
	}
}

// A map that promises 2^40 entries must cost nothing: encoding/gob would
// allocate them.
func TestPromisesCostNothing(t *testing.T) {
	stream := encodedMessages(t, plainData("hello", ""))
	i := bytes.LastIndex(stream, []byte("\x01\x01\x0atext/plain")) // field 0, one entry
	if i < 3 {
		t.Fatal("the encoded message looks different")
	}
	forged := append([]byte{}, stream[:i+1]...)
	forged = append(forged, 0xfa, 0x01, 0, 0, 0, 0, 0) // 2^40 entries, in six bytes more
	forged = append(forged, stream[i+2:]...)
	forged[i-3] += 6 // the message's length, before its type
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := newDecoder(bytes.NewReader(forged)).next()
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("a forged map was read")
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("%d bytes were allocated", grown)
	}
}

// FuzzDecoder feeds bytes that nobody made with care.
func FuzzDecoder(f *testing.F) {
	f.Add(encodedMessages(f, plainData("hello", "id")))
	f.Add(encodedMessages(f, &protocol.DisplayData{Data: map[protocol.MIMEType]any{"a": map[string]any{"b": []any{1, 2.5, "c", []int{1}}}}}))
	f.Add(encodedMessages(f, &protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: &protocol.CommValue{Address: "#gonbui/sync", Value: 3}}}))
	f.Add([]byte("\x03\x7e\x01\x00\x00\xff"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		d := newDecoder(bytes.NewReader(stream))
		for range 1 + len(stream) {
			m, err := d.next()
			var bad *formatError
			if err != nil && !errors.As(err, &bad) {
				return
			}
			if data, ok := m["Data"].(map[string]any); ok {
				bundle(data)
			}
		}
		if _, err := d.next(); err == nil {
			t.Fatal("more messages than bytes")
		}
	})
}
