package complete

import (
	"go/ast"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// namesFile is a file that a package may have in its folder: what its names are
// called in other libraries. Its own comment says how it is written.
const namesFile = "names.txt"

// A foreign name is a name of another library, with its counterpart here.
type foreign struct {
	library string // "PyTorch"
	name    string // "nn.Linear", "Tensor.view"
	ours    string // "nn.Dense", "dl.Tensor.Reshape", or "" when there is none
	note    string
}

// last returns the last element of the name.
func (f foreign) last() string { return f.name[strings.LastIndexByte(f.name, '.')+1:] }

// of returns what the name is selected from: a type, or "*" for a value of any
// type; "" when it is a name of a package.
func (f foreign) of() string {
	before, _, ok := strings.Cut(f.name, ".")
	if !ok || before != "*" && (before == "" || before[0] < 'A' || before[0] > 'Z' || before == "F") {
		return ""
	}
	return before
}

// here says what the counterpart of a foreign name is.
func (f foreign) here() string {
	text := f.library + "'s " + strings.TrimPrefix(f.name, "*.")
	switch {
	case f.ours == "":
		return text + ": " + f.note
	case f.note != "":
		return text + " is " + f.ours + " here: " + f.note
	}
	return text + " is " + f.ours + " here"
}

// foreignNames reads the files of names of the packages that need no import
// line, once.
func (c *Completer) foreignNames() []foreign {
	if c.names != nil {
		return c.names
	}
	c.names = []foreign{}
	for _, path := range c.ownPackages() {
		text, err := os.ReadFile(filepath.Join(c.cfg.Source, strings.TrimPrefix(path, "modelbook/"), namesFile))
		if err == nil {
			c.names = append(c.names, readNames(string(text))...)
		}
	}
	return c.names
}

// ownPackages lists the packages of this project that need no import line.
func (c *Completer) ownPackages() (all []string) {
	for _, paths := range c.cfg.Known {
		for _, path := range paths {
			if strings.HasPrefix(path, "modelbook/") {
				all = append(all, path)
			}
		}
	}
	slices.Sort(all)
	return all
}

// readNames reads a file of names.
func readNames(text string) (all []foreign) {
	library := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			library = strings.TrimSuffix(name, "]")
			continue
		}
		theirs, rest, ok := strings.Cut(line, " =")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		ours, note, _ := strings.Cut(rest, ";")
		for _, name := range strings.Fields(theirs) {
			all = append(all, foreign{library, name, strings.TrimSpace(ours), strings.TrimSpace(note)})
		}
	}
	return all
}

// selected matches what is selected of a name.
var selected = regexp.MustCompile(`^(\.[\pL_][\pL\d_]*)+`)

// calledHere names the counterpart of the unknown name at text[start:end], if it
// is a name of another library or of another package; else it returns "".
func (p *program) calledHere(text string, start, end int) string {
	name := text[start:end]
	sel, ok := p.path[1].(*ast.SelectorExpr)
	switch {
	case ok && sel.Sel == p.path[0]:
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok {
			if pkg, ok := p.info.Uses[id].(*types.PkgName); ok {
				if !slices.Contains(p.ownPackages(), pkg.Imported().Path()) {
					return ""
				}
				return p.foreignName(id.Name+"."+name, "")
			}
		}
		if tv := p.info.Types[sel.X]; tv.Type != nil {
			return p.foreignMember(tv.Type, name)
		}
		return ""
	case p.isField():
		for _, n := range p.path {
			if lit, ok := n.(*ast.CompositeLit); ok {
				if tv := p.info.Types[lit]; tv.Type != nil {
					return p.foreignMember(tv.Type, name)
				}
				break
			}
		}
		return ""
	}
	// A name by itself, maybe of a package that does not exist: torch.nn.Linear.
	chain := name
	if p.foreignPackage(name) {
		chain += selected.FindString(text[end:])
	}
	for ; ; chain = chain[:strings.LastIndexByte(chain, '.')] {
		if said := p.foreignName(chain, ""); said != "" || !strings.Contains(chain, ".") {
			return said
		}
	}
}

// foreignPackage reports whether another library has a package of that name.
func (p *program) foreignPackage(name string) bool {
	return slices.ContainsFunc(p.foreignNames(), func(f foreign) bool {
		return f.of() == "" && (f.name == name || strings.Contains("."+f.name, "."+name+"."))
	})
}

// isField reports whether the identifier is the key of a composite literal.
func (p *program) isField() bool {
	switch parent := p.path[1].(type) {
	case *ast.KeyValueExpr:
		return parent.Key == p.path[0]
	case *ast.CompositeLit:
		return parent.Type != p.path[0]
	}
	return false
}

// foreignMember names the counterpart of a field or method of a type.
func (p *program) foreignMember(t types.Type, name string) string {
	tn := typeName(deref(t))
	if tn == nil || tn.Pkg() == nil || tn.Pkg().Path() != gen.Package && !slices.Contains(p.ownPackages(), tn.Pkg().Path()) {
		return ""
	}
	if said := p.foreignName(tn.Name()+"."+name, tn.Name()); said != "" || tn.Name() == "Tensor" {
		return said
	}
	return p.foreignName("*."+name, "*")
}

// foreignName names the counterpart of a dotted name, which may be one of another
// library or of a package of this project. of is what it is selected from, as
// foreign.of returns it.
func (p *program) foreignName(typed, of string) string {
	last := typed[strings.LastIndexByte(typed, '.')+1:]
	same := func(f foreign) bool { return f.of() == of && f.last() == last }
	names := p.foreignNames()
	for _, f := range names { // the same text, or the end of a longer one
		if same(f) && (typed == f.name || strings.HasSuffix(typed, "."+f.name)) {
			return f.here()
		}
	}
	qualified := strings.Contains(typed, ".")
	for _, f := range names {
		// By itself a name means only what is unlike other words: Linear, not data.
		if same(f) && strings.Contains(f.name, ".") && (qualified || len(last) > 3 && ast.IsExported(last)) {
			return f.here()
		}
	}
	if of != "" || !ast.IsExported(last) {
		return ""
	}
	var there []string
	for _, path := range p.ownPackages() {
		pkg, err := p.packages.Import(path)
		if err == nil && pkg.Scope().Lookup(last) != nil && typed != pkg.Name()+"."+last {
			there = append(there, pkg.Name()+"."+last)
		}
	}
	switch len(there) {
	case 0:
		return ""
	case 1:
		return "there is " + there[0]
	}
	return "there are " + strings.Join(there[:len(there)-1], ", ") + " and " + there[len(there)-1]
}

// aliases adds the candidates that have another name in another library, under
// that name. of is "" for the names of a package, else the type that owner
// names.
func (p *program) aliases(all []candidate, owner, of string) []candidate {
	for _, f := range p.foreignNames() {
		i := slices.IndexFunc(all, func(c candidate) bool { return f.ours == owner+"."+c.name })
		if i >= 0 && f.of() == of {
			c := all[i]
			c.alias = f.last()
			all = append(all, c)
		}
	}
	return all
}
