package differential

import (
	"math/rand/v2"
	"slices"
)

// choose makes the actions of a cell.
func (g *sequence) choose(r *rand.Rand, k int, from []*step, try func(action) bool) {
	if k > 1 && r.IntN(15) == 0 && g.chooseWrong(r, try) {
		return
	}
	if k > 3 && r.IntN(30) == 0 && !g.cgo { // %reset takes modules away, too
		try(action{does: "reset"})
	} else if k > 0 && r.IntN(10) == 0 {
		for range 3 {
			if t := g.anyThing(r, func(t *thing) bool { return len(t.own) > 0 }); t != nil && try(action{does: "remove", of: []int{t.id}, nth: r.IntN(9)}) {
				break
			}
		}
	}
	if k > 0 && r.IntN(2) == 0 {
		g.chooseChange(r, try)
	}
	for n := 2 + r.IntN(4); n > 0 && !g.cell().done; n-- {
		g.chooseStep(r, from, r.IntN(3) > 0, try)
	}
	if r.IntN(2) == 0 {
		try(action{does: "collect"})
	}
}

// theme is the steps that a sequence is made of: a few that use what others
// make, and these others, so that they meet; or now and then all there are.
func (g *sequence) theme(r *rand.Rand) (all []*step) {
	add := func(s *step) {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	if g.cgo {
		for i := range cgoSteps {
			add(&cgoSteps[i])
		}
	}
	if r.IntN(5) == 0 {
		for i := range steps {
			add(&steps[i])
		}
		return all
	}
	for n := 0; n < 4; {
		if s := &steps[r.IntN(len(steps))]; n == 0 && s.isRare() || n == 1 && len(s.use) == 0 || n > 1 {
			add(s)
			n++
		}
	}
	for i := 0; i < len(all); i++ {
		for _, kind := range all[i].use {
			for k := range steps {
				if steps[k].canMake(kind) {
					add(&steps[k])
				}
			}
		}
	}
	for i := range steps { // and all else that uses their like
		if slices.ContainsFunc(steps[i].use, func(kind string) bool {
			return !slices.ContainsFunc(all, func(s *step) bool { return s.canMake(kind) })
		}) || len(steps[i].use) == 0 {
			continue
		}
		add(&steps[i])
	}
	return all
}

// isRare reports whether a step needs things that seldom meet.
func (s *step) isRare() bool {
	return len(s.use) > 1 || len(s.use) > 0 && !slices.ContainsFunc(steps, func(o step) bool { return o.makes == s.use[0] })
}

// canMake reports whether a step makes a kind of thing, or can come to.
func (s *step) canMake(kind string) bool {
	return s.makes == kind || s.retyped != nil && s.retyped.canMake(kind)
}

// chooseStep takes a step, one that uses what is there or one that does not.
func (g *sequence) chooseStep(r *rand.Rand, from []*step, uses bool, try func(action) bool) {
	for range 200 {
		s := from[r.IntN(len(from))]
		if uses != (len(s.use) > 0) {
			continue
		}
		a := action{does: "step", step: s}
		for _, kind := range s.use {
			if t := g.anyThing(r, func(t *thing) bool { return t.kind == kind && !slices.Contains(a.of, t.id) }); t != nil {
				a.of = append(a.of, t.id)
			}
		}
		if len(a.of) == len(s.use) && try(a) {
			return
		}
	}
}

// changes are the texts that replace what a step declared.
func (s *step) changes() []string {
	all := slices.Clone(s.again)
	for _, text := range []string{s.wider, s.breaking} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}

// chooseChange redefines something, or takes a step again.
func (g *sequence) chooseChange(r *rand.Rand, try func(action) bool) {
	for k := range 5 {
		retype := k == 0 && r.IntN(2) == 0
		t := g.anyThing(r, func(t *thing) bool {
			if retype {
				return t.step.retyped != nil
			}
			return len(t.step.changes()) > 0 || t.step.retyped != nil || t.again && !t.step.boxes
		})
		if t == nil {
			continue
		}
		switch n := r.IntN(10); {
		case t.step.retyped != nil && n < 7:
			if try(action{does: "retype", of: []int{t.id}}) {
				return
			}
		case t.again && !t.step.boxes && n == 9:
			if try(action{does: "again", of: []int{t.id}}) {
				return
			}
		case len(t.step.changes()) > 0:
			if try(action{does: "change", of: []int{t.id}, nth: r.IntN(len(t.step.changes()))}) {
				return
			}
		}
	}
}

// wrongs are what does not compile.
var wrongs = []string{
	"undefined1()", "var wrong1 int = \"text\"", "for {", "func wrong1() int { }", "type Wrong1 struct{ w Wrong1 }",
	"//go:embed nothing.txt\nvar wrong1 string", "wrong1, wrong2 := 1", "\"a\" + 1", "func (", "continue", "import \"C\"",
	"return 5", "var wrong1 [1 << 50]byte", "wrong1:\nfmt.Println()", "x = = 1",
}

// chooseWrong makes a cell that would change much, were it right.
func (g *sequence) chooseWrong(r *rand.Rand, try func(action) bool) bool {
	a := action{does: "wrong", nth: r.IntN(1000)}
	if t := g.anyThing(r, func(t *thing) bool { return t.step.text != "" && t.step.main == "" }); t != nil {
		a.of = []int{t.id}
	}
	return try(a)
}

func (g *sequence) anyThing(r *rand.Rand, which func(*thing) bool) *thing {
	var all []*thing
	for _, t := range g.things {
		if which(t) {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[r.IntN(len(all))]
}
