package command

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/cell"
)

// TestTable checks each entry of the table of commands, as vet would.
func TestTable(t *testing.T) {
	name := regexp.MustCompile(`^(%%?[a-z_]*|!\*?)$`)
	groups := []Group{InRunning, InDeclared, InSurround, InTexts, InFront, InMeasuring, InShell, InWhole}
	seen := map[string]bool{}
	for _, c := range All() {
		for _, n := range append([]string{c.Name}, c.Aliases...) {
			if !name.MatchString(n) || seen[n] {
				t.Errorf("%s: the name %q is wrong or taken", c.Name, n)
			}
			seen[n] = true
		}
		if c.Help == "" || strings.HasSuffix(c.Help, ".") || strings.ContainsAny(c.Help, "\n|") {
			t.Errorf("%s: help is one line without a full stop: %q", c.Name, c.Help)
		}
		if c.More != "" && !strings.HasSuffix(c.More, ".") {
			t.Errorf("%s: more help is whole sentences: %q", c.Name, c.More)
		}
		if strings.Count(c.Usage, "[") != strings.Count(c.Usage, "]") || strings.HasPrefix(c.Usage, c.Name) {
			t.Errorf("%s: usage %q", c.Name, c.Usage)
		}
		if !slices.Contains(groups, c.Group) || !strings.Contains(helpText, `{{`+`commands "`+string(c.Group)+`"}}`) {
			t.Errorf("%s: no part of %%help shows the group %q", c.Name, c.Group)
		}
		for _, o := range c.Form().Operands {
			if operands[o.Name] == "" {
				t.Errorf("%s: nothing says how %q is completed (see operands)", c.Name, o.Name)
			}
		}
		for _, f := range c.Form().Flags {
			if f.Value != "" && operands[f.Value] == "" {
				t.Errorf("%s: nothing says how %q is completed (see operands)", c.Name, f.Value)
			}
		}
		// What only the parser of cells knows has no function, and the others one.
		if parsed := ofTheParser(t, c.Name); parsed != (c.Run == nil) {
			t.Errorf("%s: has a function: %v, is part of the parser: %v", c.Name, c.Run != nil, parsed)
		}
	}
}

func TestArguments(t *testing.T) {
	for _, test := range []struct{ command, before, want string }{
		{"%cd", "", "directory"}, {"%cd", "a", ""}, {"%prun", "-D", "file"}, {"%prun", "-q", "text"}, {"%prun", "-l 3 -D", "file"},
		{"%run", "a.go -x", "file"}, {"%exec", "", "function"}, {"%rm", "a b", "name"}, {"%help", "", "command"}, {"%who", "", "type"},
		{"%doc", "-src", "symbol"}, {"%%script", "", "program"}, {"%ls", "", ""},
	} {
		if got := Lookup(test.command).Argument(strings.Fields(test.before)); got != test.want {
			t.Errorf("%s %s: %q, want %q", test.command, test.before, got, test.want)
		}
	}
	if flags := Lookup("%test").Flags(); !slices.Contains(flags, "-race") || !slices.IsSorted(flags) {
		t.Errorf("flags of %%test: %q", flags)
	}
}

// ofTheParser reports whether package cell keeps a command to itself.
func ofTheParser(t *testing.T, name string) bool {
	if name == "!" || name == "!*" {
		return false
	}
	c, err := cell.Parse(name+" x\ny := 1", 1)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c.Whole == nil && (len(c.Commands) == 0 || c.Commands[0].Name != name) && !slices.Contains([]string{"%time", "%timeit", "%prun"}, name)
}

// TestParserKnowsOptions checks that package cell finds the statement behind the
// options that the table lists.
func TestParserKnowsOptions(t *testing.T) {
	for _, c := range All() {
		if c.Group != InMeasuring || c.Name == "%%timeit" {
			continue
		}
		line := c.Name
		for _, f := range c.Form().Flags {
			line += " " + f.Name
			if f.Value != "" {
				line += " 1"
			}
		}
		parsed, err := cell.Parse(line+" f(x)", 1)
		if err != nil || len(parsed.Stmts) != 1 || parsed.Stmts[0].Text != "f(x)" || parsed.Stmts[0].By == nil {
			t.Errorf("%s f(x): %v, %v", line, parsed, err)
			continue
		}
		if _, _, ok := c.Form().Split(append(parsed.Stmts[0].By.Args, "f(x)")); !ok {
			t.Errorf("%s: the parser makes the options %q", line, parsed.Stmts[0].By.Args)
		}
	}
}

func TestHelp(t *testing.T) {
	page := helpPage()
	for _, name := range Names() {
		if !strings.Contains(page, "`"+name) {
			t.Errorf("%%help does not mention %s", name)
		}
	}
	plain := plainMarkdown(page)
	if strings.Count(plain, "`") != 2 || strings.Contains(plain, "|--") || strings.Contains(plain, "{{") { // the marks are those of the Go example
		t.Errorf("marks in the plain text:\n%s", plain)
	}
}
