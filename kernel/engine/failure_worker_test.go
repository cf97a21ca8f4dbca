package engine

import (
	"fmt"
	ossignal "os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

func (nb *notebook) kill(signal syscall.Signal) {
	nb.t.Helper()
	if err := syscall.Kill(nb.worker.Pid(), signal); err != nil {
		nb.t.Fatal(err)
	}
}

func TestWorkerDies(t *testing.T) {
	nb := open(t)
	nb.run("import \"syscall\"\nlost := 5\nfunc f() int { return 1 }\ntype T struct{ a int }\nfunc (t T) M() int { return t.a }")
	nb.fails("fmt.Println(\"last words\")\nsyscall.Kill(os.Getpid(), syscall.SIGKILL)\nselect {}", "WorkerDied", "lost", "killed")
	nb.fails("lost", "CompileError", "undefined: lost (it was lost when the process of the cells ended; run the cell that made it again)")
	nb.prints("fmt.Print(f(), T{3}.M())", "1 3")
	nb.run("lost := \"back\"")
	nb.shows("lost", `"back"`)
	nb.kill(syscall.SIGKILL) // between two cells
	<-nb.worker.Exited()
	out := nb.run("fmt.Print(f())")
	if out.stdout != "1" || !strings.Contains(out.stderr, "died: signal: killed. It was between two cells. These variables are lost: lost.") {
		t.Errorf("prints %q, notes %q", out.stdout, out.stderr)
	}
}

// A cell that is run at the moment in which the worker dies, or is dying, runs
// on the new one.
func TestCellRightAfterTheWorkerDied(t *testing.T) {
	nb := open(t)
	nb.run("import \"syscall\"\nfunc f() int { return 1 }")
	for i, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGQUIT, syscall.SIGHUP, syscall.SIGSEGV, syscall.SIGKILL, syscall.SIGABRT, syscall.SIGKILL} {
		if ossignal.Ignored(signal) { // as nohup has it, and with it the worker
			continue
		}
		nb.run(fmt.Sprint("x := ", i))
		was := nb.worker
		nb.kill(signal)
		out := nb.run("fmt.Print(f())")
		if out.stdout == "1" && nb.worker == was { // the signal had not reached it by then
			<-was.Exited()
			out = nb.run("fmt.Print(f())")
		}
		if _, stderr := out.text(); out.stdout != "1" || strings.Count(stderr, "It was between two cells. These variables are lost: x.") != 1 {
			t.Errorf("%v: prints %q, notes %q", signal, out.stdout, stderr)
		}
	}
	nb.run("x := 1")
	nb.kill(syscall.SIGKILL)
	nb.fails("fmt.Print(x)", "CompileError", "undefined: x (it was lost")
	nb.run("x := 2")
	nb.kill(syscall.SIGKILL)
	nb.run("%cd .\nfmt.Print(1)") // commands need it, too
}

// At any moment before the cell begins it is tried again; what has begun is
// not: it prints once at most.
func TestWorkerDiesOnTheWayToTheCell(t *testing.T) {
	nb := open(t)
	retried, failed := 0, 0
	for i := range 24 {
		nb.run(fmt.Sprint("x := ", i))
		pid := nb.worker.Pid()
		time.AfterFunc(time.Duration(i*5)*time.Millisecond, func() { syscall.Kill(pid, syscall.SIGKILL) })
		out, err := nb.try("fmt.Print(7)\ntime.Sleep(20 * time.Millisecond)")
		switch {
		case err != nil && err.Name != "WorkerDied", err == nil && out.stdout != "7", len(out.stdout) > 1:
			t.Errorf("prints %q, error %v", out.stdout, err)
		case err != nil:
			failed++
		case strings.Contains(out.stderr, "It was between two cells"):
			retried++
		}
		syscall.Kill(pid, syscall.SIGKILL)
	}
	t.Logf("of 24 cells %d were run on a new process, %d failed while they ran", retried, failed)
	if retried == 0 {
		t.Error("no cell was tried again")
	}
}

// A file with values is not replaced by one without, because nobody had
// noticed yet that they are lost.
func TestSaveRightAfterTheWorkerDied(t *testing.T) {
	nb := open(t)
	file := t.TempDir() + "/saved"
	nb.run("x := 5")
	nb.run("%save " + file)
	nb.kill(syscall.SIGKILL)
	nb.fails("%save "+file, "SaveError", "nothing was saved", "is as it was")
	nb.run("%load_session " + file)
	nb.shows("x", "5")
	nb.kill(syscall.SIGKILL)
	nb.run("1 + 1")
	nb.run("%save " + file) // now everybody knows
}

// Cells that write a map at the same time may have damaged it: that ends the
// worker, as it ends a program, and no cell waits for goroutines that are gone.
func TestConcurrentMapWrites(t *testing.T) {
	nb := open(t)
	nb.run("lost := 1\nfunc kept() int { return 11 }")
	nb.fails("m := map[int]int{}\nvar wg sync.WaitGroup\nfor range 8 { wg.Go(func() { for i := range 5000000 { m[i%7] = i } }) }\nwg.Wait()",
		"WorkerDied", "concurrent map", "lost")
	nb.shows("kept()", "11")
}
