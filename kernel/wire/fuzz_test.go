package wire

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzFrames takes frames as a stranger may send them, cut out of the bytes
// after each newline. Nothing that is not signed may be believed.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("identity\n<IDS|MSG>\nsignature\n{}\n{}\n{}\n{}"))
	f.Add([]byte("<IDS|MSG>\n<IDS|MSG>\n\n\n\n\n"))
	f.Add(bytes.Join(signed(f, "another", goodHeader, "{}", "{}", "{}"), []byte("\n")))
	f.Fuzz(func(t *testing.T, data []byte) {
		frames := bytes.Split(data, []byte("\n"))
		if m, err := parseMessage(frames, newSigner("k")); err == nil {
			t.Fatalf("believed without a signature: %+v", m)
		}
		// without a key, what is understood is well-formed
		m, err := parseMessage(frames, newSigner(""))
		if err == nil && (m.Header.ID == "" || m.Header.Type == "" || checkObject(m.Content) != nil) {
			t.Fatalf("accepted: %+v", m)
		}
	})
}

// FuzzSignature changes a signed message: no other may pass for signed.
func FuzzSignature(f *testing.F) {
	f.Add("k", []byte("{}"), []byte("{}"))
	f.Add("", []byte("{}"), []byte(""))
	f.Add("key", []byte(`{"code":"1"}`), []byte(`{"code":"2"}`))
	f.Fuzz(func(t *testing.T, key string, content, other []byte) {
		s := newSigner(key)
		signature := s.sign([][]byte{content})
		if len(key) == 0 || bytes.Equal(content, other) {
			return
		}
		if s.verify(signature, [][]byte{other}) == nil {
			t.Fatalf("the signature of %q fits %q", content, other)
		}
		if newSigner(key+"x").verify(signature, [][]byte{content}) == nil {
			t.Fatal("a signature of another key fits")
		}
		if s.verify(other, [][]byte{content}) == nil && !bytes.EqualFold(other, signature) {
			t.Fatalf("%q passes for a signature", other)
		}
	})
}

// FuzzGreeting reads what a stranger says first.
func FuzzGreeting(f *testing.F) {
	f.Add(greeting[:])
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add(append([]byte("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x00CURVE"), make([]byte, 47)...))
	f.Fuzz(func(t *testing.T, data []byte) {
		if readGreeting(bytes.NewReader(data)) == nil && (len(data) < 64 || data[0] != 0xff || data[10] < 3) {
			t.Fatalf("accepted: %q", data)
		}
	})
}

// FuzzConnection reads connection files that no server wrote. The key must
// show in no error.
func FuzzConnection(f *testing.F) {
	f.Add(`{"transport":"tcp","ip":"127.0.0.1","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":"topsecret","signature_scheme":"hmac-sha256"}`)
	f.Add(`{"transport":"ipc","ip":"/tmp/kernel","shell_port":1,"control_port":2,"stdin_port":3,"iopub_port":4,"hb_port":5,"key":""}`)
	f.Add(`{"ip":"0.0.0.0","shell_port":1e9,"key":"topsecret"`)
	f.Add(`{"key":["topsecret"]}`)
	f.Fuzz(func(t *testing.T, content string) {
		path := filepath.Join(t.TempDir(), "connection.json")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := ReadConnection(path, false)
		if err != nil {
			var held struct {
				Key string `json:"key"`
			}
			json.Unmarshal([]byte(content), &held)
			if len(held.Key) > 3 && strings.Contains(err.Error(), held.Key) && strings.Count(content, held.Key) == 1 {
				t.Fatalf("the key is told: %v", err)
			}
			return
		}
		if c.Key == "" || c.Transport != "tcp" && c.Transport != "ipc" || c.IP == "" {
			t.Fatalf("accepted: %+v", c)
		}
		for _, port := range []int{c.Shell, c.Control, c.Stdin, c.IOPub, c.Heartbeat} {
			if port < 1 || port > 65535 {
				t.Fatalf("accepted: port %d", port)
			}
			c.address(port)
		}
	})
}
