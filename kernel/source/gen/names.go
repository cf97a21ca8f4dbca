package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Functions of a compiled cell.
const (
	Body = "__body" // the statements
	Test = "__test" // runs the tests of the session
	run  = "__run"  // what the worker calls
)

// Context is the predeclared ctx in compiled files.
const Context = "ctx__cell"

// Variable is the name of one version of a session variable in compiled files.
func Variable(name string, version int) string { return fmt.Sprintf("%s__v%d", name, version) }

// Copy is the name of the copy of a variable in a loop.
func Copy(name string, version int) string { return fmt.Sprintf("%s__c%d", name, version) }

// Versions of a type follow this mark.
const versionMark = "ʼ"

// Type is the name of one version of a declared type in compiled files. A type
// that hides a predeclared one always has its version in the name.
func Type(name string, version int, hides bool) string {
	if hides || version > 1 {
		return name + versionMark + strconv.Itoa(max(version, 1))
	}
	return name
}

// HidingDecl is the name in compiled files of a function or constant that hides
// a predeclared name.
func HidingDecl(name string) string { return name + "__own" }

// Late is the generated function through which a function is called late.
func Late(name string) string { return name + "__late" }

// Now is the n-th variable that holds the function which older code calls.
func Now(name string, n int) string { return fmt.Sprintf("%s__now%d", name, n) }

const initMark = "init__"

// Init is the name of the n-th func init of a cell.
func Init(n int) string { return initMark + strconv.Itoa(n) }

// IsInit reports whether a name is that of a func init.
func IsInit(name string) bool { return strings.HasPrefix(name, initMark) }

// Temp is the i-th temporary variable of an assignment.
func Temp(i int) string { return fmt.Sprintf("__t%d", i) }

// Hoisted is the i-th value that a go statement evaluates at once.
func Hoisted(i int) string { return fmt.Sprintf("__g%d", i) }

// Param is the i-th parameter of a generated function.
func Param(i int) string { return fmt.Sprintf("__p%d", i) }

// Alias makes an identifier of an import path. No two paths make the same one.
func Alias(path string) string { return "__" + flat(path) }

func flat(path string) string {
	var b strings.Builder
	for _, r := range path {
		switch {
		case r == '/':
			b.WriteByte('_')
		case r == '_' || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			fmt.Fprintf(&b, "ʹ%xʹ", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// userNames matches, in the name of a function, what users do not know: the function
// with the statements of a cell, which is the main of an ordinary program; the suffix
// of a function that is called late; and the number of an init.
var userNames = regexp.MustCompile(`\b(?:` + run + `\.)?` + Body + `\b|__late\b|\b` + initMark + `(\d+)\b`)

// FunctionName returns the name that a function would have in an ordinary program. It
// is not longer than the given one.
func FunctionName(name string) string {
	return userNames.ReplaceAllStringFunc(name, func(part string) string {
		switch {
		case strings.HasSuffix(part, Body):
			return "main"
		case part == Late(""):
			return ""
		}
		n, _ := strconv.Atoi(strings.TrimPrefix(part, initMark))
		return "init." + strconv.Itoa(n-1)
	})
}

// Inlined returns the name of a function without the generated function that it is
// inlined into.
func Inlined(name string) string { return strings.TrimPrefix(name, run+".") }

// IsGenerated reports whether the name of a function is that of a generated one.
func IsGenerated(name string) bool { return strings.HasPrefix(name, "__") }

// VersionLen returns the length of the version of a type at the start of a text, 0 if
// there is none.
func VersionLen(text string) int {
	version, ok := strings.CutPrefix(text, versionMark)
	digits := len(version) - len(strings.TrimLeft(version, "0123456789"))
	if !ok || digits == 0 {
		return 0
	}
	return len(versionMark) + digits
}

// HasVersion reports whether a text can contain the version of a type.
func HasVersion(text string) bool { return strings.Contains(text, versionMark) }
