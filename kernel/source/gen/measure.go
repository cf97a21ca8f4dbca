package gen

import (
	"fmt"
	"strings"
)

// %timeit measures a loop of compiled code:
//
//	__rt.Timeit(loops, runs, quiet, func(__n int, __t *__rt.Timer) {
//		SETUP; __t.Start(); for ; __n > 0; __n-- { STATEMENTS }; __t.Stop()
//	})

// Counter is the variable by which a measured loop is known.
const Counter = "__n"

// TimeitBefore and TimeitAfter enclose the statements that a %timeit measures.
// The setup, if any, stands between them and TimeitLoop.
func TimeitBefore(loops, runs int, quiet bool) string {
	return fmt.Sprintf("%s.Timeit(%d, %d, %v, func(%s int, __t *%[1]s.Timer) {", runtimeName, loops, runs, quiet, Counter)
}

// The rest of the code around measured statements.
const (
	TimeitLoop  = "__t.Start(); for ; " + Counter + " > 0; " + Counter + "-- {"
	TimeitAfter = "}; __t.Stop() })"
)

// IsTimeit reports whether a selector is that of Timeit.
func IsTimeit(qualifier, name string) bool { return qualifier == runtimeName && name == "Timeit" }

// KeepAlive makes the n values of an expression look used, so that the compiler does
// not remove it.
func KeepAlive(n int) Wrap {
	var names []string
	alive := ""
	for i := range n {
		name := fmt.Sprintf("__v%d", i)
		names = append(names, name)
		alive += "; " + goRuntime + ".KeepAlive(&" + name + ")"
	}
	return Wrap{"{ " + strings.Join(names, ", ") + " := ", alive + " }"}
}

// Code around what %time and %prun measure. The end of a cell ends both.
const (
	TimeBegin  = runtimeName + ".TimeBegin();"
	TimeEnd    = ";" + runtimeName + ".TimeEnd()"
	ProfileEnd = ";" + runtimeName + ".ProfileEnd()"
)

// ProfileBegin begins a profile. The options of %prun come back with it.
func ProfileBegin(options string) string {
	return fmt.Sprintf("%s.ProfileBegin(%q);", runtimeName, options)
}
