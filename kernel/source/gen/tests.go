package gen

import (
	"fmt"
	"strconv"
	"strings"
)

// RunTests returns the function Test: the statements register functions (see TestFunc),
// and then the tests run. With nil arguments those of the cell run, or all if it has
// none.
func RunTests(statements string, line int, args []string) string {
	list := []string{strconv.Itoa(line)}
	for _, a := range args {
		list = append(list, strconv.Quote(a))
	}
	call := "Run(" + strings.Join(list, ", ") + ")"
	if args == nil {
		call = "RunDefault(" + list[0] + ")"
	}
	return "func " + Test + "() {\n" + statements + testsName + "." + call + "\n}"
}

// TestMain registers the function TestMain.
const TestMain = testsName + ".Main(TestMain)\n"

// TestFunc registers a function of a kind: Test, Benchmark or Fuzz. mine says that the
// cell itself declares it.
func TestFunc(kind, name string, mine bool) string {
	return fmt.Sprintf("%s.%s(%q, %v, %s)\n", testsName, kind, name, mine, name)
}

// Example registers an example with the output that it must print.
func Example(name string, mine bool, output string, unordered bool) string {
	return fmt.Sprintf("%s.Example(%q, %v, %s, %q, %v)\n", testsName, name, mine, name, output, unordered)
}

// GuardSubtest and GuardFuzz wrap the function of a subtest or a fuzz target. Package
// testing calls it in another goroutine, where a panic would end the worker.
var (
	GuardSubtest = Wrap{testsName + ".Guard(", ")"}
	GuardFuzz    = Wrap{testsName + ".GuardFuzz(", ")"}
)
