package gen

import (
	"fmt"
	"strings"
)

// Calls for the debugger, of functions that are compiled for it.

const frameName = "__frame"

// EnterFrame begins a function that a cell declares, under the name that the
// user knows.
func EnterFrame(cell int, function string) string {
	return fmt.Sprintf("%s := %s.Enter(%d, %q);defer %s.Leave();", frameName, runtimeName, cell, function, frameName)
}

// AtLine says that a line is next, and which variables are in scope there.
func AtLine(line int, locals []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.At(%d, ", frameName, line)
	if len(locals) == 0 {
		b.WriteString("nil);")
		return b.String()
	}
	fmt.Fprintf(&b, "func() []%s.Local { return []%s.Local{", runtimeName, runtimeName)
	for _, name := range locals {
		fmt.Fprintf(&b, "{%q, &%s},", Plain(name), name)
	}
	b.WriteString("} });")
	return b.String()
}
