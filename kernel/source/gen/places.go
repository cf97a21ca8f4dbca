package gen

import (
	"fmt"
	"regexp"
	"strconv"
)

// Line returns a comment after which the compiler reports positions in a cell.
func Line(cell, line, col int) string {
	return fmt.Sprintf("/*line %s:%d:%d*/", File(cell), line, col)
}

var lines = regexp.MustCompile(`/\*line cell\[\d+\]:\d+:\d+\*/`)

// WithoutLines returns a text without the comments of Line.
func WithoutLines(text string) string { return lines.ReplaceAllString(text, "") }

// File is the name of a cell's text in positions.
func File(cell int) string { return fmt.Sprintf("cell[%d]", cell) }

var cellFile = regexp.MustCompile(`(?:^|/)cell\[(\d+)\]$`)

// Cell returns the number of the cell that the file name in a position means, with any
// folder in front; ok is false for other files.
func Cell(file string) (number int, ok bool) {
	g := cellFile.FindStringSubmatch(file)
	if g == nil {
		return 0, false
	}
	number, err := strconv.Atoi(g[1])
	return number, err == nil
}
