package engine

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A cell of a session, and what it puts out: stdout and stderr, results and
// displays, each line marked with where it comes from.
type step struct{ code, want string }

// outcome writes down what a cell put out.
func outcome(r *record) string {
	var b strings.Builder
	put := func(mark, text string) {
		for line := range strings.Lines(text) {
			b.WriteString(mark + strings.TrimRight(line, "\n") + "\n")
		}
	}
	put("", r.stdout)
	put("! ", r.stderr)
	for _, s := range r.results {
		put("= ", s)
	}
	for _, d := range r.displays {
		s, _ := d.Data["text/plain"].(string)
		put("+ ", s)
	}
	if r.err != nil {
		put("error ", r.err.Name+": "+r.err.Value)
	}
	return b.String()
}

// TestCommandsInASession runs every command among Go cells, in one session.
func TestCommandsInASession(t *testing.T) {
	e := newEngine(t)
	dir := e.Dir()
	for i, s := range []step{
		{"x := 3\ny := []float64{1, 2}\nfunc f(a int) int { return a * x }\ntype T struct{ A int }\nfunc (t T) M() int { return t.A }\nconst c = 7", ""},
		{"%whos", "+ name  type       shape  size  value\n+ x     int               8 B   3\n+ y     []float64  2      40 B  {1, 2}\n"},
		{"%who", "x\ty\n"},
		{"%ls", "+ Constants:\n+   c = 7  // cell[1]\n+ Types:\n+   T struct{ A int }  // cell[1]\n+ Variables:\n+   x int\n+   y []float64\n+ Functions:\n+   func f(a int) int  // cell[1]\n+ Methods:\n+   func (t T) M() int  // cell[1]\n"},
		{"%env FOO bar baz\nos.Getenv(\"FOO\")", "Set: FOO=\"bar baz\"\n= \"bar baz\"\n"},
		{"os.Setenv(\"FOO\", \"changed here\")\n!echo $FOO", "bar baz\n"},
		{"!mkdir sub", ""},
		{"!echo [$GONB_PIPE$GONB_PIPE_BACK]", "[]\n"}, // the cells' process reads the answers
		{"%%script printenv PWD GONB_DIR", dir + "\n" + dir + "\n"},
		{"%cd sub", "Changed directory to \"" + dir + "/sub\"\n"},
		{"wd, _ := os.Getwd()\nwd == os.Getenv(\"GONB_DIR\") && wd == \"" + dir + "/sub\"", "= true\n"},
		{"%%writefile a.txt\nhello", "Cell contents written to \"" + dir + "/sub/a.txt\".\n"},
		{"!cat a.txt\nb, _ := os.ReadFile(\"a.txt\")\nstring(b)", "hello\n= \"hello\\n\"\n"},
		{"%cd ..\n!*test -f go.mod && echo module", "Changed directory to \"" + dir + "\"\nmodule\n"},
		{"%args -a 1\nos.Args[1:]", "= []string{\"-a\", \"1\"}\n"},
		{"os.Args[1:]", "= []string{}\n"},
		{"func g() { fmt.Println(\"g\", os.Args[1:]) }\n%exec g 3", "g [3]\n"},
		{"%% 4\nlocal := flag.Arg(0)\nfmt.Println(local)", "4\n"},
		{"local", "error CompileError: undefined: local\n"},
		{"//gonb:%rm f\nf(1)", ". removed func f\nerror CompileError: undefined: f\n"},
		{"%rm T", ". removed type T\n"},
		{"%rm x\nx := \"new\"", ". removed var x\n"},
		{"x", "= \"new\"\n"},
		{"%rm nothing", "! . key \"nothing\" not found in any definition, not removed (%ls lists the names)\n"},
		{"%hlep", "error UnknownCommand: there is no command %hlep. Did you mean %help? %help lists the commands\n"},
		{"%%bash\necho hi\nexit 2", "hi\nerror ExitError: bash: exit status 2\n"},
		{"!false\n1 + 1", "! exit status 1\n= 2\n"},
		{"q := map[string]any{}\nq[\"q\"] = q", ""}, // holds itself
		{"%rm b wd y x\n%whos", ". removed var b\n. removed var wd\n. removed var y\n. removed var x\n+ name  type            shape  size  value\n+ q     map[string]any  1      49 B  {\"q\": …}\n"},
		{"const (\n\tc1, _ = iota, 0\n\tc2, c3\n)\nc2 + c3", "= 1\n"},
		{"%rm c2", ". removed const c2\n"},
		{"c1", "= 0\n"},
		{"%reset\n%ls", "* State reset: all memorized declarations discarded.\nNothing is declared yet.\n"},
		{"%reset go.mod", "* go.mod is as at the start of the session.\n"},
		{"c", "error CompileError: undefined: c\n"},
		{"%noautoget\n%autoget\nfunc pair() (int, string) { return 1, \"a\" }\npair()", "= 1\n= \"a\"\n"},
		{"gonbui.DisplayHTML(\"<b>bold</b>\")\ngonbui.UpdateHTML(\"id\", \"1\")\ngonbui.UpdateHTML(\"id\", \"2\")", "+ bold\n+ 1\n+ 2\n"},
		{"import \"github.com/janpfeifer/gonb/gonbui/protocol\"\ngonbui.SendData(&protocol.DisplayData{\n\tData: map[protocol.MIMEType]any{\"application/json\": map[string]any{\"a\": []any{1, [][]string{{\"b\"}}}}},\n\tMetadata: map[string]any{\"application/json\": map[string]any{\"expanded\": true}},\n})\ngonbui.Sync()\ngonbui.Error()", "+ [application/json]\n"},
		{"gonbui.RequestInput(\"Name?\", false)\nvar name string\nfmt.Scanln(&name)\nname", "= \"Ada\"\n"},
		{"  %cd", "error CompileError: unexpected %: a command starts in the first column of its line\n"},
	} {
		out := &record{answers: []string{"Ada"}}
		if err := e.Execute(context.Background(), Request{Code: s.code, Cell: i + 1}, out); err != nil {
			out.err = err.(*CellError)
		}
		if got := outcome(out); got != s.want {
			t.Errorf("cell %d\n%s\nputs out\n%s\nwant\n%s", i+1, s.code, got, s.want)
		}
	}
	if _, err := os.Stat(dir + "/sub/a.txt"); err != nil {
		t.Error(err)
	}
}

func TestTimeOfACell(t *testing.T) {
	e := newEngine(t)
	out := &record{}
	code := "%time\nn := 0\nfor i := 0; i < 50_000_000; i++ {\n\tn += i % 7\n}"
	if err := e.Execute(context.Background(), Request{Code: code, Cell: 1}, out); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^CPU times: user [1-9][0-9.]* ms, sys: [0-9.]+ [mµn]?s, total: [1-9][0-9.]* ms\nWall time: [1-9][0-9.]* ms\nCompiler: [0-9.]+ m?s\n$`).MatchString(out.stdout) {
		t.Errorf("%q", out.stdout)
	}
}

func TestVersionSaysHowCellsAreLinked(t *testing.T) {
	nb := open(t)
	out := nb.run("%version")
	if len(out.displays) != 1 || !strings.Contains(fmt.Sprint(out.displays[0].Data["text/plain"]), "against the worker") {
		t.Errorf("%%version shows %v", out.displays)
	}
}
