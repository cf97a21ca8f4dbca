package gopls

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

// The test program is its own language server: MODELBOOK_FAKE_GOPLS says how
// it behaves.
func TestMain(m *testing.M) {
	if how := os.Getenv("MODELBOOK_FAKE_GOPLS"); how != "" {
		fake(how)
		return
	}
	os.Exit(m.Run())
}

// fake answers until its input ends.
func fake(how string) {
	switch how {
	case "exits":
		os.Exit(3)
	case "garbage":
		fmt.Println("this is no server\nat: all\n\n{}")
		io.Copy(io.Discard, os.Stdin)
		return
	case "mute":
		io.Copy(io.Discard, os.Stdin)
		return
	}
	if how == "child" { // as gopls runs go commands
		c := exec.Command("sleep", "1000")
		c.Start()
		os.WriteFile(os.Getenv("MODELBOOK_FAKE_PID"), fmt.Append(nil, c.Process.Pid), 0o600)
	}
	r := bufio.NewReader(os.Stdin)
	asked := 0
	for {
		frame, err := readFrame(r)
		if err != nil {
			return
		}
		var m struct {
			ID     *int
			Method string
		}
		json.Unmarshal(frame, &m)
		if m.ID == nil {
			continue
		}
		result := "null"
		switch m.Method {
		case "initialize":
			result = "{}"
			writeFrame(os.Stdout, []byte(`{"jsonrpc":"2.0","id":"s1","method":"workspace/configuration","params":{"items":[{},{}]}}`))
		case "textDocument/completion":
			asked++
			switch how {
			case "slow":
				continue
			case "crashes":
				if asked > 1 {
					os.Exit(2)
				}
			}
			result = `{"items":[{"label":"Split","kind":3,"detail":"func()","textEdit":{"newText":"Split","range":{"start":{"line":0,"character":1},"end":{"line":0,"character":2}}}}]}`
		case "textDocument/hover":
			result = `{"contents":{"kind":"markdown","value":"hello"}}`
		case "textDocument/signatureHelp":
			result = `{"signatures":[{"label":"f(x int)","documentation":{"kind":"markdown","value":"f is."}}]}`
		}
		writeFrame(os.Stdout, fmt.Appendf(nil, `{"jsonrpc":"2.0","id":%d,"result":%s}`, *m.ID, result))
	}
}

func start(t *testing.T, how string, env ...string) *Server {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{Path: self, Dir: t.TempDir(), Env: append(append(os.Environ(), "MODELBOOK_FAKE_GOPLS="+how), env...), Logf: t.Logf})
	t.Cleanup(func() { s.Close() })
	return s
}

// show shows a file as soon as the server is ready.
func show(t *testing.T, s *Server, text string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		err := s.Show(map[string]string{"a.go": text})
		if !errors.Is(err, ErrNotReady) {
			return err
		}
		if err := s.Wait(ctx); err != nil {
			return err
		}
	}
}

func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z")
}

func ends(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d goes on", pid)
		}
	}
}

func TestQuestions(t *testing.T) {
	s := start(t, "well")
	if err := s.Show(map[string]string{"a.go": "x"}); !errors.Is(err, ErrNotReady) {
		t.Errorf("at once: %v", err)
	}
	text := "é🎉xyz"
	if err := show(t, s, text); err != nil {
		t.Fatal(err)
	}
	items, err := s.Complete(t.Context(), "a.go", text, 3)
	if err != nil || len(items) != 1 || items[0].Text != "Split" || items[0].From != 2 || items[0].To != 6 {
		t.Errorf("got %+v, %v", items, err)
	}
	if got, err := s.Hover(t.Context(), "a.go", text, 3); got != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if label, doc, err := s.Signature(t.Context(), "a.go", text, 3); label != "f(x int)" || doc != "f is." || err != nil {
		t.Errorf("got %q, %q, %v", label, doc, err)
	}
	pid := s.Pid()
	if n, err := syscall.Getpriority(syscall.PRIO_PROCESS, pid); err != nil || 20-n < niceness {
		t.Errorf("its priority is %d, %v", 20-n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	ends(t, pid)
	if err := s.Show(nil); !errors.Is(err, ErrUnavailable) {
		t.Errorf("of a closed one: %v", err)
	}
}

func TestKilledGoplsIsStartedAgain(t *testing.T) {
	s := start(t, "well")
	if err := show(t, s, "abc"); err != nil {
		t.Fatal(err)
	}
	pid := s.Pid()
	syscall.Kill(pid, syscall.SIGKILL)
	ends(t, pid)
	for end := time.Now().Add(10 * time.Second); ; { // until its end is noticed
		err := show(t, s, "abc")
		var items []Item
		if err == nil {
			items, err = s.Complete(t.Context(), "a.go", "abc", 1)
		}
		if err == nil && len(items) == 1 && s.Pid() != pid {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got %v, %v", items, err)
		}
	}
}

func TestCrashWhileAsked(t *testing.T) {
	s := start(t, "crashes")
	for range 2 {
		if err := show(t, s, "abc"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Complete(t.Context(), "a.go", "abc", 1); err != nil {
			t.Errorf("the first question: %v", err)
		}
		if _, err := s.Complete(t.Context(), "a.go", "abc", 1); !errors.Is(err, errGone) {
			t.Errorf("the question it crashes at: %v", err)
		}
		ends(t, s.Pid())
	}
}

func TestSlowAnswer(t *testing.T) {
	s := start(t, "slow")
	if err := show(t, s, "abc"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Complete(ctx, "a.go", "abc", 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got, err := s.Hover(t.Context(), "a.go", "abc", 1); got != "hello" || err != nil {
		t.Errorf("the next question: %q, %v", got, err)
	}
}

func TestUselessServersAreGivenUp(t *testing.T) {
	for _, how := range []string{"exits", "garbage"} {
		t.Run(how, func(t *testing.T) {
			s := start(t, how)
			for end := time.Now().Add(20 * time.Second); ; {
				err := show(t, s, "abc")
				if errors.Is(err, ErrUnavailable) {
					break
				}
				if err == nil || time.Now().After(end) {
					t.Fatalf("got %v", err)
				}
			}
			if err := s.Start(); !errors.Is(err, ErrUnavailable) {
				t.Errorf("after many attempts: %v", err)
			}
		})
	}
	s := New(Config{Path: "/nowhere/gopls", Dir: t.TempDir()})
	if err := s.Start(); !errors.Is(err, ErrUnavailable) {
		t.Errorf("no program: %v", err)
	}
	mute := start(t, "mute")
	mute.Start()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := mute.Wait(ctx); !errors.Is(err, ErrNotReady) {
		t.Errorf("one that does not answer: %v", err)
	}
	pid := mute.Pid()
	mute.Close()
	ends(t, pid)
}

func TestChildrenEndWithGopls(t *testing.T) {
	file := t.TempDir() + "/pid"
	s := start(t, "child", "MODELBOOK_FAKE_PID="+file)
	if err := show(t, s, "abc"); err != nil {
		t.Fatal(err)
	}
	var child int
	b, _ := os.ReadFile(file)
	fmt.Sscan(string(b), &child)
	if !alive(child) {
		t.Fatalf("no child %d", child)
	}
	syscall.Kill(s.Pid(), syscall.SIGKILL)
	ends(t, child)
}

func TestFrames(t *testing.T) {
	for _, test := range []struct {
		in, want string
		err      error
	}{
		{"Content-Length: 2\r\n\r\n{}", "{}", nil},
		{"content-length:2\nContent-Type: x; charset=utf-8\n\n{}rest", "{}", nil},
		{"", "", io.EOF},
		{"Content-Length: 3\r\n\r\n{}", "", io.ErrUnexpectedEOF},
		{"Content-Length: 2", "", io.ErrUnexpectedEOF},
		{"\r\n{}", "", errFrame},
		{"Content-Length: -1\r\n\r\n", "", errFrame},
		{"Content-Length: 99999999999\r\n\r\n", "", errFrame},
		{"Content-Length: 60000000\r\n\r\n{}", "", io.ErrUnexpectedEOF},
		{"nonsense\r\n\r\n", "", errFrame},
		{strings.Repeat("a: b\r\n", 2000), "", errFrame},
		{strings.Repeat("a", 10000), "", errFrame},
	} {
		got, err := readFrame(bufio.NewReader(strings.NewReader(test.in)))
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%.40q: %q, %v, want %q, %v", test.in, got, err, test.want, test.err)
		}
	}
}

func FuzzReadFrame(f *testing.F) {
	for _, s := range []string{"Content-Length: 2\r\n\r\n{}", "Content-Length: 2\r\n\r\n{", "Content-Length: 1\nContent-Length: 2\n\n{}", ":\n\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := bufio.NewReader(bytes.NewReader(in))
		for {
			frame, err := readFrame(r)
			if err != nil {
				return
			}
			var out bytes.Buffer
			writeFrame(&out, frame)
			if again, err := readFrame(bufio.NewReader(&out)); err != nil || !bytes.Equal(again, frame) {
				t.Fatalf("%q is read as %q, %v", frame, again, err)
			}
		}
	})
}

// FuzzConn feeds a connection any bytes of a server.
func FuzzConn(f *testing.F) {
	f.Add([]byte("Content-Length: 38\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}"))
	f.Add([]byte("Content-Length: 24\r\n\r\n{\"id\":\"x\",\"method\":\"ask\"}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		c := newConn(bytes.NewReader(in), io.Discard, func(string, json.RawMessage) any { return nil })
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		c.call(ctx, "question", nil, nil)
		<-c.closed
	})
}

func TestPositions(t *testing.T) {
	text := "a\né🎉b\n世"
	for at, want := range map[int]Position{0: {0, 0}, 1: {0, 1}, 2: {1, 0}, 4: {1, 1}, 8: {1, 3}, 9: {1, 4}, 10: {2, 0}, 13: {2, 1}} {
		if got := position(text, at); got != want {
			t.Errorf("offset %d is %v, want %v", at, got, want)
		}
		if got := offset(text, want); got != at {
			t.Errorf("%v is offset %d, want %d", want, got, at)
		}
	}
	for p, want := range map[Position]int{{9, 9}: len(text), {0, 9}: 1, {1, 2}: 8} { // beyond the text, inside a pair
		if got := offset(text, p); got != want {
			t.Errorf("%v is offset %d, want %d", p, got, want)
		}
	}
}

func FuzzPositions(f *testing.F) {
	f.Add("a\né🎉b\n世", 3, 1, 2)
	f.Fuzz(func(t *testing.T, text string, at, line, character int) {
		if !utf8.ValidString(text) {
			return
		}
		if got := offset(text, Position{line % 1000, character % 1000}); got < 0 || got > len(text) {
			t.Fatalf("offset %d", got)
		}
		n := 0
		for i := range text {
			if n++; n > at%50+50 {
				break
			}
			if got := offset(text, position(text, i)); got != i {
				t.Fatalf("offset %d becomes %d", i, got)
			}
		}
	})
}
