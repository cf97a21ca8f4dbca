package complete

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/cell"
)

// Suggest names what the unknown name at a position of a cell may have been
// meant to be, the likeliest first, at most three, or says what is called here
// what another library calls so. Lines and columns start at 1, columns count
// bytes.
func (c *Completer) Suggest(code string, line, col int) (names []string, here string) {
	if len(code) > maxCode {
		return nil, ""
	}
	at := 0
	for ; line > 1; line-- {
		n := strings.IndexByte(code[at:], '\n')
		if n < 0 {
			return nil, ""
		}
		at += n + 1
	}
	if at += col - 1; at < 0 || at > len(code) {
		return nil, ""
	}
	whole, text := cell.Draft(code)
	if whole != nil {
		return nil, ""
	}
	start, end := identifier(text, at)
	if start != at || start == end {
		return nil, ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.around(text, start, end)
	if p == nil {
		return nil, ""
	}
	if here := p.calledHere(text, start, end); here != "" {
		return nil, here
	}
	all := p.candidates(true)
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.name, b.name))
	})
	for _, c := range all {
		if c.kind != kindKeyword && c.alias == "" {
			names = append(names, c.name)
		}
	}
	return Nearest(text[start:end], names), ""
}

// Literal shows how a value of a struct type with fields is written, such as
// "nn.Dropout{Rate: ...}"; "" for other types.
func (c *Completer) Literal(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.load(name, len(name)-len(lastName(name)), len(name), whole, lastName(name))
	if p == nil {
		return ""
	}
	tn, ok := p.info.ObjectOf(p.ident()).(*types.TypeName)
	if !ok {
		return ""
	}
	st, ok := tn.Type().Underlying().(*types.Struct)
	if !ok {
		return ""
	}
	for i := range st.NumFields() {
		if f := st.Field(i); p.visible(f) && !f.Embedded() {
			return name + "{" + f.Name() + ": ...}"
		}
	}
	return name + "{}"
}

// NearestPackage names the packages at hand whose paths are like one that is
// not, at most three.
func (c *Completer) NearestPackage(path string) []string {
	c.mu.Lock()
	paths := c.importPaths()
	c.mu.Unlock()
	return Nearest(path, paths)
}

const maxNearest = 3

// Nearest picks the names that a mistyped one may have been meant to be: those
// that the fewest changes lead to, at most three, and none when it takes many.
func Nearest(typed string, names []string) (nearest []string) {
	if len(typed) < 3 {
		return nil
	}
	best := min((len(typed)+1)/3, 3)
	for _, name := range names {
		if name == typed || len(name)-len(typed) > best || len(typed)-len(name) > best {
			continue
		}
		d := distance(strings.ToLower(typed), strings.ToLower(name))
		if d > 1 && !strings.EqualFold(typed[:1], name[:1]) {
			continue // people know how a name begins
		}
		if d > best || d == best && len(nearest) == maxNearest {
			continue
		}
		if d < best {
			best, nearest = d, nil
		}
		nearest = append(nearest, name)
	}
	return nearest
}

// distance is the number of letters to insert, delete or exchange, or to swap
// with their neighbour, that lead from a to b.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
