package gen

import (
	"regexp"
	"strings"
)

// A package has one scope, but in a notebook a later name can hide an earlier one. So
// what hides something has another name during a type check: its own with a mark in
// front. Plain removes the marks from messages and types.
const (
	hidingVariable = "__var_" // a variable that hides a declaration or a predeclared name
	hidingDecl     = "__own_" // a declaration that hides a predeclared name
	hiddenImport   = "__pkg_" // an import whose name the session has for something else
	dotImport      = "__dot_" // a package imported with a dot
)

// HidingVariable is the name, in a type check, of a variable that hides
// something else.
func HidingVariable(name string) string { return hidingVariable + name }

// HidingName is the name, in a type check, of a declaration that hides a
// predeclared name.
func HidingName(name string) string { return hidingDecl + name }

// CutHidingName returns the name behind HidingName; ok is false for any other.
func CutHidingName(name string) (plain string, ok bool) { return strings.CutPrefix(name, hidingDecl) }

// HiddenImport is the name, in a type check, of an import whose name the session
// has for something else.
func HiddenImport(name string) string { return hiddenImport + name }

// CutHiddenImport returns the name behind HiddenImport; ok is false for any
// other.
func CutHiddenImport(name string) (plain string, ok bool) {
	return strings.CutPrefix(name, hiddenImport)
}

// DotImport is the local name of a package that is imported with a dot.
func DotImport(path string) string { return dotImport + flat(path) }

// IsDotImport reports whether a local name is that of a package imported with a
// dot.
func IsDotImport(name string) bool { return strings.HasPrefix(name, dotImport) }

var dotQualifier = regexp.MustCompile(dotImport + `[^. ]*\.`)

// Plain returns a text of a type check without the marks of names.
func Plain(text string) string {
	for _, mark := range []string{hidingVariable, hidingDecl, hiddenImport} {
		text = strings.ReplaceAll(text, mark, "")
	}
	if strings.Contains(text, dotImport) {
		text = dotQualifier.ReplaceAllString(text, "")
	}
	return text
}
