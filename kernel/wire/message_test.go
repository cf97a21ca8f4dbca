package wire

import (
	"errors"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var discardLog = log.New(io.Discard, "", 0)

func signed(t testing.TB, key string, parts ...string) [][]byte {
	t.Helper()
	var p [][]byte
	for _, s := range parts {
		p = append(p, []byte(s))
	}
	return append([][]byte{[]byte("identity"), delimiter, newSigner(key).sign(p)}, p...)
}

const goodHeader = `{"msg_id":"1","msg_type":"execute_request","session":"s","username":"u","date":"","version":"5.3"}`

func TestMessageComesBack(t *testing.T) {
	request, err := parseMessage(signed(t, "k", goodHeader, "{}", "{}", `{"code":"1 < 2"}`), newSigner("k"))
	if err != nil {
		t.Fatal(err)
	}
	reply, err := newSession("kernel").New(request, "execute_reply", map[string]any{"text": "1 < 2 & é"})
	if err != nil {
		t.Fatal(err)
	}
	reply.Identities = request.Identities
	frames, err := reply.frames(newSigner("k"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseMessage(frames, newSigner("k"))
	if err != nil {
		t.Fatal(err)
	}
	if got.ParentID() != "1" || string(got.Parent) != goodHeader {
		t.Errorf("the parent is %s, want the request's header as it arrived", got.Parent)
	}
	if string(got.Content) != `{"text":"1 < 2 & é"}` || got.Header.Type != "execute_reply" {
		t.Errorf("got %s %s", got.Header.Type, got.Content)
	}
}

func TestSignatureOfTheJupyterProtocol(t *testing.T) {
	// From jupyter_client: Session(key=b"secret").sign([b"{}", b"{}", b"{}", b"{}"])
	const want = "34982f0bfec60e7b933ffde06c1ecab0fba073717a95ab943d1dd06f82c2d5e4"
	four := [][]byte{[]byte("{}"), []byte("{}"), []byte("{}"), []byte("{}")}
	if got := string(newSigner("secret").sign(four)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestMessagesAreDropped(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300)
	for name, frames := range map[string][][]byte{
		"no frames":              nil,
		"no delimiter":           {[]byte("a"), []byte("b")},
		"too few parts":          signed(t, "k", goodHeader, "{}", "{}"),
		"another key":            signed(t, "other", goodHeader, "{}", "{}", "{}"),
		"no signature":           append(append([][]byte{delimiter, {}}, []byte(goodHeader)), []byte("{}"), []byte("{}"), []byte("{}")),
		"a signature of garbage": append(append([][]byte{delimiter, []byte("zz")}, []byte(goodHeader)), []byte("{}"), []byte("{}"), []byte("{}")),
		"a list for a header":    signed(t, "k", "[]", "{}", "{}", "{}"),
		"malformed JSON":         signed(t, "k", goodHeader, "{}", "{}", "{"),
		"two values":             signed(t, "k", goodHeader, "{}", "{}", "{}{}"),
		"null":                   signed(t, "k", goodHeader, "{}", "{}", "null"),
		"no message ID":          signed(t, "k", `{"msg_type":"x"}`, "{}", "{}", "{}"),
		"numbers for strings":    signed(t, "k", `{"msg_id":1,"msg_type":2}`, "{}", "{}", "{}"),
		"deep nesting":           signed(t, "k", goodHeader, "{}", "{}", deep),
		"a header of megabytes":  signed(t, "k", `{"a":"`+strings.Repeat("x", 1<<20)+`"}`, "{}", "{}", "{}"),
	} {
		if m, err := parseMessage(frames, newSigner("k")); err == nil {
			t.Errorf("%s: accepted as %+v", name, m)
		}
	}
}

func TestReplayIsDropped(t *testing.T) {
	s := newSigner("k")
	frames := signed(t, "k", goodHeader, "{}", "{}", "{}")
	if _, err := parseMessage(frames, s); err != nil {
		t.Fatal(err)
	}
	if _, err := parseMessage(frames, s); !errors.Is(err, errReplayed) {
		t.Errorf("the second time: %v, want %v", err, errReplayed)
	}
	// memory of signatures is bounded, and none of the last ones is forgotten
	last := frames
	for i := range generation + 10 {
		last = signed(t, "k", goodHeader, "{}", "{}", `{"n":"`+strings.Repeat("i", i%7)+string(rune('a'+i%26))+strconv.Itoa(i)+`"}`)
		if _, err := parseMessage(last, s); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.young) + len(s.old); n > 2*generation {
		t.Errorf("%d signatures are remembered", n)
	}
	if _, err := parseMessage(last, s); !errors.Is(err, errReplayed) {
		t.Errorf("the last one again: %v", err)
	}
	if _, err := parseMessage(frames, s); !errors.Is(err, errReplayed) {
		t.Errorf("the first one again: %v", err)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(goodHeader), []byte("{}"), []byte("{}"), []byte(`{"code":"1"}`))
	f.Add([]byte(`{"msg_id":"1","msg_type":"x"}`), []byte(`{"msg_id":[]}`), []byte("{}"), []byte(`{"a":"\""}`))
	f.Fuzz(func(t *testing.T, header, parent, metadata, content []byte) {
		s := newSigner("k")
		parts := [][]byte{header, parent, metadata, content}
		m, err := parseMessage(append([][]byte{delimiter, s.sign(parts)}, parts...), s)
		if err != nil {
			return
		}
		m.ParentID()
		reply, err := newSession("kernel").New(m, "reply", map[string]any{})
		if err != nil {
			t.Fatal(err)
		}
		frames, err := reply.frames(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseMessage(frames, s); err != nil {
			t.Fatalf("a reply to it is not accepted: %v", err)
		}
	})
}

func TestConnectionFile(t *testing.T) {
	const good = `{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":"k","signature_scheme":"hmac-sha256"}`
	write := func(content string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "c.json")
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		os.Chmod(path, mode)
		return path
	}
	c, err := ReadConnection(write(good, 0o600), false)
	if err != nil || c.Key != "k" || c.Heartbeat != 5 || len(c.Warnings) != 0 {
		t.Errorf("got %+v, %v", c, err)
	}
	open := write(good, 0o644)
	if c, err = ReadConnection(open, false); err != nil || len(c.Warnings) != 1 {
		t.Errorf("a file that others can read: %+v, %v; want a warning", c, err)
	}
	if st, _ := os.Stat(open); st.Mode().Perm() != 0o600 {
		t.Errorf("its mode stays %v", st.Mode())
	}
	if c, err = ReadConnection(write(strings.Replace(good, "127.0.0.1", "0.0.0.0", 1), 0o600), false); err != nil || len(c.Warnings) != 1 {
		t.Errorf("a public address: %+v, %v; want a warning", c, err)
	}
	noKey := strings.Replace(good, `"key":"k"`, `"key":""`, 1)
	if _, err = ReadConnection(write(noKey, 0o600), false); err == nil {
		t.Error("an empty key is accepted")
	}
	if _, err = ReadConnection(write(noKey, 0o600), true); err != nil {
		t.Errorf("an empty key that was asked for: %v", err)
	}
	for _, bad := range []string{
		"", "[]", `{"key":"topsecret"`, strings.Replace(good, "tcp", "udp", 1), strings.Replace(good, `:5,`, `:0,`, 1),
		strings.Replace(good, `:5,`, `:70000,`, 1), strings.Replace(good, "sha256", "md5", 1), strings.Replace(good, "127.0.0.1", "", 1),
	} {
		if _, err := ReadConnection(write(bad, 0o600), false); err == nil {
			t.Errorf("accepted: %s", bad)
		} else if strings.Contains(err.Error(), "topsecret") {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
}
