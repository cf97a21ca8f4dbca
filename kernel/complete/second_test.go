package complete

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/toolchain"
)

// pinned is the gopls that modelbook installs, built once a machine.
var pinned = sync.OnceValues(func() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "modelbook-test", "gopls")
	return toolchain.Gopls(home), toolchain.InstallGopls(context.Background(), home)
})

// withGopls gives a completer a gopls, with a module like that of a session.
func withGopls(t testing.TB, c *Completer, path string) {
	t.Helper()
	module := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(c.cfg.Source, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(c.cfg.Source, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(mod), "\nrequire")
	text := fmt.Sprintf("module session\n\ngo %s\n\nrequire modelbook v0.0.0\n\nreplace modelbook => %s\n\nrequire%s",
		regexp.MustCompile(`1\.\d+`).FindString(runtime.Version()), c.cfg.Source, requires) // as in a home of this release
	if err := os.WriteFile(filepath.Join(module, "go.mod"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "go.sum"), sum, 0o600); err != nil {
		t.Fatal(err)
	}
	c.module = module
	c.second = newSecond(Gopls{Path: path, Dir: t.TempDir(), Logf: t.Logf,
		Env: append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local")})
	t.Cleanup(func() { c.Close() })
}

// patiently asks until gopls has started.
func patiently(t *testing.T, ask func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ask(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no answer")
		}
	}
}

func TestGopls(t *testing.T) {
	path, err := pinned()
	if err != nil {
		t.Fatal(err)
	}
	c := opened(t, earlier...)
	withGopls(t, c, path)

	// What only gopls knows: a package that is not compiled yet.
	for _, test := range []struct{ code, want string }{
		{"import \"net/smtp\"\nsmtp.Send¦", "SendMail"},
		{"import \"net/smtp\"\nconn, err := smtp.Dial(\"x\")\ns := \"🎉\"; conn.Qu¦", "Quit"},
		{"import \"net/smtp\"\nfunc f(c *smtp.Client, p point) {\n\tc.Ma¦\n}", "Mail"},
	} {
		code, at := cursor(t, test.code)
		var got Completions
		patiently(t, func() bool { got = c.Complete(code, at); return len(got.Matches) > 0 })
		if !slices.ContainsFunc(got.Matches, func(m Match) bool { return m.Text == test.want && m.Type == kindFunction }) {
			t.Errorf("%s: %+v", test.code, got)
		}
		runes := []rune(code)
		if r := string(runes[got.Start:got.End]); !strings.HasPrefix(test.want, r) || r == "" {
			t.Errorf("%s: replaces %q", test.code, r)
		}
	}
	code, at := cursor(t, "import \"net/smtp\"\nsmtp.SendMail(¦)")
	var page Page
	patiently(t, func() (ok bool) { page, ok = c.Inspect(code, at, false, nil); return ok })
	if !strings.Contains(page.Plain, "func smtp.SendMail(addr string") || !strings.Contains(page.HTML, "<pre>") || !strings.Contains(page.Markdown, "```go") || !strings.Contains(page.Plain, "SendMail connects to the server") {
		t.Errorf("got %+v", page)
	}

	// It sees the session as one package, as the first answer does.
	for _, test := range []struct{ code, want string }{
		{"xs[0].¦", ""}, {"poin¦", "points"}, {"p.No¦", "Norm"}, {"points[0].¦", "hidden"}, {"q.¦", "Name"}, {"mea¦", "mean"}, {"model.For¦", "Forward"},
		{"nn.Dense{Un¦", "Units"}, {"plotting.Cur¦", "Curves"}, {"l.First().No¦", "Norm"},
	} {
		code, at := cursor(t, test.code)
		start, end := identifier(code, at)
		patiently(t, func() bool {
			matches, _, _ := c.second.complete(c.sketch(cell.Draft{Go: code}, start, end), code, start, at, end)
			return test.want == "" || slices.ContainsFunc(matches, func(m Match) bool { return m.Text == test.want })
		})
	}
	for code, want := range map[string]string{"mean¦(xs)": "mean is the sum by the number.", "dl.Randn¦": "Randn", "model¦": "*nn.Model"} {
		text, at := cursor(t, code)
		start, end := identifier(text, at)
		patiently(t, func() bool {
			page, ok := c.second.describe(c.sketch(cell.Draft{Go: text}, start, end))
			return ok && strings.Contains(page.Markdown, want)
		})
	}

	// It is killed, and nobody notices but for a moment.
	pid := c.second.server.Pid()
	syscall.Kill(pid, syscall.SIGKILL)
	code, at = cursor(t, "import \"net/smtp\"\nsmtp.Send¦")
	patiently(t, func() bool { return len(c.Complete(code, at).Matches) > 0 })
	if again := c.second.server.Pid(); again == pid || again == 0 {
		t.Errorf("process %d after %d", again, pid)
	}

	// It comes to rest when nobody asks.
	for end := time.Now().Add(time.Minute); ; {
		before := ticks(t, c.second.server.Pid())
		time.Sleep(time.Second)
		if ticks(t, c.second.server.Pid())-before <= 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("gopls is at work a minute after the last question")
		}
	}
	pid = c.second.server.Pid()
	c.Close()
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		t.Error("it outlives its completer")
	}
}

// ticks is the processor time that a process has used, in hundredths of a
// second.
func ticks(t *testing.T, pid int) (n int) {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	var user, system int
	fmt.Sscan(f[11], &user)
	fmt.Sscan(f[12], &system)
	return user + system
}

// Without a gopls, or with one that is no use, the rest works.
func TestUselessGopls(t *testing.T) {
	for _, path := range []string{"/nowhere/gopls", "/bin/false", "/bin/cat"} {
		c := opened(t, earlier...)
		withGopls(t, c, path)
		code, at := cursor(t, "import \"net/smtp\"\nsmtp.Send¦")
		for range 3 {
			if got := c.Complete(code, at); len(got.Matches) > 0 {
				t.Errorf("%s: %v", path, got)
			}
		}
		if got := c.Complete("p.N", 3); texts(got) != "Norm" {
			t.Errorf("%s: %v", path, got)
		}
	}
}
