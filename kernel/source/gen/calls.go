package gen

import (
	"fmt"
	"strings"
)

// Calls of package rt, by what they are for. Code "of a cell" uses the cell's
// own rt.Cell, a variable of the generated file (see Wrapper).

// Stop checks end a cell that is interrupted.
const (
	Check     = "__cell.Check()"     // anywhere
	CheckBody = "__cell.CheckBody()" // in the statements of a cell, outside of functions
)

// CheckAndStore is a stop check that does something before it stops.
func CheckAndStore(first string) string {
	return "if __cell.Stopped() {" + first + ";__cell.Interrupt()}"
}

// Recover begins a goroutine of a cell: a panic in it is reported.
const Recover = "defer __cell.Recover();"

// Made tells that a cell has run its n-th statement that makes variables.
func Made(n int) string { return fmt.Sprintf("__cell.Made(%d)", n) }

// Raise ends the cell with an error if there is one. The line is that of the
// statement which made it.
func Raise(line int, err string) string { return raise(line) + err + ")" }

func raise(line int) string { return fmt.Sprintf("__cell.Line(%d).Raise(", line) }

// A Wrap is code in front of an expression and behind it.
type Wrap struct{ Before, After string }

// Wraps of the last expression of a cell.

// Discards evaluates it.
func Discards() Wrap { return Wrap{runtimeName + ".Discard(", ")"} }

// Displays shows it, as it is or as a function makes it of it (see ShowFunc).
func Displays(function string) Wrap {
	if function == "" {
		return Wrap{"__cell.Display(", ")"}
	}
	return Wrap{"__cell.Display(" + function + "(", "))"}
}

// Shows shows all its values but the last, an error, which is raised.
func Shows(line int) Wrap { return Wrap{fmt.Sprintf("__cell.Line(%d).Show(", line), ")"} }

// Raises raises it, an error.
func Raises(line int) Wrap { return Wrap{raise(line), ")"} }

// RaisesLast raises the last of its values, an error, and shows nothing.
func RaisesLast(line int) Wrap { return Wrap{fmt.Sprintf("__cell.Line(%d).RaiseLast(", line), ")"} }

// DisplayConstant shows a constant that no type of its kind can hold.
func DisplayConstant(text string) string {
	return fmt.Sprintf("__cell.Display(%s.Constant(%q))", runtimeName, text)
}

// ShowFunc names a function through which values are shown, of a package whose
// local name is returned too.
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

// standIns are functions of package rt for those that would end the worker, or
// would fail when a cell runs twice.
var standIns = map[string]string{
	"os.Exit": "Exit", "log.Fatal": "Fatal", "log.Fatalf": "Fatalf", "log.Fatalln": "Fatalln", "flag.Parse": "ParseFlags",
}

// StandIn is what cells call in place of a function of a package, "" for the
// function itself.
func StandIn(path, name string) string {
	if in := standIns[path+"."+name]; in != "" {
		return runtimeName + "." + in
	}
	return ""
}

// Logger is code around a logger in front of a method that ends the process:
// log.Fatal and the like. The method is left out.
func Logger(method string, address bool) Wrap {
	w := Wrap{runtimeName + ".Logger" + method + "(", ")"}
	if address {
		w.Before += "&"
	}
	return w
}

// Go runs a call in a goroutine that recovers. The values of the call are
// evaluated at once: left takes them, of which "_" stands for none.
//
//	{f1, x1, _ := f, x, 0; go func() { defer recover; f1(x1, 5) }()}
//
// It stands around the values.
func Go(left []string, call string) Wrap {
	define := "="
	for _, name := range left {
		if name != "_" {
			define = ":="
		}
	}
	return Wrap{"{" + strings.Join(left, ", ") + " " + define + " ", fmt.Sprintf("; go func() { %s%s }()}", Recover, call)}
}

// RegisterType makes the worker know a type under a key.
func RegisterType(key, typ string) string {
	return fmt.Sprintf("%s.Type(%q, (*%s)(nil))", runtimeName, key, typ)
}
