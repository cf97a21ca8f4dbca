package mpi

import (
	"encoding/base64"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/output"
)

// imports are the packages of a cell.
func imports(name string) string {
	return map[string]string{"context": "context", "train": "modelbook/dl/train", "t": "modelbook/dl/train", "nn": "modelbook/dl/nn", "tune": "modelbook/dl/tune"}[name]
}

func TestFunctions(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"func fit(ctx context.Context, trainer *train.Trainer) error { return nil }", "err = fit(CTX, trainer)"},
		{"func fit(a, b *t.Trainer, r t.Ranks) (h *t.History, err error) {\n\treturn\n}", "_, err = fit(a, b, RANKS)"},
		{"func fit() {}", "fit()"},
		{"func search(ranks tune.Ranks) (int, error) { return 0, nil }", "_, err = search(RANKS)"},
		{"func fit(*train.Trainer) int { return 1 }", "name the variable of type *train.Trainer that fit is to train: %mpirun fit trainer"},
		{"func fit(model *nn.Network) {}", "ranks cannot call fit: it has a parameter of type *nn.Network. It may have a context.Context, a train.Ranks or tune.Ranks, and variables of type *train.Trainer: " + Form},
		{"func fit(more ...train.Trainer) {}", "ranks cannot call fit: it has a parameter of type ...train.Trainer. It may have a context.Context, a train.Ranks or tune.Ranks, and variables of type *train.Trainer: " + Form},
		{"func fit[T any](x T) {}", "it is no function without type parameters: write " + Form},
	} {
		f, err := ParseFunction(test.text, imports)
		var names []string
		if err == nil {
			names, err = f.Bind(nil)
		}
		got := fmt.Sprint(err)
		if err == nil {
			got = f.Error(f.Call("CTX", "RANKS", names))
		}
		if got != test.want {
			t.Errorf("%s\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
	f, _ := ParseFunction("func fit(*train.Trainer) {}", imports)
	if names, err := f.Bind([]string{"mine"}); err != nil || f.Call("", "", names) != "fit(mine)" {
		t.Errorf("%v %v", names, err)
	}
	if _, err := f.Bind([]string{"a", "b"}); fmt.Sprint(err) != "fit takes 1 variables of type *train.Trainer, and 2 are named: a, b" {
		t.Error(err)
	}
	if !IsTrainer("*p1.Trainer", map[string]string{"p1": "modelbook/dl/train"}) || IsTrainer("*train.Trainer", nil) || IsTrainer("int", nil) {
		t.Error("types are mistaken")
	}
}

func TestTheMainFunctionIsGo(t *testing.T) {
	f, err := ParseFunction("func fit(ctx context.Context, trainer *train.Trainer) error { return nil }", imports)
	if err != nil {
		t.Fatal(err)
	}
	p := Program{Function: f, Trainers: []string{"mine"}, Dir: "/tmp/x y", Figures: true}
	files, err := p.Files()
	if err != nil || len(files) != 2 {
		t.Fatal(len(files), err)
	}
	for name, text := range files {
		if _, err := parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	for _, want := range []string{`{"mine", "/tmp/x y/mine.before", "/tmp/x y/mine.after", mine},`, "err = fit(mpirunCtx, mine)\n"} {
		if !strings.Contains(files["mpirun_main.go"], want) {
			t.Errorf("%s lacks %s", files["mpirun_main.go"], want)
		}
	}
}

func TestLaunches(t *testing.T) {
	root := ""
	if os.Geteuid() == 0 {
		root = "--allow-run-as-root "
	}
	for _, test := range []struct {
		l    Launch
		want string
	}{
		{Launch{}, "mpirun --bind-to none " + root + "./p"},
		{Launch{Ranks: 4}, "mpirun --bind-to none " + root + "-n 4 --oversubscribe ./p"},
		{Launch{Ranks: 4, Hosts: "a:2,b:2"}, "mpirun --bind-to none " + root + "-n 4 --host a:2,b:2 ./p"},
		{Launch{Ranks: 4, Hosts: "a:2,b:2", Slurm: true}, "srun --mpi=pmix --kill-on-bad-exit=1 --ntasks=4 --nodelist=a,b ./p"},
	} {
		if got := strings.Join(test.l.Command("./p"), " "); got != test.want {
			t.Errorf("%s\nwant %s", got, test.want)
		}
	}
	if err := (Launch{}).Check(func(string) string { return "/usr/nothing" }); err == nil || !strings.Contains(err.Error(), "apt-get install libopenmpi-dev") {
		t.Error(err)
	}
}

// cell keeps what a cell shows, text that follows text in one piece.
type cell struct {
	output.Sink
	shown []string
	last  string // the stream that came last
}

func (c *cell) Stream(name, text string) {
	if name == c.last {
		c.shown[len(c.shown)-1] += text
	} else {
		c.shown = append(c.shown, name+" "+text)
	}
	c.last = name
}

func (c *cell) Display(d output.Display) {
	c.shown = append(c.shown, fmt.Sprint("display ", d.Data["text/plain"], " ", d.ID, " ", d.Update))
	c.last = ""
}

func message(json string) string {
	return firstMark + base64.StdEncoding.EncodeToString([]byte(json)) + lastMark
}

// place puts cells for files.
func place(text string) string {
	return strings.NewReplacer("/tmp/x/d1.go:5", "cell[1]:5", "/tmp/x/d2.go:7", "cell[2]:7").Replace(text)
}

// read gives a Reader text of a stream in pieces of a size, after what rank 0 says first.
func read(stream, text string, size int) (*Reader, []string) {
	c := &cell{}
	r := &Reader{Sink: c, Place: place}
	r.Stream("stdout", message(`{"Ranks": ["rank 0 on a", "rank 1 on b", "rank 2 on b"]}`))
	for i := 0; i < len(text); i += size {
		r.Stream(stream, text[i:min(i+size, len(text))])
	}
	r.End()
	return r, c.shown
}

func TestMessagesOfRank0(t *testing.T) {
	text := "one\ntwo \x1b[1m\r" + message(`{"Data": {"text/plain": "x"}, "ID": "i"}`) + message(`{"Data": {"text/plain": "y"}, "ID": "i"}`) + "three \x1b" + message("no JSON")
	want := []string{"stdout one\ntwo \x1b[1m\r", "display x i false", "display y i true", "stdout three \x1b",
		"stderr note: something that rank 0 shows is lost: invalid character 'o' in literal null (expecting 'u')\n"}
	for _, size := range []int{len(text), 1, 7} {
		if _, got := read("stdout", text, size); !slices.Equal(got, want) {
			t.Errorf("pieces of %d bytes: %q\nwant %q", size, got, want)
		}
	}
}

const line = "--------------------------------------------------------------------------\n"

func TestFaultsNameRankAndHost(t *testing.T) {
	for _, test := range []struct{ text, shown, fault string }{
		{"warning: /tmp/x/d1.go:5\nhalf", "warning: cell[1]:5\nhalf", ""},
		{"dist: rank 1 on b: panic: out of paper\ngoroutine 1 [running]:\nruntime/debug.Stack()\n\t/go/debug/stack.go:26 +0x5e\nmain.broken(...)\n\t/tmp/x/d2.go:7\nmain.main.func1(0x1)\n\t/tmp/x/d1.go:5 +0x1d\n" +
			line + "MPI_ABORT was invoked on rank 1 in communicator MPI_COMM_WORLD\nwith errorcode 1.\n" + line + "[b:77] 1 more process has sent help message\n", "",
			"rank 1 on b: panic: out of paper|cell[2]:7, in broken|cell[1]:5, in main.func1"},
		{"dist: rank 0 on a: train: no data\nat all\n", "", "rank 0 on a: train: no data|at all"},
		{"said before\n" + line + "Primary job  terminated normally, but 1 process returned\na non-zero exit code. Per user-direction, the job has been aborted.\n" + line + line +
			"mpirun noticed that process rank 1 with PID 0 on node b exited on signal 9 (Killed).\n" + line, "said before\n", "rank 1 on b ended with signal 9 (Killed), as a process does for which there is not enough memory"},
		{line + "mpirun detected that one or more processes exited with non-zero status, thus causing\nthe job to be terminated. The first process to do so was:\n\n  Process name: [[20441,1],2]\n  Exit code:    3\n" + line,
			"", "rank 2 on b ended with exit status 3"},
		{"prterun noticed that process rank 1 with PID 12 on node b exited on signal 11 (Segmentation fault).\n", "", "rank 1 on b ended with signal 11 (Segmentation fault)"},
		{"   Process name: [prterun-a-99@1,1]\n", "   Process name: [prterun-a-99@1,1]\n", ""},
		{line + "   Process name: [prterun-a-99@1,1]\n   Exit code:    2\n" + line, "", "rank 1 on b ended with exit status 2"},
		{"srun: error: node7: task 3: Out Of Memory\nslurmstepd: error: *** STEP 5.0 ON node7 CANCELLED\n", "", "rank 3 on node7: Out Of Memory"},
		{"ssh: no such host\n" + line + "There are not enough slots available in the system to satisfy the 64\nslots that were requested by the application:\n\n  ./p\n\nEither request fewer.\n" + line, "ssh: no such host\n",
			"There are not enough slots available in the system to satisfy the 64 slots that were requested by the application:|  ./p||Either request fewer."},
	} {
		for _, size := range []int{len(test.text), 1, 10} {
			r, shown := read("stderr", test.text, size)
			fault, more := r.Fault()
			all := strings.TrimPrefix(strings.Join(shown, ""), "stderr ")
			// A line that is not complete is handed on before its place in a cell is known.
			if size < len(test.text) {
				all = place(all)
			}
			if got := strings.Join(append([]string{fault}, more...), "|"); got != test.fault || all != test.shown {
				t.Errorf("pieces of %d bytes of\n%s\nshown %q, want %q\nfault %q\nwant  %q", size, test.text, all, test.shown, got, test.fault)
			}
		}
	}
}
