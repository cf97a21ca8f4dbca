package worker

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"modelbook/kernel/worker/control"
)

// program is the worker, built once for all tests here.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "modelbook-worker-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "worker")
	out, err := exec.Command("go", "build", "-o", path, "modelbook/kernel/cmd/modelbook-worker").CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
	}
	return path, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

type collect struct {
	mu   sync.Mutex
	text string
}

func (c *collect) Output(stream, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text += stream[3:] + ":" + text + "|"
}
func (c *collect) Event(control.Event) {}

func startWorker(t *testing.T, h Handler) *Worker {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	w, err := Start(Options{Path: path, Dir: t.TempDir(), Env: append(os.Environ(), "A=b"), Handler: h})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func gone(t *testing.T, w *Worker) {
	t.Helper()
	select {
	case <-w.Exited():
	case <-time.After(5 * time.Second):
		t.Fatal("the worker lives on")
	}
}

func TestWorkerEndsWithItsKernel(t *testing.T) {
	w := startWorker(t, &collect{})
	w.file.Close() // what the death of the kernel does
	gone(t, w)
}

func TestDeathIsReported(t *testing.T) {
	w := startWorker(t, &collect{})
	syscall.Kill(w.Pid(), syscall.SIGKILL)
	gone(t, w)
	if _, err := w.Vars(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v, want one that says killed", err)
	}
}

func TestOpenOfNoPlugin(t *testing.T) {
	w := startWorker(t, &collect{})
	if err := w.Open(1, filepath.Join(t.TempDir(), "none.so"), nil); err == nil {
		t.Error("no error")
	}
	if _, err := w.Vars(); err != nil {
		t.Errorf("after a failed open: %v", err)
	}
}

func TestInterruptOfNothing(t *testing.T) {
	w := startWorker(t, &collect{})
	w.Interrupt(1)
	if err := w.Chdir("/"); err != nil {
		t.Error(err)
	}
	if err := w.Chdir("/no/such/folder"); err == nil {
		t.Error("no error for a folder that is not there")
	}
	if err := w.Setenv("X", "1"); err != nil {
		t.Error(err)
	}
}

func TestStartOfNoProgram(t *testing.T) {
	if _, err := Start(Options{Path: "/no/such/program", Handler: &collect{}}); err == nil {
		t.Error("no error")
	}
}
