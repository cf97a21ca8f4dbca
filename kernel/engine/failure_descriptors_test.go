package engine

import (
	"strings"
	"testing"
)

// Cells that close what is not theirs.
func TestClosedDescriptors(t *testing.T) {
	nb := open(t)
	nb.run("import \"syscall\"\nkept := 1\nsyscall.Close(0)\nsyscall.Close(1)\nsyscall.Close(2)")
	for _, closing := range []string{"", "os.Stdout.Close()\nos.Stdin.Close()", "os.Stderr.Close()", "os.Stdout.Close()\nother, err := os.Open(\"/dev/null\")"} {
		nb.run(closing)
		out := nb.run("fmt.Print(kept)\nlog.Print(\"logged\")\n_, err := os.Stdin.Stat()\nfmt.Print(err)")
		if out.stdout != "1<nil>" || !strings.Contains(out.stderr, "logged") || closing != "" && !strings.Contains(out.stderr, "a standard stream was closed") {
			t.Errorf("%q: prints %q, %q", closing, out.stdout, out.stderr)
		}
	}
	nb.shows("kept", "1")
	nb.fails("for fd := range 1000 { syscall.Close(fd) }\nselect {}", "WorkerDied", "lost: ", "kept")
	nb.shows("1 + 1", "2")
}

// Files that are never closed: the cell that closes them can still be loaded.
func TestTooManyOpenFiles(t *testing.T) {
	nb := open(t)
	nb.run("import \"syscall\"\nkept := 1\nvar limit syscall.Rlimit\nsyscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)\nlimit.Cur = 300\nsyscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)")
	nb.prints("var files []*os.File\nfor {\n\tf, err := os.Open(\"/dev/null\")\n\tif err != nil { fmt.Print(errors.Is(err, syscall.EMFILE)); break }\n\tfiles = append(files, f)\n}", "true")
	nb.shows("kept", "1")
	nb.run("for _, f := range files { f.Close() }")
	nb.prints("f, err := os.Open(\"/dev/null\")\nfmt.Print(err, kept)", "<nil> 1")
}

// A process that was stopped goes on when it is interrupted.
func TestInterruptOfAStoppedProcess(t *testing.T) {
	nb := alone(t)
	nb.run("import \"syscall\"\nkept := 1")
	_, err, _ := nb.interrupted("syscall.Kill(os.Getpid(), syscall.SIGSTOP)\nfor {}")
	if err == nil || err.Name != "Interrupted" {
		t.Errorf("error %v, want Interrupted", err)
	}
	nb.shows("kept", "1")
}
