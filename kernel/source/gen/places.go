package gen

import (
	"fmt"
	"regexp"

	"modelbook/internal/place"
)

// Line returns a comment after which the compiler reports positions in a cell.
func Line(cell, line, col int) string {
	return fmt.Sprintf("/*line %s:%d:%d*/", place.File(cell), line, col)
}

var lines = regexp.MustCompile(`/\*line cell\[\d+\]:\d+:\d+\*/`)

// WithoutLines returns a text without the comments of Line.
func WithoutLines(text string) string { return lines.ReplaceAllString(text, "") }
