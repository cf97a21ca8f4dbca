package cell

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// outline writes a cell's pieces one a line: "kind line:col text".
func outline(c *Cell) string {
	var b strings.Builder
	names := []string{"stmt", "import", "const", "type", "var", "func", "method"}
	put := func(where string, pieces []Piece) {
		for _, p := range pieces {
			b.WriteString(where + " " + names[p.Kind] + " " + strings.ReplaceAll(p.Text, "\n", "⏎") + "\n")
		}
	}
	put("decl", c.Decls)
	put("top", c.Stmts)
	put("main", c.MainBody)
	return b.String()
}

func TestPieces(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"declarations and statements", "import \"fmt\"\nx := 1\nfunc f() {\n\tx := 2\n}\ntype T struct {\n\ta int\n}\nconst c = 1\nvar v = 3\nx",
			"decl import import \"fmt\"\ndecl func func f() {⏎\tx := 2⏎}\ndecl type type T struct {⏎\ta int⏎}\ndecl const const c = 1\n" +
				"top stmt x := 1\ntop var var v = 3\ntop stmt x\n"},
		{"methods, with and without type parameters", "func (t *T[K]) M(a int) int { return a }\nfunc (T) G[P any](p P) {}",
			"decl method func (t *T[K]) M(a int) int { return a }\ndecl method func (T) G[P any](p P) {}\n"},
		{"func literals are statements", "func() { f() }()\nfunc(a int) T { return T{} }(3)\nfunc(a int) (b int) { return }(1)",
			"top stmt func() { f() }()\ntop stmt func(a int) T { return T{} }(3)\ntop stmt func(a int) (b int) { return }(1)\n"},
		{"semicolons in headers do not end a statement", "for i := 0; i < 3; i++ { f(i) }; if x := f(); x > 0 { g() } else if y := g(); y { h() }; z",
			"top stmt for i := 0; i < 3; i++ { f(i) }\ntop stmt if x := f(); x > 0 { g() } else if y := g(); y { h() }\ntop stmt z\n"},
		{"braces in a header", "if f := func() bool { return true }; f() { g() }; for _, x := range []int{1} { g() }; y",
			"top stmt if f := func() bool { return true }; f() { g() }\ntop stmt for _, x := range []int{1} { g() }\ntop stmt y\n"},
		{"a label belongs to its loop", "outer:\nfor {\n\tbreak outer\n}", "top stmt outer:⏎for {⏎\tbreak outer⏎}\n"},
		{"everything behind %% is main's", "type T int\nvar g = 1\n%% -n 3\ntype L int\nx := T(1)\nfunc f() {}",
			"decl type type T int\ndecl func func f() {}\ntop var var g = 1\nmain type type L int\nmain stmt x := T(1)\n"},
		{"%exec calls its function", "func f() {}\n%exec f -v", "decl func func f() {}\nmain stmt f()\n"},
		{"a package clause is ignored", "package main\nfunc main() {}", "decl func func main() {}\n"},
		{"comments end no statement and are no piece", "// a\nx := 1 // b\n/* c\n*/ y := 2", "top stmt x := 1\ntop stmt y := 2\n"},
		{"a continued expression", "x := a.\n\tb().\n\tc(1,\n2)\ny := a +\n!b", "top stmt x := a.⏎\tb().⏎\tc(1,⏎2)\ntop stmt y := a +⏎!b\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse(test.code, 1)
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(c); got != test.want {
				t.Errorf("pieces:\n%swant:\n%s", got, test.want)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	type short struct {
		name, text string
		line       int
		after      bool
	}
	for _, test := range []struct {
		name, code string
		want       []short
	}{
		{"line commands", "%cd /tmp\nx := 1\n!ls -l | wc\n!*go get example.org/x@v1", []short{{"%cd", "/tmp", 1, false}, {"!", "ls -l | wc", 3, true}, {"!*", "go get example.org/x@v1", 4, true}}},
		{"a backslash continues", "!echo a \\\n  b \\\n  c\n%env K V", []short{{"!", "echo a    b    c", 1, false}, {"%env", "K V", 4, false}}},
		{"the comment prefix", "//gonb:%env A=1\n//gonb:!echo \\\n//gonb:x", []short{{"%env", "A=1", 1, false}, {"!", "echo  x", 2, false}}},
		{"blanks behind the mark", "% cd /\n! ls", []short{{"%cd", "/", 1, false}, {"!", "ls", 2, false}}},
		{"not in raw strings", "s := `\n%cd /\n!ls\n`\n%who", []short{{"%who", "", 5, true}}},
		{"not in comments", "/*\n%cd /\n!ls */\n//\n%who", []short{{"%who", "", 5, false}}},
		{"a quote in a rune or comment opens nothing", "r := '`' // `\n%who\ns := \"`\"\n!ls", []short{{"%who", "", 2, true}, {"!", "ls", 4, true}}},
		{"an escaped quote closes nothing", "s := \"\\\"`\"\n%who\nq := '\\''\n!ls", []short{{"%who", "", 2, true}, {"!", "ls", 4, true}}},
		{"not goes on an expression", "ok := a &&\n!b\nf(\n!c,\n!d)\n!ls", []short{{"!", "ls", 6, true}}},
		{"a command after i++", "i++\n!ls", []short{{"!", "ls", 2, true}}},
		{"%%time is %time", "%%time\nf()", []short{{"%time", "", 1, false}}},
		{"questions", "strings.Split?\nx := 1\nnn.Dense??\n?x\ns := `\nx?\n`\n\"net/http\"?", []short{{"%doc", "strings.Split", 1, false}, {"%doc", "-src nn.Dense", 3, true}, {"%doc", "x", 4, true}, {"%doc", "\"net/http\"", 8, true}}},
		{"carriage returns", "%cd /tmp\r\nx\r\n!ls\r\n", []short{{"%cd", "/tmp", 1, false}, {"!", "ls", 3, true}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse(test.code, 1)
			if err != nil {
				t.Fatal(err)
			}
			var got []short
			for _, cmd := range c.Commands {
				got = append(got, short{cmd.Name, cmd.Text, cmd.Line, cmd.After})
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("commands %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestFlagsOfTestsAreQuotedAsInAShell(t *testing.T) {
	for text, want := range map[string][]string{
		`%test -run 'TestX'`:           {"-run", "TestX"},
		`%test -run "TestX"`:           {"-run", "TestX"},
		`%test -run='Test A|B' -v`:     {"-run=Test A|B", "-v"},
		`%test -run="Test A" -skip=''`: {"-run=Test A", "-skip="},
		`%test -run 'a\b"c'`:           {"-run", `a\b"c`},
		`%test -run isn't`:             {"-run", "isn't"},
		`%test -run 'open`:             {"-run", "'open"},
		"%test -run TestX$":            {"-run", "TestX$"},
	} {
		c, err := Parse(text, 1)
		if err != nil || c.Test == nil || !reflect.DeepEqual(c.Test.Args, want) {
			t.Errorf("%s: %v, %v", text, c, err)
		}
	}
}

func TestFieldsKeepEscapedBlanks(t *testing.T) {
	if got := Fields(`a\ b.txt c\d "e f"`); !reflect.DeepEqual(got, []string{"a b.txt", `c\d`, "e f"}) {
		t.Errorf("fields %q", got)
	}
}

func TestCellCommand(t *testing.T) {
	c, err := Parse("\n%%writefile -a \"my file.txt\"\n%cd x\n\"open\n", 1)
	if err != nil {
		t.Fatal(err)
	}
	want := Command{Name: "%%writefile", Text: `-a "my file.txt"`, Args: []string{"-a", "my file.txt"}, Body: "%cd x\n\"open\n", Line: 2}
	if c.Whole == nil || !reflect.DeepEqual(*c.Whole, want) {
		t.Errorf("Whole = %+v, want %+v", c.Whole, want)
	}
	if c, err := Parse("%%html\n<b>", 1); err != nil || c.Whole == nil || c.Whole.Name != "%%html" {
		t.Errorf("an unknown cell command must still take the cell: %+v, %v", c, err)
	}
}

func TestMainAndArgs(t *testing.T) {
	for _, test := range []struct {
		code string
		main bool
		args []string
	}{
		{"x := 1", false, nil},
		{"%args -a 1\nfunc main() {}", false, []string{"-a", "1"}},
		{"%% -b \"2 3\"\nf()", true, []string{"-b", "2 3"}},
		{"%main\nf()", true, nil},
		{"//gonb:%%\nf()", true, nil},
		{"%args -a\n%%\nf()", true, []string{"-a"}},
		{"%exec f 1", true, []string{"1"}},
	} {
		c, err := Parse(test.code, 1)
		if err != nil {
			t.Errorf("%q: %v", test.code, err)
			continue
		}
		if c.Main != test.main || !reflect.DeepEqual(c.Args, test.args) {
			t.Errorf("%q: main %v args %q, want %v %q", test.code, c.Main, c.Args, test.main, test.args)
		}
	}
}

func TestPositionsDocAndQuiet(t *testing.T) {
	c, err := Parse("%cd /\n// F does.\n// Really.\nfunc F() {}\n\n// loose\n\nx := 1;  y := 2;", 7)
	if err != nil {
		t.Fatal(err)
	}
	if d := c.Decls[0]; d.Line != 4 || d.Col != 1 || d.Doc != "// F does.\n// Really." {
		t.Errorf("F at %d:%d with doc %q", d.Line, d.Col, d.Doc)
	}
	if y := c.Stmts[1]; y.Line != 8 || y.Col != 10 || y.Doc != "" {
		t.Errorf("y at %d:%d with doc %q", y.Line, y.Col, y.Doc)
	}
	if c, err := Parse("// T is one.\ntype T struct {\n\ta int // inside\n}", 1); err != nil || c.Decls[0].Doc != "// T is one." {
		t.Errorf("a comment inside takes the place of the one above: %+v, %v", c, err)
	}
	if !c.Quiet {
		t.Error("a typed semicolon at the end makes the cell quiet")
	}
	if c, _ := Parse("x;\ny\n", 1); c.Quiet {
		t.Error("a semicolon further up does not make the cell quiet")
	}
	if len(c.Go) != len("%cd /\n// F does.\n// Really.\nfunc F() {}\n\n// loose\n\nx := 1;  y := 2;") || strings.Contains(c.Go, "%cd") {
		t.Errorf("Go text %q", c.Go)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for _, test := range []struct {
		code       string
		line, col  int
		msg        string
		incomplete bool
	}{
		{"f(1, 2", 1, 2, "( is not closed", true},
		{"x := 1\nfunc f() {\n\tg(", 3, 3, "( is not closed", true},
		{"x := 1\n}", 2, 1, "unexpected }", false},
		{"f(1]", 1, 4, "unexpected ]: the ( of line 1 is not closed", false},
		{"s := `abc", 1, 6, "raw string literal not terminated", true},
		{"x /* abc", 1, 3, "comment not terminated", true},
		{"s := \"abc\nx", 1, 6, "string literal not terminated", false},
		{"  %cd /", 1, 3, "unexpected %: a command starts in the first column of its line", false},
		{"x\n%\ny", 2, 1, "a command is missing after % (%help lists the commands)", false},
		{"!", 1, 1, "a command is missing after ! (%help lists the commands)", false},
		{"x\n%%bash\nls", 2, 1, "%%bash takes the rest of the cell: it can only appear at the start of the cell", false},
		{"%%\nx\n%main", 3, 1, "%main: main is already begun in line 1", false},
		{"%exec", 1, 1, "%exec needs the name of a function: %exec name [args...]", false},
		{"x := 1\n\n//go:embed a.txt\nvar text string", 4, 1, "cells cannot embed files: read the file with os.ReadFile, or put the //go:embed into a package of its own", false},
		{"x := 1 ¬ 2", 1, 8, "illegal character U+00AC '¬'", false},
	} {
		_, err := Parse(test.code, 1)
		var got *SyntaxError
		if !errors.As(err, &got) {
			t.Errorf("%q: error %v, want a SyntaxError", test.code, err)
			continue
		}
		if want := (SyntaxError{test.line, test.col, test.msg, test.incomplete}); *got != want {
			t.Errorf("%q: %+v, want %+v", test.code, *got, want)
		}
	}
}

// FuzzParse checks that no text breaks the parser, and that what it returns
// lies where it says.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "x", "%cd /\nx := 1;", "%%bash\nls", "for i:=0;i<3;i++{};", "`", "//gonb:%%\nf()", "func (a) b[c](", "package x;\n//d\r\ntype T int", "if;;{};{}", "\xef\xbb\xbfx", "!a\\\n\\\n",
		"%timeit -n 3 f(x); y", "%%timeit x:=1\nf(x", "%prun -D a -- b", "%test \"\"\nx", "%%capture o\nx", "%time\nx", "% timeit\t-\r\n//gonb:%time x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		c, err := Parse(code, 1)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Line < 1 || syntax.Col < 1 {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if c.Whole != nil {
			return
		}
		if len(c.Go) != len(code) || strings.Count(c.Go, "\n") != strings.Count(code, "\n") {
			t.Fatalf("Go text has other lines than the cell")
		}
		lines := strings.SplitAfter(code, "\n")
		for _, pieces := range [][]Piece{c.Decls, c.Stmts, c.MainBody} {
			for _, p := range pieces {
				rest := strings.Join(lines[p.Line-1:], "")[p.Col-1:]
				if p.By == nil && p.Line == c.MainLine {
					continue // the call that %exec makes
				}
				first, _, _ := strings.Cut(p.Text, "\n")
				if !strings.HasPrefix(rest, first) {
					t.Fatalf("piece %q is not at %d:%d", p.Text, p.Line, p.Col)
				}
			}
		}
	})
}

// TestMeasures checks commands that have statements behind them.
func TestMeasures(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"an expression", "x := 1\n%timeit -n 10 -r3 f(x)\ny", "x := 1 | %timeit[-n 10 -r 3]: f(x) | y"},
		{"a statement over lines", "%time for i := range 3 {\n\tf(i)\n}\ny", "%time[]: for i := range 3 {⏎\tf(i)⏎} | y"},
		{"two statements", "%timeit a(); b()\nc()", "%timeit[]: a() | %timeit[]: b() | c()"},
		{"a negative operand is no option", "%timeit -x * y", "%timeit[]: -x * y"},
		{"two dashes end the options", "%timeit -q -- -n", "%timeit[-q]: -n"},
		{"a profile", "%prun -l 5 -D out.pb.gz f()", "%prun[-l 5 -D out.pb.gz]: f()"},
		{"%%timeit takes all statements", "%%timeit -n 3 x := 1\nf(x)\ng(x)", "%%timeit[-n 3]: x := 1 | %%timeit[-n 3]: f(x) | %%timeit[-n 3]: g(x)"},
		{"%%timeit without setup", "%%timeit\nfunc f() {}\nf()", "%%timeit[]: f()"},
		{"behind the comment prefix", "//gonb:%timeit f()", "%timeit[]: f()"},
		{"in main", "%%\nx := 1\n%timeit f(x)", "x := 1 | %timeit[]: f(x)"},
	} {
		c, err := Parse(test.code, 1)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, p := range append(c.Stmts, c.MainBody...) {
			s := strings.ReplaceAll(p.Text, "\n", "⏎")
			if p.By != nil {
				s = p.By.Name + "[" + strings.Join(p.By.Args, " ") + "]: " + s
			}
			got = append(got, s)
		}
		if got := strings.Join(got, " | "); got != test.want || len(c.Commands) > 0 {
			t.Errorf("%s: %s (commands %v), want %s", test.name, got, c.Commands, test.want)
		}
	}
	for code, want := range map[string]string{
		"%timeit func f() {}":    "1:1: %timeit runs statements, and this is a declaration",
		"x := 1 +\n%time f()":    "2:1: %time must start a statement: the one above it goes on here",
		"%%timeit\nfunc f() {}":  "1:1: %%timeit: there is no statement below it",
		"%%timeit x := 1":        "1:1: %%timeit: there is no statement below it",
		"%%timeit\n%%\nf()":      "1:1: %%timeit and %% do not go together: %%timeit runs all statements of its cell itself",
		"x := 1\n%%timeit\nf(x)": "2:1: %%timeit takes the rest of the cell: it can only appear at the start of the cell",
		"%timeit f(":             "1:10: ( is not closed",
		"%test\n%test -v":        "2:1: %test is already in line 1",
	} {
		if _, err := Parse(code, 1); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", code, err, want)
		}
	}
}

func TestTest(t *testing.T) {
	for code, want := range map[string][]string{"%test": nil, "%test \"\"": {""}, "func TestA(t *testing.T) {}\n%test -v -run A": {"-v", "-run", "A"}} {
		if c, err := Parse(code, 1); err != nil || c.Test == nil || !reflect.DeepEqual(c.Test.Args, want) || len(c.Commands) > 0 {
			t.Errorf("%q: %+v, %v, want flags %q", code, c, err, want)
		}
	}
}
