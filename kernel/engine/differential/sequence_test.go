package differential

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// A sequence is a list of cells and the program that is equivalent to them.
// It follows from its actions alone: without some of them it is a shorter
// sequence, in which what needs them is left out, too.
type sequence struct {
	id      string
	seed    uint64
	cgo     bool // it uses C
	actions []action
	cells   []*cell
	worlds  []world // that have ended

	decls      []*declaration
	vars       []*sessionVar
	things     []*thing
	identities map[string]identity // of types
	used       map[string]bool     // names that the cell at hand has had
	storages   int
	anew       map[int][]string  // functions that were declared, by world
	resets     []int             // worlds that begin with a %reset
	signatures map[string]string // of the program's functions
}

// An action is one choice of the generator.
type action struct {
	id   int
	cell int
	does string // what: see apply
	step *step  // to take
	of   []int  // the things that the action is about, by the actions that made them
	nth  int    // of several texts
	last bool   // of the cell's redefinitions
}

// A thing is what a step made.
type thing struct {
	id    int
	step  *step
	kind  string
	names map[string]string
	own   []string // those of names that its step made
	again bool     // its step may be taken again: nothing of it has changed
}

func (t *thing) mentions(names map[string]bool) bool {
	for _, n := range t.names {
		if names[n] {
			return true
		}
	}
	return false
}

// A cell is a cell's text and what it is in the program, where it is a
// function: the parts run one after another.
type cell struct {
	world                     int
	commands, text, tail      string // of the cell
	body, raises, after, main string // bound, of the program
	flags                     string // arguments behind %%
	wrong                     bool   // it does not compile
	isMain, dead, done        bool
	alive                     []string // names known at its end
	dropped                   []string // names that it drops and has to tell of
}

func (c *cell) code() string { return c.commands + c.text + c.tail }

// newSequence makes the sequence of a seed.
func newSequence(seed uint64) *sequence {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &sequence{seed: seed, id: fmt.Sprint("s", seed), cgo: withCgo(seed), identities: map[string]identity{}}
	n := 4 + r.IntN(5)
	if r.IntN(60) == 0 {
		n = 40 + r.IntN(21)
	}
	from := g.theme(r)
	return g.build(n, func(k int, try func(action) bool) { g.choose(r, k, from, try) })
}

// build makes so many cells; choose makes the actions of one.
func (g *sequence) build(cells int, choose func(k int, try func(action) bool)) *sequence {
	for k := range cells {
		g.begin()
		choose(k, func(a action) bool {
			a.id, a.cell = 1, k
			if n := len(g.actions); n > 0 {
				a.id = g.actions[n-1].id + 1
			}
			return g.apply(a)
		})
		g.end()
	}
	g.endWorld()
	return g
}

// replay makes a sequence of some of another's actions.
func (g *sequence) replay(actions []action) *sequence {
	s := &sequence{seed: g.seed, id: g.id, cgo: g.cgo, identities: map[string]identity{}}
	for len(actions) > 0 {
		n := slices.IndexFunc(actions, func(a action) bool { return a.cell != actions[0].cell })
		if n < 0 {
			n = len(actions)
		}
		s.begin()
		for _, a := range actions[:n] {
			s.apply(a)
		}
		actions = actions[n:]
		s.end()
	}
	s.endWorld()
	return s
}

func (g *sequence) begin() {
	g.cells = append(g.cells, &cell{alive: g.alive(), world: g.world()})
	g.used = map[string]bool{}
}

// cell is the cell at hand.
func (g *sequence) cell() *cell { return g.cells[len(g.cells)-1] }

// end ends the cell at hand; one with nothing in it is none.
func (g *sequence) end() {
	c := g.cell()
	if c.commands+c.text+c.tail == "" {
		g.cells = g.cells[:len(g.cells)-1]
		return
	}
	c.world = g.world()
	before := c.alive
	c.alive = g.alive()
	for _, name := range before {
		if !slices.Contains(c.alive, name) && !slices.Contains(strings.Fields(c.commands), name) && !strings.Contains(c.commands, "%reset") {
			c.dropped = append(c.dropped, name)
		}
	}
}

// freshName is a name that nothing has.
func (g *sequence) freshName(name string) string {
	if fixed, ok := strings.CutSuffix(name, "__"); ok {
		return fixed
	}
	alive := g.alive()
	for k := 1; ; k++ {
		n := fmt.Sprint(name, k)
		if !g.used[n] && !slices.Contains(alive, n) {
			g.used[n] = true
			return n
		}
	}
}

func (g *sequence) thing(id int) *thing {
	for _, t := range g.things {
		if t.id == id {
			return t
		}
	}
	return nil
}

// apply takes an action, if it makes sense.
func (g *sequence) apply(a action) bool {
	var of []*thing
	for _, id := range a.of {
		t := g.thing(id)
		if t == nil {
			return false
		}
		of = append(of, t)
	}
	r := rand.New(rand.NewPCG(g.seed, uint64(a.id)))
	ok := false
	switch a.does {
	case "step":
		ok = g.take(a, of, r)
	case "change":
		ok = g.change(a, of[0], r)
	case "again":
		ok = g.again(a, of[0], r)
	case "retype":
		ok = g.retype(a, of[0], r)
	case "remove":
		ok = g.removal(a, of[0])
	case "reset":
		g.reset()
		ok = true
	case "wrong":
		g.wrong(a, of, r)
		ok = true
	case "collect":
		if ok = !g.cell().done; ok {
			g.cell().text += "runtime.GC()\n"
		}
	}
	if ok {
		g.actions = append(g.actions, a)
	}
	return ok
}

// take adds a step to the cell.
func (g *sequence) take(a action, of []*thing, r *rand.Rand) bool {
	names := map[string]string{}
	for i, t := range of {
		if t.kind != a.step.use[i] {
			return false
		}
		maps.Copy(names, t.names)
	}
	for _, m := range markedName.FindAllStringSubmatch(a.step.text, -1) { // $T__ must be free
		if fixed, ok := strings.CutSuffix(m[1], "__"); ok && names[m[1]] == "" && (slices.Contains(g.alive(), fixed) || g.used[fixed] || strings.Contains(g.cell().text, fixed)) {
			return false
		}
	}
	if g.hides(a.step.unless) || isInterrupted(a.step.text) && startsGoroutine.MatchString(g.cell().text) {
		return false
	}
	before := maps.Clone(names)
	dead := g.cell().dead
	if decls, _ := split(a.step.text); dead && a.step.vars != "" && (len(decls) > 0 || a.step.main != "") {
		return false // they would mention variables that are never made
	}
	g.emit(a.step, a.id, names, r)
	if a.step.makes != "" && !dead {
		t := &thing{id: a.id, step: a.step, kind: a.step.makes, names: names, again: true}
		for key, name := range names {
			if before[key] == "" {
				t.own = append(t.own, name)
			}
		}
		slices.Sort(t.own)
		g.things = append(g.things, t)
	}
	return true
}

// hides reports whether a variable hides a name in the cell at hand, be it one
// that is never made.
func (g *sequence) hides(name string) bool {
	return name != "" && (slices.Contains(g.alive(), name) || strings.Contains(g.cell().text, name+" := "))
}

// emit adds a step's texts to the cell at hand.
func (g *sequence) emit(s *step, id int, names map[string]string, r *rand.Rand) {
	c := g.cell()
	bind := func(text string) string { return g.bound(text, names, r) }
	text := bind(own(s.text, id))
	if !c.dead { // else the variables stay what they were, or are never made
		g.addVars(bind(s.vars))
	}
	decls, stmts := split(text)
	for _, d := range decls {
		if !strings.HasPrefix(d, "import") {
			g.declare(d)
		}
	}
	c.text += inCell(strings.Join(decls, "") + stmts)
	if !c.dead || s.vars == "" {
		c.body += stmts
	}
	c.dead = c.dead || s.panics
	if s.after != "" {
		c.after += bind(s.after)
	}
	if s.shown != "" {
		c.done = true
		shown := bind(s.shown)
		c.tail = "runtime.GC()\n" + inCell(shown) + "\n"
		c.body += "fmt.Printf(\"= %#v\\n\", " + shown + ")\n"
	}
	if s.raises != "" {
		c.done = true
		if !c.dead {
			c.raises = bind(s.raises)
		}
	}
	if s.main != "" {
		c.done, c.isMain = true, true
		c.flags = strings.NewReplacer("$", "").Replace(bind(s.args))
		main := bind(s.main)
		c.tail = "%% " + c.flags + "\n" + inCell(main)
		c.main = main
	}
}

// newWorld ends the world at hand and does what starts the next; things that
// hold values of types that are others now end.
func (g *sequence) newWorld(change func()) {
	before, names := g.types(), g.alive()
	g.endWorld()
	change()
	g.free(names)
	after, changed := g.types(), map[string]bool{}
	for name := range before {
		changed[name] = before[name] != after[name]
	}
	g.things = slices.DeleteFunc(g.things, func(t *thing) bool { return t.step.boxes && t.mentions(changed) })
}

// free keeps names that have ended from the cell in which they do: what uses
// them would go on with what has the name then.
func (g *sequence) free(names []string) {
	for _, name := range names {
		if !slices.Contains(g.alive(), name) {
			g.used[name] = true
		}
	}
}

// change replaces what an earlier step declared.
func (g *sequence) change(a action, t *thing, r *rand.Rand) bool {
	all := t.step.changes()
	if a.nth >= len(all) || g.hides(t.step.unless) {
		return false
	}
	text := all[a.nth]
	bound := maps.Clone(t.names)
	g.newWorld(func() {
		t.again = false
		switch text {
		case t.step.wider, t.step.breaking:
			_, name, _ := markOf(markedName.FindString(text))
			names := maps.Clone(t.names)
			g.invalidate(map[string]bool{t.names[name]: true}, text == t.step.wider, t)
			if text == t.step.breaking || len(t.names) < len(names) {
				g.things = slices.DeleteFunc(g.things, func(o *thing) bool { return o == t })
			}
		}
		g.emit(&step{text: text}, a.id, bound, r)
	})
	return true
}

// again takes a thing's step once more, as when a cell is run again.
func (g *sequence) again(a action, t *thing, r *rand.Rand) bool {
	if !t.again || g.hides(t.step.unless) {
		return false
	}
	s := *t.step
	s.shown, s.raises, s.main = "", "", ""
	g.newWorld(func() { g.emit(&s, a.id, t.names, r) })
	return true
}

// retype gives variables of a thing other types.
func (g *sequence) retype(a action, t *thing, r *rand.Rand) bool {
	s := t.step.retyped
	if s == nil {
		return false
	}
	g.newWorld(func() {
		names := map[string]bool{}
		for _, m := range markedName.FindAllStringSubmatch(s.vars, -1) {
			if v := g.variable(t.names[m[1]], g.world()); v != nil {
				names[v.name] = true
			}
		}
		g.invalidate(names, false, t)
		g.emit(s, a.id, t.names, r)
		t.step, t.kind, t.again = s, s.makes, false
	})
	return true
}

// removal removes a name of a thing.
func (g *sequence) removal(a action, t *thing) bool {
	var alive []string
	for _, name := range t.own {
		if slices.Contains(g.alive(), name) {
			alive = append(alive, name)
		}
	}
	if len(alive) == 0 {
		return false
	}
	name, names := alive[a.nth%len(alive)], g.alive()
	g.endWorld()
	if !g.remove(map[string]bool{name: true}) {
		g.worlds = g.worlds[:len(g.worlds)-1]
		return false
	}
	g.free(names)
	g.cell().commands += "%rm " + name + "\n"
	g.cell().text += "runtime.GC()\n" // what mentions it ends with the next code
	return true
}

// reset forgets everything.
func (g *sequence) reset() {
	g.endWorld()
	for _, v := range g.vars {
		if v.to == 0 {
			v.to = g.world()
		}
	}
	g.resets = append(g.resets, g.world())
	g.decls, g.things, g.identities = nil, nil, map[string]identity{}
	g.cell().commands += "%reset\n"
}

// wrong makes the cell one that does not compile, which changes nothing.
func (g *sequence) wrong(a action, of []*thing, r *rand.Rand) {
	c := g.cell()
	if len(of) > 0 {
		names, texts := maps.Clone(of[0].names), append(of[0].step.changes(), of[0].step.text)
		if re := of[0].step.retyped; re != nil {
			texts = append(texts, re.text)
		}
		c.text = inCell(g.bound(own(texts[r.IntN(len(texts))], a.id), names, r))
		if !strings.HasSuffix(c.text, "\n") {
			c.text += "\n"
		}
	}
	c.text += wrongs[a.nth%len(wrongs)] + "\n"
	c.wrong, c.done = true, true
}
