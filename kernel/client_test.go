//go:build client

package kernel_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"modelbook/kernel/prepare"
	"modelbook/kernel/prepare/testhome"
	"modelbook/kernel/toolchain"
)

// jupyter is a folder with the kernelspec of a kernel built from this
// checkout, made once for all tests here.
var jupyter = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "modelbook-client-")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "modelbook")
	if out, err := exec.Command("go", "build", "-o", program, "./cmd/modelbook").CombinedOutput(); err != nil {
		os.Stderr.Write(out)
		return dir, err
	}
	home, root, err := testhome.Path("client")
	if err != nil {
		return dir, err
	}
	if err := prepare.HomeWith(context.Background(), root, home, toolchain.Libraries(), nil); err != nil {
		return dir, err
	}
	if err := toolchain.InstallGopls(context.Background(), home); err != nil {
		return dir, err
	}
	spec := filepath.Join(dir, "kernels", "modelbook")
	if err := os.MkdirAll(spec, 0o755); err != nil {
		return dir, err
	}
	b, err := json.Marshal(map[string]any{
		"argv":         []string{program, "kernel", "--home", home, "--history", filepath.Join(dir, "history.jsonl"), "{connection_file}"},
		"display_name": "Go (modelbook)", "language": "go", "interrupt_mode": "message", "metadata": map[string]any{"debugger": true},
	})
	if err != nil {
		return dir, err
	}
	return dir, os.WriteFile(filepath.Join(spec, "kernel.json"), b, 0o644)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, _ := jupyter(); dir != "" {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// python runs a script of testdata with Debian's Python and returns the names
// of the tests that passed.
func python(t *testing.T, script string, args ...string) (passed []string) {
	t.Helper()
	dir, err := jupyter()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", append([]string{filepath.Join("testdata", script)}, args...)...)
	cmd.Env = append(os.Environ(), "JUPYTER_PATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v", script, err)
	}
	for s := bufio.NewScanner(strings.NewReader(string(out))); s.Scan(); {
		if f := strings.Fields(s.Text()); len(f) > 1 && f[0] == "ok" {
			passed = append(passed, f[1])
		}
	}
	t.Logf("%s", out)
	return passed
}

// The kernel through a real client: testdata/client.py drives it with
// Debian's jupyter_client, as a notebook server would.
func TestClientProtocol(t *testing.T) {
	if passed := python(t, "client.py"); len(passed) < 35 {
		t.Errorf("%d claims hold, want 35 or more", len(passed))
	}
}

// What goes wrong in the world of a kernel, seen from a client.
func TestClientFaults(t *testing.T) {
	if passed := python(t, "faults.py"); len(passed) < 19 {
		t.Errorf("%d claims hold, want 19 or more", len(passed))
	}
}

// The suite that Jupyter offers to all kernels.
func TestClientKernelTestSuite(t *testing.T) {
	if passed := python(t, "suite.py"); len(passed) < 10 {
		t.Errorf("%v hold, want 10 or more", passed)
	}
}

// Completion and inspection as a notebook asks for them.
func TestClientCompletion(t *testing.T) {
	if passed := python(t, "assist.py"); len(passed) < 6 {
		t.Errorf("%v hold, want 6 or more", passed)
	}
}

// Other front ends than jupyter_client alone.
func TestClientFrontEnds(t *testing.T) {
	if passed := python(t, "clients.py"); len(passed) < 2 {
		t.Errorf("%v hold, want 2 or more", passed)
	}
}

// Widgets, as a front end's widget manager sees them.
func TestClientWidgets(t *testing.T) {
	if passed := python(t, "widgets.py"); len(passed) < 7 {
		t.Errorf("%v hold, want 7", passed)
	}
}

// Cells of several shells at the same time.
func TestClientSubshells(t *testing.T) {
	if passed := python(t, "subshell.py"); len(passed) < 8 {
		t.Errorf("%v hold, want 8", passed)
	}
}

// Programs of several ranks, over MPI.
func TestClientRanks(t *testing.T) {
	if passed := python(t, "ranks.py"); len(passed) < 4 {
		t.Errorf("%v hold, want 4", passed)
	}
}

// What an idle kernel costs. -v shows the numbers.
func TestClientIdle(t *testing.T) {
	if passed := python(t, "idle.py"); len(passed) < 2 {
		t.Errorf("%v hold, want 2", passed)
	}
}
