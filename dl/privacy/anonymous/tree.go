package anonymous

import (
	"fmt"
	"slices"
	"strings"
)

// Tree says of a value what it is in coarser words: Tree{"Berlin": "Germany", "Germany": "Europe"}. What is nobody's
// child stands at the top, together with others under "*".
type Tree map[string]string

const top = "*"

// check refuses a tree that leads in a circle.
func (t Tree) check(column string) error {
	for _, value := range sortedKeys(t) {
		at := value
		for range len(t) + 1 {
			at = t[at]
		}
		if at != "" && at != top {
			return fmt.Errorf("anonymous: the tree of %q leads from %q in a circle", column, value)
		}
	}
	return nil
}

// path are the words from the top down to a value.
func (t Tree) path(value string) []string {
	path := []string{value}
	for value != top {
		next, ok := t[value]
		if !ok {
			next = top
		}
		path, value = append(path, next), next
		if len(path) > len(t)+2 {
			break
		}
	}
	slices.Reverse(path)
	return path
}

// Up is the word some steps above a value, "*" beyond the top.
func (t Tree) Up(value string, steps int) string {
	path := t.path(value)
	return path[max(len(path)-1-max(steps, 0), 0)]
}

// cover is the lowest word that covers some values, and which share of the others it covers, too.
func (t Tree) cover(values, all []string) (text string, loss float64) {
	common := t.path(values[0])
	for _, v := range values[1:] {
		path := t.path(v)
		n := 0
		for n < min(len(common), len(path)) && common[n] == path[n] {
			n++
		}
		common = common[:n]
	}
	text = common[len(common)-1]
	under := 0
	for _, v := range all {
		under += boolInt(slices.Contains(t.path(v), text))
	}
	return text, float64(under-1) / float64(max(len(all)-1, 1))
}

// String shows the tree, a line for each word that has others below it.
func (t Tree) String() string {
	below := map[string][]string{}
	for _, value := range sortedKeys(t) {
		below[t[value]] = append(below[t[value]], value)
	}
	var lines []string
	for _, word := range sortedKeys(below) {
		lines = append(lines, word+": "+strings.Join(below[word], ", "))
	}
	return strings.Join(lines, "\n")
}
