// Package place names the texts of cells in positions: "cell[3]" is the file of
// what was executed third, to the compiler, in tracebacks, in profiles and to
// debuggers. It imports nothing of modelbook; the front end for source, the engine
// and the worker share it.
package place

import (
	"strconv"
	"strings"
)

const begin = "cell["

// File is the name of a cell's text.
func File(cell int) string { return begin + strconv.Itoa(cell) + "]" }

// Cell returns the number of the cell that a file's name means, with any folder
// in front; ok is false for other files.
func Cell(file string) (number int, ok bool) {
	i := Index(file)
	if i < 0 || !strings.HasSuffix(file, "]") {
		return 0, false
	}
	number, err := strconv.Atoi(file[i+len(begin) : len(file)-1])
	return number, err == nil && number >= 0
}

// Index returns where the name of a cell's text begins in a position, behind any
// folder, or -1.
func Index(position string) int {
	i := strings.LastIndex(position, begin)
	if i > 0 && position[i-1] != '/' {
		return -1
	}
	return i
}
