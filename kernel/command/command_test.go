package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/output"
)

func TestCommandOutput(t *testing.T) {
	h := newFakeHost(t)
	sub := filepath.Join(h.dir, "a b")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Dir(h.dir)
	h.decls = []Declaration{{"func", "f", "func f(a []string) int { return 1 }", "cell[2]"}, {"method", "T.M", "func (t T) M() {", "cell[2]"}, {"import", "fmt", "fmt", ""}, {"const", "C", "const C = 1", "cell[1]"}, {"type", "T", "type T struct {", "cell[1]"}, {"var", "v", "[]int", ""}}
	h.vars = []Variable{{"y", "[]float64", "[1 2]", 2048, "2"}, {"x", "int", "3", 0, ""}}
	for _, test := range []struct{ name, code, stdout, shown string }{
		{"directory", "%cd", fmt.Sprintf("Current directory: %q\n", h.dir), ""},
		{"change it, quoted and relative", `%cd "a b"`, fmt.Sprintf("Changed directory to %q\n", sub), ""},
		{"a shell starts there", "!pwd", sub + "\n", ""},
		{"GONB_DIR says so", "!echo $GONB_DIR", sub + "\n", ""},
		{"and back home", "%cd ~", fmt.Sprintf("Changed directory to %q\n", home), ""},
		{"to where it was", "%cd -", fmt.Sprintf("Changed directory to %q\n", sub), ""},
		{"by a variable", "%cd $HOME", fmt.Sprintf("Changed directory to %q\n", home), ""},
		{"the module's folder", "!*pwd", h.module + "\n", ""},
		{"set a variable", "%env A=1 2", "Set: A=\"1 2\"\n", ""},
		{"set it in two words", "%env B \"x y\"", "Set: B=\"x y\"\n", ""},
		{"show it", "%env A", "A=\"1 2\"\n", ""},
		{"a shell sees it", "!echo $A-$B", "1 2-x y\n", ""},
		{"commands run in order", "!echo 1\n!echo 2\n%env C 3\n!echo $C", "1\n2\nSet: C=\"3\"\n3\n", ""},
		{"a continued command", "!echo a \\\n  b", "a b\n", ""},
		{"declarations", "%ls", "", "Imports:\n  fmt \"fmt\"\nConstants:\n  C = 1  // cell[1]\nTypes:\n  T struct { …  // cell[1]\nVariables:\n  v []int\nFunctions:\n  func f(a []string) int  // cell[2]\nMethods:\n  func (t T) M()  // cell[2]"},
		{"names of variables", "%who", "x\ty\n", ""},
		{"those of a type", "%who int", "x\n", ""},
		{"no such type", "%whos string", "There are no variables of type string.\n", ""},
		{"variables", "%whos", "", "name  type       shape  size     value\nx     int                        3\ny     []float64  2      2.0 KiB  [1 2]"},
		{"the directory alone", "%pwd", home + "\n", ""},
		{"back to the cells", "%cd " + h.dir, fmt.Sprintf("Changed directory to %q\n", h.dir), ""},
		{"earlier cells", "%history", "x := 1\nx\n!ls\n", ""},
		{"with numbers", "%history -n 3", "  3: x\n     !ls\n", ""},
		{"some of them", "%hist 1-2", "x := 1\n", ""},
		{"flags of go build", "%goflags -gcflags=-m", "%goflags=[\"-gcflags=-m\"]\n", ""},
		{"are shown", "%goflags", "%goflags=[\"-gcflags=-m\"]\n", ""},
		{"and taken back", `%goflags ""`, "%goflags=[]\n", ""},
		{"track", "%track sub", "\tTracking \"sub\"\n", ""},
		{"untrack", "%untrack /a/b/...", "\tUntracked \"/a/b/...\"\n", ""},
		{"what is tracked", "%track", "", "List of files/directories being tracked:\n  /a\n  /b&c"},
		{"go.work", "%goworkfix", "\t- Added replace rule for module \"m.org/a\" to local directory \"/a\".\n\t- Replace rule for module \"m.org/b\" to local directory \"/b\" already exists.\n", ""},
		{"a Go file", "%%file a.go\npackage main\n", fmt.Sprintf("Cell contents written to %q.\n", h.dir+"/a.go"), ""},
		{"is run", "%run a.go -x 1", "", ""},
		{"a new process", "%restart", "* The cells have a new process.\n  Lost: the values of x, y.\n  Kept: 1 import, 1 constant, 1 type, 1 function, 1 method, the directory, the environment set by %env.\n", ""},
		{"HTML", "%%html\n<b>x</b>\n", "", "<b>x</b>"},
		{"the output in a file", "%capture out.txt\n!echo to a file", "to a file\n", ""},
		{"and behind it", "%capture -a out.txt\n!echo and more", "and more\n", ""},
		{"is there", "!cat out.txt", "to a file\nand more\n", ""},
		{"a hidden output", "%%capture\n!echo hidden", "", ""},
		{"forget", "%rm f T~M", ". removed func f\n. removed method T~M\n", ""},
		{"reset", "%reset", "* State reset: all memorized declarations discarded.\n", ""},
		{"reset the module", "%reset go.mod", "* go.mod is as at the start of the session.\n", ""},
		{"save", "%save", h.dir + "/session.mbk: declarations and 1 variable\nnot saved: f (f: a function cannot be written)\n", ""},
		{"load", "%load_session a.mbk", h.dir + "/a.mbk: declarations and 2 variables\nx, y\n", ""},
		{"save encrypted", "%%writefile key.txt\n" + testKey, "Cell contents written to \"" + h.dir + "/key.txt\".\n", ""},
		{"with a key", "%save -key key.txt s.mbk", h.dir + "/s.mbk: declarations and 1 variable\nnot saved: f (f: a function cannot be written)\n", ""},
		{"and back", "%load_session -key key.txt s.mbk", h.dir + "/s.mbk: declarations and 2 variables\nx, y\n", ""},
		{"documentation", "%doc -src known", "", "known true"},
		{"help of a command", "%help writefile", "", "%%writefile [-a] path, %%file\n\nwrites the cell to a file, or appends it; ~ and $NAME are expanded\n"},
		{"a script", "%%bash\nfor i in 1 2; do\n  echo $i\ndone", "1\n2\n", ""},
		{"any program", "%%script cat -n\na", "     1\ta\n", ""},
		{"characters cut in two", "!printf '\\303'; sleep 0.1; printf '\\244\\n'", "ä\n", ""},
		{"bytes that are no text", "!printf '\\377\\n'", "\uFFFD\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out record
			if err := runCell(t, context.Background(), h, test.code, &out); err != nil {
				t.Fatal(err)
			}
			shown := ""
			for _, d := range out.displays {
				shown += d.Data["text/plain"].(string)
			}
			if out.stdout != test.stdout || shown != test.shown || out.stderr != "" {
				t.Errorf("stdout %q\nwant   %q\nshown %q\nwant  %q\nstderr %q", out.stdout, test.stdout, shown, test.shown, out.stderr)
			}
		})
	}
	if want := []string{"track " + h.dir + "/sub", "untrack /a/b/...", "run a.go \"package main\\n\" [\"-x\" \"1\"]", "restart", "remove f", "remove T.M", "reset", "reset module", "reset module", "save " + h.dir + "/session.mbk", "load " + h.dir + "/a.mbk",
		"save " + h.dir + "/s.mbk", "sealed for " + testPublic, "load " + h.dir + "/s.mbk", "opened with " + testPublic}; !slices.Equal(h.done, want) {
		t.Errorf("the host was asked to %q, want %q", h.done, want)
	}
}

func TestCommandErrors(t *testing.T) {
	t.Setenv("OLDPWD", "")
	for _, test := range []struct{ code, name, value string }{
		{"%cdd", "UnknownCommand", "there is no command %cdd. Did you mean %cd? %help lists the commands"},
		{"%WHO", "UnknownCommand", "there is no command %WHO. Did you mean %who? %help lists the commands"},
		{"%cd -", "PathError", "there is no previous directory"},
		{"%cd $NOTHING_IS_SET", "PathError", "$NOTHING_IS_SET is empty"},
		{"%nosuch", "UnknownCommand", "there is no command %nosuch. %help lists the commands"},
		{"%pinfo x", "UnknownCommand", "there is no %pinfo: %doc name shows documentation"},
		{"%hlep", "UnknownCommand", "there is no command %hlep. Did you mean %help? %help lists the commands"},
		{"%xylophone", "UnknownCommand", "there is no command %xylophone. %help lists the commands"},
		{"%%writefil x\nabc", "UnknownCommand", "there is no command %%writefil. Did you mean %%writefile? %help lists the commands"},
		{"%pip install x", "UnknownCommand", "there is no %pip: cells download the modules that they import; !*go get path@version picks a version"},
		{"%wasm x", "UsageError", "usage: %wasm"},
		{"%wasm", "WasmError", "the folder of that server is not known (GONB_JUPYTER_ROOT)"},
		{"%wasm\n%test", "UsageError", "%wasm and %test do not go together: tests do not run in the browser"},
		{"%mpirun", "UsageError", "usage: %mpirun [-n ranks] [--hosts hosts] [--srun] function [trainer...] (func fit(ctx context.Context, trainer *train.Trainer) error)"},
		{"%mpirun -n 0 fit", "UsageError", "%mpirun: -n needs a number of ranks, and 0 is none"},
		{"%mpirun fit\n%test", "UsageError", "%mpirun needs a cell without another %mpirun or %test"},
		{"%timeit", "UsageError", "usage: %timeit [-n loops] [-r runs] [-q] statement (%%timeit in the first line measures the whole cell)"},
		{"%prun -l x", "UsageError", "%prun: -l needs a number of functions; usage: %prun [-l functions] [-D file] [-q] [statement]"},
		{"%capture", "UsageError", "usage: %capture [-a] file (%%capture variable keeps the output in a variable)"},
		{"%capture no/such/folder", "PathError", "no such file or directory"},
		{"%%capture a b\nx", "UsageError", "usage: %%capture [variable] (%capture [-a] file copies the output to a file)"},
		{"%%capture 1a\nx", "UsageError", "usage: %%capture [variable] (%capture [-a] file copies the output to a file)"},
		{"%load", "UsageError", "usage: %load file"},
		{"%load nowhere.go", "PathError", "no such file or directory"},
		{"%load .", "PathError", "is not a text file"},
		{"%load a.txt", "FrontEndError", "%load needs a front end in which the kernel can set the text of a cell"},
		{"%run a.txt", "UsageError", "usage: %run file.go [args...] (its declarations become the session's; !go run file.go runs it as a program of its own)"},
		{"%run nowhere.go", "PathError", "no such file or directory"},
		{"%recall x", "UsageError", "usage: %recall [number] (the number of a cell)"},
		{"%recall 2", "NameError", "there is no cell 2 in this session (%history -n lists them)"},
		{"%history a", "UsageError", "usage: %history [-n] [first-last]"},
		{"%goflags -race", "FlagError", "%goflags: -race does not work with cells"},
		{"%untrack a b", "UsageError", "usage: %untrack [path] (path... stands for all paths that begin so; %track lists what is tracked)"},
		{"%goworkfix x", "UsageError", "usage: %goworkfix"},
		{"%restart now", "UsageError", "usage: %restart (all variables are lost; %reset forgets the declarations, too)"},
		{"%%html x\n<b>", "UsageError", "usage: %%html (the text is below it)"},
		{"%cd a b", "UsageError", "usage: %cd [directory] (a name with blanks goes in double quotes)"},
		{"%cd nowhere", "PathError", "no such file or directory"},
		{"%rm", "UsageError", "usage: %rm name... (%ls lists the names)"},
		{"%reset all", "UsageError", "usage: %reset [go.mod]"},
		{"%%bash x\nls", "UsageError", "usage: %%bash (it takes no arguments; %%script program arguments... does)"},
		{"%%bash\nexit 3", "ExitError", "bash: exit status 3"},
		{"%%script no-such-program\nx", "ShellError", `exec: "no-such-program": executable file not found in $PATH`},
		{"%%writefile\nx", "UsageError", "usage: %%writefile [-a] path (a name with blanks goes in double quotes)"},
		{"%%writefile no/such/folder\nx", "PathError", "no such file or directory"},
	} {
		h := newFakeHost(t)
		if err := os.WriteFile(filepath.Join(h.dir, "a.txt"), []byte("a"), 0o644); err != nil {
			t.Fatal(err)
		}
		err := runCell(t, context.Background(), h, test.code, &record{})
		var got *output.Error
		if !errors.As(err, &got) {
			t.Errorf("%q: error %v, want a *output.Error", test.code, err)
			continue
		}
		if got.Name != test.name || !strings.HasSuffix(got.Value, test.value) {
			t.Errorf("%q: %s: %s, want %s: %s", test.code, got.Name, got.Value, test.name, test.value)
		}
		first, _, _ := strings.Cut(test.code, "\n")
		if len(got.Traceback) < 2 || !strings.Contains(got.Traceback[0], "cell[3]:1") || !strings.HasSuffix(got.Traceback[1], first) {
			t.Errorf("%q: traceback %q", test.code, got.Traceback)
		}
	}
}

func TestFailingCommandEndsTheCell(t *testing.T) {
	var out record
	if err := runCell(t, context.Background(), newFakeHost(t), "!echo 1\n%cd nowhere\n!echo 2", &out); err == nil || out.stdout != "1\n" {
		t.Errorf("error %v, output %q", err, out.stdout)
	}
}

func TestFailingShellCommandTellsItsStatus(t *testing.T) {
	var out record
	if err := runCell(t, context.Background(), newFakeHost(t), "!exit 3\n!echo on", &out); err != nil || out.stderr != "exit status 3\n" || out.stdout != "on\n" {
		t.Errorf("error %v, stderr %q, stdout %q", err, out.stderr, out.stdout)
	}
}

func TestWriteFile(t *testing.T) {
	h := newFakeHost(t)
	h.env = append(h.env, "NAME=note")
	for _, code := range []string{"%%writefile $NAME.txt\n%cd x\n\tb", "%%writefile -a ${NAME}.txt\nc\n", "%%writefile ~/empty"} {
		if err := runCell(t, context.Background(), h, code, &record{}); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(h.dir, "note.txt")); err != nil || string(text) != "%cd x\n\tb\nc\n" {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := os.ReadFile(filepath.Join(filepath.Dir(h.dir), "empty")); err != nil || len(text) != 0 {
		t.Errorf("%q, %v", text, err)
	}
}

func TestShellOutputComesWhileItRuns(t *testing.T) {
	var out record
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out.onText = cancel // the command ends because its output was seen
	start := time.Now()
	err := runCell(t, ctx, newFakeHost(t), "!echo now; sleep 60", &out)
	var cellErr *output.Error
	if !errors.As(err, &cellErr) || cellErr.Name != "Interrupted" || out.stdout != "now\n" || time.Since(start) > 10*time.Second {
		t.Errorf("error %v, output %q after %v", err, out.stdout, time.Since(start))
	}
}

func TestInterruptKillsAllChildren(t *testing.T) {
	h := newFakeHost(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var out record
	out.onText = cancel
	// The shell and its child ignore the interrupt, and must be killed.
	err := runCell(t, ctx, h, `!trap '' INT; (trap '' INT; sleep 1.6; touch alive) & echo started; wait`, &out)
	if err == nil {
		t.Fatal("no error")
	}
	time.Sleep(time.Second)
	if _, err := os.Stat(filepath.Join(h.dir, "alive")); err == nil {
		t.Error("a child of the command lives on")
	}
}

func TestBackgroundProcessDoesNotHoldTheCell(t *testing.T) {
	var out record
	start := time.Now()
	if err := runCell(t, context.Background(), newFakeHost(t), "!sleep 30 & echo $!", &out); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("the cell took %v", d)
	}
	kill := "!kill " + out.stdout
	if err := runCell(t, context.Background(), newFakeHost(t), kill, &out); err != nil || out.stderr != "" {
		t.Errorf("the process is gone: %v, %s", err, out.stderr)
	}
}

func TestInputsForAShellCommand(t *testing.T) {
	out := record{answers: []string{"Ada", "Lovelace"}}
	err := runCell(t, context.Background(), newFakeHost(t), "%with_inputs\n!read a; read b; echo $b, $a\n!read c || echo none", &out)
	if err != nil || out.stdout != "Lovelace, Ada\nnone\n" {
		t.Errorf("%v, %q, %q", err, out.stdout, out.stderr)
	}
}

func TestNoInputIsAskedForThatNobodyReads(t *testing.T) {
	out := record{answers: []string{"never asked for"}}
	if err := runCell(t, context.Background(), newFakeHost(t), "%with_inputs\n!sleep 0.6; echo done", &out); err != nil || out.stdout != "done\n" || len(out.answers) != 1 {
		t.Errorf("%v, %q, %q", err, out.stdout, out.answers)
	}
	// Whoever polls its stdin is asked for too.
	poll := "%with_inputs\n!python3 -c 'import select, sys; select.select([0], [], []); print(sys.stdin.readline().strip())' || read a && echo never asked for"
	if err := runCell(t, context.Background(), newFakeHost(t), poll, &out); err != nil || !strings.Contains(out.stdout, "never asked for\n") || len(out.answers) != 0 {
		t.Errorf("%v, %q, %q, %q", err, out.stdout, out.stderr, out.answers)
	}
}

func TestTimeOfACellWithoutGo(t *testing.T) {
	var out record
	if err := runCell(t, context.Background(), newFakeHost(t), "%time\n!echo a", &out); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^a\nWall time: [0-9.]+ [µm]?s\n$`).MatchString(out.stdout) {
		t.Errorf("%q", out.stdout)
	}
}
