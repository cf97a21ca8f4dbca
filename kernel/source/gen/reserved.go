package gen

import "regexp"

// reserved matches the names that generated code uses, which would mean
// something else there if a cell declared them.
var reserved = regexp.MustCompile(`^__(rt|tests?|runtime|cell|body|run|globals|context|f|(pkg|own|var|dot)_.*|[gpt]\d+)$|__(v\d+|now\d+|late|cell)$|^init__\d+$`)

// IsReserved reports whether a cell must not use a name, because generated code
// has it.
func IsReserved(name string) bool { return reserved.MatchString(name) }

// generated matches what a compiler says of generated code and the user did not
// write: places in generated files, and what is added to names.
var generated = regexp.MustCompile(`(?m)^\S*/[\w.]+\.go:\d+(?::\d+)?: |\b__(?:pkg|own|var)_|\b__dot_[^. ]*\.|__(?:v\d+|own)\b|\b` + Package + `\.`)

// AsWritten is what a compiler says, in the names that the user wrote.
func AsWritten(text string) string { return generated.ReplaceAllString(text, "") }
