package gen

import (
	"fmt"
	"regexp"
	"strconv"
)

// Line makes the compiler believe that what follows stands in a cell, at a line
// and column.
func Line(cell, line, col int) string {
	return fmt.Sprintf("/*line %s:%d:%d*/", File(cell), line, col)
}

var lines = regexp.MustCompile(`/\*line cell\[\d+\]:\d+:\d+\*/`)

// WithoutLines is a text without the comments of Line.
func WithoutLines(text string) string { return lines.ReplaceAllString(text, "") }

// File is the name of a cell's text in positions.
func File(cell int) string { return fmt.Sprintf("cell[%d]", cell) }

var cellFile = regexp.MustCompile(`(?:^|/)cell\[(\d+)\]$`)

// Cell is the number of the cell whose text a file name in a position means; ok
// is false for other files. A toolchain may have put a folder in front.
func Cell(file string) (number int, ok bool) {
	g := cellFile.FindStringSubmatch(file)
	if g == nil {
		return 0, false
	}
	number, err := strconv.Atoi(g[1])
	return number, err == nil
}
