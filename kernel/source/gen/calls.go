package gen

import (
	"fmt"
	"strings"
)

// Calls of package rt. What begins with __cell is a method of the rt.Cell of the
// plugin, a variable of the generated file (see Wrapper).

// Stop checks end a cell that is interrupted.
const (
	Check     = "__cell.Check()"     // anywhere
	CheckBody = "__cell.CheckBody()" // in the statements of a cell, outside of functions
)

// CheckAndStore is a stop check that runs a statement before it stops.
func CheckAndStore(first string) string {
	return "if __cell.Stopped() {" + first + ";__cell.Interrupt()}"
}

// Recover begins a goroutine of a cell: a panic in it is reported.
const Recover = "defer __cell.Recover();"

// Made reports that a cell has run its n-th statement that makes variables.
func Made(n int) string { return fmt.Sprintf("__cell.Made(%d)", n) }

// Raise ends the cell with an error unless it is nil. line is that of the statement
// which the error comes from.
func Raise(line int, err string) string { return raise(line) + err + ")" }

func raise(line int) string { return fmt.Sprintf("__cell.Line(%d).Raise(", line) }

// A Wrap is code around an expression or statement.
type Wrap struct{ Before, After string }

// The following wraps are for the last expression of a cell.

// Discards evaluates the expression only.
func Discards() Wrap { return Wrap{runtimeName + ".Discard(", ")"} }

// Displays shows the expression, or what a function (see ShowFunc) makes of it.
func Displays(function string) Wrap {
	if function == "" {
		return Wrap{"__cell.Display(", ")"}
	}
	return Wrap{"__cell.Display(" + function + "(", "))"}
}

// Shows shows all values but the last, an error, which is raised.
func Shows(line int) Wrap { return Wrap{fmt.Sprintf("__cell.Line(%d).Show(", line), ")"} }

// Raises raises the expression, an error.
func Raises(line int) Wrap { return Wrap{raise(line), ")"} }

// RaisesLast raises the last value, an error, and shows nothing.
func RaisesLast(line int) Wrap { return Wrap{fmt.Sprintf("__cell.Line(%d).RaiseLast(", line), ")"} }

// DisplayConstant shows a constant that its default type cannot hold, by its text.
func DisplayConstant(text string) string {
	return fmt.Sprintf("__cell.Display(%s.Constant(%q))", runtimeName, text)
}

// ShowFunc returns a function through which values are shown, as it is called, and the
// local name of its package.
func ShowFunc(name string) (call, local string) { return showName + "." + name, showName }

// Zero sets a variable to zero. plain says that it is large and has no pointers.
func Zero(ident string, plain bool) string {
	if plain {
		return runtimeName + ".ZeroPlain(&" + ident + ")"
	}
	return runtimeName + ".Zero(&" + ident + ")"
}

// ParseFlags parses the flags of a program in a cell.
const ParseFlags = runtimeName + ".ParseFlags();"

// standIns are functions of package rt that replace functions which would end the
// worker, or would fail when a cell runs twice.
var standIns = map[string]string{
	"os.Exit": "Exit", "log.Fatal": "Fatal", "log.Fatalf": "Fatalf", "log.Fatalln": "Fatalln", "flag.Parse": "ParseFlags",
}

// StandIn returns what cells call instead of a function of a package, "" for the
// function itself.
func StandIn(path, name string) string {
	if in := standIns[path+"."+name]; in != "" {
		return runtimeName + "." + in
	}
	return ""
}

// Logger returns code around a *log.Logger that replaces the selection of a method
// which ends the process, such as Fatal. address says that the expression is a
// log.Logger.
func Logger(method string, address bool) Wrap {
	w := Wrap{runtimeName + ".Logger" + method + "(", ")"}
	if address {
		w.Before += "&"
	}
	return w
}

// Go returns code around the values of a go statement. They are evaluated at once and
// assigned to the variables of left ("_" for what needs no variable), and a goroutine
// with a recover makes the call.
//
//	{f1, x1, _ := f, x, 0; go func() { defer recover; f1(x1, 5) }()}
func Go(left []string, call string) Wrap {
	define := "="
	for _, name := range left {
		if name != "_" {
			define = ":="
		}
	}
	return Wrap{"{" + strings.Join(left, ", ") + " " + define + " ", fmt.Sprintf("; go func() { %s%s }()}", Recover, call)}
}

// RegisterType registers a type with the worker under a key.
func RegisterType(key, typ string) string {
	return fmt.Sprintf("%s.Type(%q, (*%s)(nil))", runtimeName, key, typ)
}
