package engine

import (
	"fmt"
	"testing"
)

// TestManyCells loads many plugins into one process.
func TestManyCells(t *testing.T) {
	nb := open(t)
	nb.run("total := 0\ntype T struct{ n int }\nvar list []any")
	for i := range 40 {
		nb.run(fmt.Sprintf("func f%d(k int) int { return k + total }\ntotal = f%d(1)\nlist = append(list, T{total})", i, i))
	}
	nb.prints("fmt.Print(total, len(list), list[39].(T).n)", "40 40 40")
}
