package differential

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// A step is a template for a part of a cell. In its text, $T is a name: of a
// thing that the step uses, else a fresh one; # is a small number; and ≔ is
// the := of session variables. What starts with func, type or const in the
// first column is a declaration, the rest are statements.
type step struct {
	// makes names the kind of thing that the step makes, for others to use.
	makes string
	// use names the kinds of things that the step needs; their names are known
	// in the text as they were in the step that made them.
	use []string
	// vars are the variables it makes, with their types: "$n int | $l []$T".
	vars string
	text string
	// again are declarations that may replace the step's own later: same
	// signature or same layout.
	again []string
	// wider is a declaration of the step's type with another layout, which ends
	// the variables of the type; breaking one of its function with another
	// signature, which ends its callers.
	wider, breaking string
	// shown is a last expression; it makes the cell's last step.
	shown string
	// raises is the expression of an error that the cell ends with.
	raises string
	// boxes marks things that hold values in interfaces: their types stay the
	// old ones when the world changes, and only kind "boxed" steps may use them.
	boxes bool
}

// A sequence is a list of cells and the program that is equivalent to them.
//
// A redefinition starts a new world. In the program every world has its own
// copy of all declarations, which is what late binding means: cells of a world
// call that world's functions, and stored functions and methods of boxed
// values stay in the world they come from. Variables are shared by the worlds:
// each sees the storage through its own types.
type sequence struct {
	*rand.Rand
	id     string
	from   []step // what cells are made of
	cells  []string
	bodies []string // the functions of the program that run the cells
	worlds []string // the declarations of worlds that have ended
	decls  []*declaration
	vars   []*sessionVar
	things []*thing
	fresh  int
	ended  bool // the cell at hand has a last expression or raises an error

	cellText, cellBody, epilogue strings.Builder
}

type declaration struct {
	key, text string
	names     []string
}

type sessionVar struct {
	name, typ string
	from, to  int // worlds; to is 0 while it lives
	storage   int
}

type thing struct {
	step  *step
	kind  string
	names map[string]string
}

func newSequence(seed uint64) *sequence {
	g := &sequence{Rand: rand.New(rand.NewPCG(seed, 1)), id: fmt.Sprint("s", seed), from: steps}
	for n := 6 + g.IntN(5); len(g.cells) < n; {
		g.cell()
	}
	g.endWorld()
	return g
}

// cell makes a cell of a few steps.
func (g *sequence) cell() {
	g.ended = false
	if len(g.cells) > 0 && g.IntN(3) == 0 {
		g.redefine()
	}
	for n := 1 + g.IntN(4); n > 0 && !g.ended; {
		if g.step(&g.from[g.IntN(len(g.from))]) {
			n--
		}
	}
	if g.IntN(2) == 0 && !g.ended {
		g.cellText.WriteString("runtime.GC()\n")
	}
	k := len(g.cells) + 1
	g.cells = append(g.cells, g.cellText.String())
	g.bodies = append(g.bodies, fmt.Sprintf("func cell%d_%s() {\n%s%s}\n", k, g.id, g.cellBody.String(), g.epilogue.String()))
	g.cellText.Reset()
	g.cellBody.Reset()
	g.epilogue.Reset()
}

// step adds a step to the cell, if what it needs is there.
func (g *sequence) step(s *step) bool {
	names := map[string]string{}
	for _, kind := range s.use {
		all := slices.DeleteFunc(slices.Clone(g.things), func(t *thing) bool { return t.kind != kind })
		if len(all) == 0 {
			return false
		}
		maps.Copy(names, all[g.IntN(len(all))].names)
	}
	g.emit(s, s.text, names)
	if s.makes != "" {
		g.things = append(g.things, &thing{s, s.makes, names})
	}
	return true
}

var (
	markedName = regexp.MustCompile(`\$(\w+)`)
	declared   = regexp.MustCompile(`^(func \([^)]*\*?\$(\w+)[^)]*\) (\w+)|(?:func|type) \$(\w+)|const)`)
	ownNames   = regexp.MustCompile(`(?m)^(?:([a-z]\w*(?:, [a-z]\w*)*) := |var (\w+) )`)
	varLine    = regexp.MustCompile(`(?m)^var \$(\w+) ([^=\n]+?)( = .*)?$`)
)

// emit adds text to the cell at hand, with its names bound.
func (g *sequence) emit(s *step, text string, names map[string]string) {
	bind := func(text string) string {
		text = markedName.ReplaceAllStringFunc(text, func(m string) string {
			if names[m[1:]] == "" {
				g.fresh++
				names[m[1:]] = fmt.Sprint(m[1:], g.fresh)
			}
			return "$" + names[m[1:]]
		})
		return regexp.MustCompile("#").ReplaceAllStringFunc(text, func(string) string { return fmt.Sprint(1 + g.IntN(9)) })
	}
	text = bind(g.own(text))
	for v := range strings.SplitSeq(bind(s.vars), "|") {
		if name, typ, ok := strings.Cut(strings.TrimSpace(v), " "); ok {
			g.vars = append(g.vars, &sessionVar{name: name[1:], typ: typ, from: g.world(), storage: g.fresh*100 + len(g.vars)})
		}
	}
	decls, stmts := split(text)
	for _, d := range decls {
		g.declare(d)
	}
	g.cellText.WriteString(inCell(strings.Join(decls, "") + stmts))
	g.cellBody.WriteString(g.inProgram(stmts, g.world()))
	if s.shown != "" {
		g.ended = true
		shown := bind(s.shown)
		g.cellText.WriteString("runtime.GC()\n" + inCell(shown) + "\n")
		g.epilogue.WriteString(g.inProgram("fmt.Printf(\"= %#v\\n\", "+shown+")\n", g.world()))
	}
	if s.raises != "" {
		g.ended = true
		g.epilogue.WriteString(g.inProgram("fmt.Println(\"!\", "+bind(s.raises)+")\n", g.world()))
	}
}

// own gives the variables that statements make for themselves names that the
// cell does not have yet. In the program they are local.
func (g *sequence) own(text string) string {
	for _, m := range ownNames.FindAllStringSubmatch(text, -1) {
		for name := range strings.SplitSeq(m[1]+m[2], ", ") {
			g.fresh++
			text = regexp.MustCompile(`\b`+name+`\b`).ReplaceAllString(text, fmt.Sprint(name, g.fresh, "own"))
		}
	}
	return text
}

// split separates declarations from statements.
func split(text string) (decls []string, stmts string) {
	in := false
	for line := range strings.Lines(strings.TrimSuffix(text, "\n") + "\n") {
		switch {
		case declared.MatchString(line):
			decls, in = append(decls, line), !strings.HasSuffix(line, "}\n") && (strings.HasSuffix(line, "{\n") || strings.HasSuffix(line, "(\n"))
		case in:
			decls[len(decls)-1] += line
			in = line != "}\n" && line != ")\n"
		default:
			stmts += line
		}
	}
	return decls, stmts
}

func (g *sequence) declare(text string) {
	d := &declaration{text: text}
	m := declared.FindStringSubmatch(text)
	switch {
	case m[2] != "":
		d.key = m[2] + "." + m[3]
	case m[4] != "":
		d.key, d.names = m[4], []string{m[4]}
	default:
		for _, n := range regexp.MustCompile(`(?m)^(?:const |\t)?\$(\w+)`).FindAllStringSubmatch(text, -1) {
			d.names = append(d.names, n[1])
		}
		d.key = "const " + d.names[0]
	}
	g.decls = append(slices.DeleteFunc(g.decls, func(old *declaration) bool { return old.key == d.key }), d)
}

// redefine replaces what an earlier step declared.
func (g *sequence) redefine() {
	all := slices.DeleteFunc(slices.Clone(g.things), func(t *thing) bool {
		return len(t.step.again) == 0 && t.step.wider == "" && t.step.breaking == ""
	})
	if len(all) == 0 {
		return
	}
	t := all[g.IntN(len(all))]
	g.endWorld()
	g.kill(func(t *thing) bool { return t.step.boxes && t.kind != "boxed" }, "boxed")
	choices := slices.Clone(t.step.again)
	for _, c := range []string{t.step.wider, t.step.breaking} {
		if c != "" {
			choices = append(choices, c)
		}
	}
	text := choices[g.IntN(len(choices))]
	if text == t.step.wider || text == t.step.breaking {
		g.invalidate(markedName.FindStringSubmatch(text)[1], t, text == t.step.wider)
	}
	g.emit(&step{}, text, t.names)
}

// invalidate ends what does not survive another layout of a type, or another
// signature of a function.
func (g *sequence) invalidate(name string, by *thing, layout bool) {
	gone := map[string]bool{by.names[name]: true}
	mentions := func(text string) bool {
		return slices.ContainsFunc(markedName.FindAllStringSubmatch(text, -1), func(m []string) bool { return gone[m[1]] })
	}
	if layout { // types that contain the type have another layout, too
		for again := true; again; {
			again = false
			for _, d := range g.decls {
				if strings.HasPrefix(d.text, "type ") && !gone[d.key] && mentions(d.text) {
					gone[d.key], again = true, true
				}
			}
		}
		types := gone
		gone = map[string]bool{}
		for _, v := range g.vars {
			if v.to == 0 && slices.ContainsFunc(markedName.FindAllStringSubmatch(v.typ, -1), func(m []string) bool { return types[m[1]] }) {
				v.to, gone[v.name] = g.world(), true
			}
		}
	}
	for again := true; again; { // functions that use what is gone
		again = false
		for _, d := range g.decls {
			if strings.HasPrefix(d.text, "func ") && len(d.names) > 0 && !gone[d.key] && mentions(d.text) {
				gone[d.key], again = true, true
			}
		}
	}
	delete(gone, by.names[name])
	g.decls = slices.DeleteFunc(g.decls, func(d *declaration) bool { return gone[d.key] })
	g.kill(func(t *thing) bool {
		return slices.ContainsFunc(slices.Collect(maps.Values(t.names)), func(n string) bool { return gone[n] })
	}, "")
	if !layout {
		g.kill(func(t *thing) bool { return t == by }, "")
	}
}

// kill makes things another kind, or removes them.
func (g *sequence) kill(which func(*thing) bool, kind string) {
	var left []*thing
	for _, t := range g.things {
		if which(t) {
			if kind == "" {
				continue
			}
			t = &thing{&step{}, kind, t.names}
		}
		left = append(left, t)
	}
	g.things = left
}

// alive lists the names that the session must know.
func (g *sequence) alive() []string {
	var names []string
	for _, d := range g.decls {
		names = append(names, d.names...)
	}
	for _, v := range g.vars {
		if v.to == 0 || v.to > g.world() {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return names
}

// world is the number of the world at hand.
func (g *sequence) world() int { return len(g.worlds) + 1 }

// endWorld writes down the declarations of a world, as they are at its end.
func (g *sequence) endWorld() {
	var b strings.Builder
	for _, d := range g.decls {
		b.WriteString(g.inProgram(d.text, g.world()))
	}
	for _, v := range g.vars {
		if v.to != 0 {
			continue
		}
		typ := g.inProgram(v.typ, g.world())
		if v.from == g.world() {
			fmt.Fprintf(&b, "var store%d_%s %s\n", v.storage, g.id, typ)
		}
		fmt.Fprintf(&b, "var %s_%sw%d = (*%s)(unsafe.Pointer(&store%d_%s))\n", v.name, g.id, g.world(), typ, v.storage, g.id)
	}
	g.worlds = append(g.worlds, b.String())
}

// inCell is text as it stands in a cell.
func inCell(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "$", ""), "≔", ":=")
}

// inProgram is text as it stands in a world of the program.
func (g *sequence) inProgram(text string, world int) string {
	text = varLine.ReplaceAllStringFunc(text, func(line string) string {
		m := varLine.FindStringSubmatch(line)
		if m[3] == "" {
			return fmt.Sprintf("$%s = *new(%s)", m[1], m[2])
		}
		return "$" + m[1] + m[3]
	})
	text = strings.ReplaceAll(text, "≔", "=")
	return markedName.ReplaceAllStringFunc(text, func(m string) string {
		name := fmt.Sprintf("%s_%sw%d", m[1:], g.id, world)
		if slices.ContainsFunc(g.vars, func(v *sessionVar) bool { return v.name == m[1:] }) {
			return "(*" + name + ")"
		}
		return name
	})
}

// file is the sequence as a file of the program.
func (g *sequence) file() string {
	var b strings.Builder
	b.WriteString(programImports)
	for _, w := range g.worlds {
		b.WriteString(w)
	}
	for _, c := range g.bodies {
		b.WriteString(c)
	}
	fmt.Fprintf(&b, "func init() {\n\tsequences = append(sequences, sequence{%q, []func(){", g.id)
	for k := range g.bodies {
		fmt.Fprintf(&b, "cell%d_%s, ", k+1, g.id)
	}
	b.WriteString("}})\n}\n")
	return b.String()
}

const programImports = `package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

var (
	_ = context.Background
	_ = json.Marshal
	_ = errors.New
	_ = fmt.Sprint
	_ iter.Seq[int]
	_ = maps.Keys[map[int]int]
	_ = math.Pi
	_ = reflect.TypeOf
	_ = runtime.GC
	_ = slices.Sort[[]int]
	_ = sort.Ints
	_ = strconv.Itoa
	_ = strings.ToUpper
	_ sync.Mutex
	_ atomic.Int64
	_ unsafe.Pointer
)

`

const programMain = `package main

import "fmt"

type sequence struct {
	name  string
	cells []func()
}

var sequences []sequence

func main() {
	for _, s := range sequences {
		for i, cell := range s.cells {
			fmt.Printf("\x1e%s cell %d\n", s.name, i+1)
			func() {
				defer func() {
					if v := recover(); v != nil {
						fmt.Println("!", v)
					}
				}()
				cell()
			}()
		}
	}
}
`
