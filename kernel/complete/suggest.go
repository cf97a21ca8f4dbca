package complete

import (
	"cmp"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/nearest"
)

// Suggest lists at most three names that the unknown name at a position of a cell
// may be a misspelling of, the likeliest first. For a name of another library it
// returns in here what its counterpart is. Lines and columns start at 1; columns
// count bytes.
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
	d := cell.ParseDraft(code)
	if d.Whole != nil {
		return nil, ""
	}
	text := d.Go
	start, end := identifier(text, at)
	if start != at || start == end {
		return nil, ""
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.around(d, start, end)
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
	return nearest.Names(text[start:end], names), ""
}

// Literal shows how a value of a struct type with fields is written, such as
// "nn.Dropout{Rate: ...}"; "" for other types.
func (c *Completer) Literal(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.load(cell.Draft{Go: name}, len(name)-len(lastName(name)), len(name), whole, lastName(name))
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

// NearestPackage lists at most three available packages whose paths resemble an
// unknown one.
func (c *Completer) NearestPackage(path string) []string {
	c.mu.Lock()
	paths := c.importPaths()
	c.mu.Unlock()
	return nearest.Names(path, paths)
}
