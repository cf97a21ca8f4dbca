package command

import (
	"fmt"
	"strings"
	"testing"
)

func TestLineStates(t *testing.T) {
	lines := strings.Split("func f(x int) int {\n\tif x > 0 { return 1 } else { x++ }\n\tfor x < 0 {\n\t\tx--\n\n\t\tx = -x\n\t}\n\treturn x // last\n}", "\n")
	states := lineStates(lines, []block{
		{1, 19, 2, 11, 1, 1},
		{2, 11, 2, 23, 1, 0}, {2, 29, 2, 36, 1, 1},
		{3, 2, 3, 12, 1, 1},
		{3, 12, 7, 3, 2, 0},
		{8, 2, 8, 10, 1, 1},
	})
	if got := string(states); got != " ~+- - + " {
		t.Errorf("states %q", got)
	}
	for _, test := range []struct{ states, want string }{
		{"+-+--", "2, 4-5"}, {"- -", "1-3"}, {"+++", ""}, {"-  -", "1, 4"},
	} {
		if got := ranges([]byte(test.states), didNotRun); got != test.want {
			t.Errorf("%q: %q, want %q", test.states, got, test.want)
		}
	}
}

func TestFlagsOfSeparateTests(t *testing.T) {
	for _, test := range []struct{ args, want string }{
		{"-race -run X", "[{race true} {run X}]"}, {"-cover -count=2", "[{cover true} {count 2}]"}, {"--test.v", "[{v true}]"}, {"-race=false", "[{race false}]"},
		{"-fuzz x", "%test: -fuzz does not work"}, {"x", "%test: x does not work"}, {"-run", "%test: -run needs a value"},
	} {
		flags, err := testFlags(strings.Fields(test.args))
		got := fmt.Sprint(flags)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %s, want %s", test.args, got, test.want)
		}
	}
	if needsProgram([]string{"-run", "x"}) || needsProgram([]string{"-race=false"}) || !needsProgram([]string{"-v", "-coverprofile=x"}) {
		t.Error("which flags need a program of their own")
	}
}
