package gen

import "regexp"

// reserved matches the names that generated code uses. If a cell declared them, they
// would mean something else there.
var reserved = regexp.MustCompile(`^__(rt|tests?|runtime|cell|body|run|globals|context|f|(pkg|own|var|dot)_.*|[gpt]\d+)$|__(v\d+|c\d+|now\d+|late|own|cell)$|^init__\d+$`)

// IsReserved reports whether a cell must not use a name, because generated code uses
// it.
func IsReserved(name string) bool { return reserved.MatchString(name) }

// generated matches what compilers print and users did not write: positions in
// generated files, and what is added to names.
var generated = regexp.MustCompile(`(?m)^\S*/[\w.]+\.go:\d+(?::\d+)?: |\b__(?:pkg|own|var)_|\b__dot_[^. ]*\.|__(?:v\d+|own)\b|\b` + Package + `\.`)

// AsWritten returns what a compiler printed, with names as the user wrote them.
func AsWritten(text string) string { return generated.ReplaceAllString(text, "") }
