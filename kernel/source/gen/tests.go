package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// RunTests is the function Test: it hands over functions by the statements given
// (see TestFunc) and runs them. Without arguments, those of the cell run, or all.
func RunTests(handed string, line int, args []string) string {
	list := []string{strconv.Itoa(line)}
	for _, a := range args {
		list = append(list, strconv.Quote(a))
	}
	call := "Run(" + strings.Join(list, ", ") + ")"
	if args == nil {
		call = "RunDefault(" + list[0] + ")"
	}
	return "func " + Test + "() {\n" + handed + testsName + "." + call + "\n}"
}

// TestMain hands over the function TestMain.
const TestMain = testsName + ".Main(TestMain)\n"

// TestFunc hands over a function of a kind: Test, Benchmark or Fuzz. mine says
// that it is of the cell itself.
func TestFunc(kind, name string, mine bool) string {
	return fmt.Sprintf("%s.%s(%q, %v, %s)\n", testsName, kind, name, mine, name)
}

// Example hands over an example with what it is to print.
func Example(name string, mine bool, output string, unordered bool) string {
	return fmt.Sprintf("%s.Example(%q, %v, %s, %q, %v)\n", testsName, name, mine, name, output, unordered)
}

// Guards of a function that package testing calls in a goroutine of its own,
// where a panic would end the worker: of a subtest, and of a fuzz target.
var (
	GuardSubtest = Wrap{testsName + ".Guard(", ")"}
	GuardFuzz    = Wrap{testsName + ".GuardFuzz(", ")"}
)
