package differential

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// Functions that are declared anew are called by what earlier cells have left
// behind, too, if their signature is the same. So the program calls functions of
// a world through variables:
//
//	var now_f_s1w1 func(int) int
//	func late_f_s1w1(a int) int { return now_f_s1w1(a) }
//
// and the cell that begins a world sets those of the worlds before.
const latePrefix = "late_"

// isLate reports whether a name is that of a function of a world that is called
// in this way: all but generic ones are.
func (g *sequence) isLate(name string, world int) bool {
	return world <= len(g.worlds) && slices.ContainsFunc(g.worlds[world-1].decls, func(d *declaration) bool {
		return d.isFunc() && d.key == name && !strings.HasPrefix(d.text, "func $"+name+"[")
	})
}

// noteAnew notes that a function is declared in the world at hand.
func (g *sequence) noteAnew(d *declaration) {
	if d.isFunc() {
		if g.anew == nil {
			g.anew = map[int][]string{}
		}
		g.anew[g.world()] = append(g.anew[g.world()], d.key)
	}
}

// writeLate writes what it takes to call a function, given as it stands in the
// program, through a variable, and returns its text.
func (g *sequence) writeLate(b *strings.Builder, text string) string {
	text = strings.Replace(text, "func "+latePrefix, "func ", 1)
	const clause = "package p\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", clause+text, 0)
	if err != nil {
		panic(fmt.Sprint(err, ": ", text))
	}
	fn := file.Decls[0].(*ast.FuncDecl)
	source := func(n ast.Node) string { return (clause + text)[n.Pos()-1 : n.End()-1] }
	var types, params, args, results []string
	for _, f := range fn.Type.Params.List {
		typ, dots := source(f.Type), ""
		if strings.HasPrefix(typ, "...") {
			dots = "..."
		}
		for range max(1, len(f.Names)) {
			arg := fmt.Sprint("p", len(args))
			types, params, args = append(types, typ), append(params, arg+" "+typ), append(args, arg+dots)
		}
	}
	if fn.Type.Results != nil {
		for _, f := range fn.Type.Results.List {
			for range max(1, len(f.Names)) {
				results = append(results, source(f.Type))
			}
		}
	}
	name, back, result := fn.Name.Name, "", ""
	if results != nil {
		back, result = "return ", " ("+strings.Join(results, ", ")+")"
	}
	signature := "func(" + strings.Join(types, ", ") + ")" + result
	g.signatures[name] = signature
	fmt.Fprintf(b, "var now_%[1]s %[2]s\nfunc init() { now_%[1]s = %[1]s }\nfunc %[3]s%[1]s(%[4]s)%[5]s { %[6]snow_%[1]s(%[7]s) }\n",
		name, signature, latePrefix, strings.Join(params, ", "), result, back, strings.Join(args, ", "))
	return text
}

// bindLate is what a cell does at its beginning for the functions that it
// declares: before is the world of the cell before it.
func (g *sequence) bindLate(before int, c *cell) string {
	var b strings.Builder
	for world := before + 1; world <= c.world; world++ {
		for _, name := range g.anew[world] {
			now := strings.TrimPrefix(g.name(name, world), latePrefix)
			for old := max(1, g.since(world)); old < world; old++ {
				then := strings.TrimPrefix(g.name(name, old), latePrefix)
				if s := g.signatures[then]; g.isLate(name, old) && s != "" && s == g.signatures[now] {
					fmt.Fprintf(&b, "\tnow_%s = %s\n", then, now)
				}
			}
		}
	}
	return b.String()
}

// since is the first world after the %reset before a world, or 1.
func (g *sequence) since(world int) int {
	first := 1
	for _, w := range g.resets {
		if w <= world {
			first = w
		}
	}
	return first
}
