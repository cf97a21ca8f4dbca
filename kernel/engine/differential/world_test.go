package differential

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A redefinition starts a new world. In the program every world has its own
// copy of the declarations: cells of a world call that world's functions, and
// methods of boxed values stay in the world they come from. What was left behind
// calls the functions of a later world that were declared anew (late_test.go). Variables are shared by the worlds:
// each sees the storage through its own types.
//
// A type is the same in two worlds when nothing that its methods reach has
// changed; it is then declared once, in the first of them, its home. So is a
// function that declares types of its own.

// A world holds what its cells know.
type world struct {
	decls []*declaration // as they are at the end of the world
	home  map[string]int // of types, and of functions with types of their own
}

type declaration struct {
	key, text string
	names     []string
}

// typeName is the type that a declaration declares or is a method of, or "".
func (d *declaration) typeName() string {
	if name, _, ok := strings.Cut(d.key, "."); ok {
		return name
	}
	if strings.HasPrefix(d.text, "type ") {
		return d.key
	}
	return ""
}

var localType = regexp.MustCompile(`(?m)^\t+type \w+ `)

// homed is the name that has a home through the declaration, or "".
func (d *declaration) homed() string {
	if d.isFunc() && localType.MatchString(d.text) {
		return d.key
	}
	return d.typeName()
}

func (d *declaration) isFunc() bool { return strings.HasPrefix(d.text, "func ") && len(d.names) > 0 }

type sessionVar struct {
	name, typ string
	from, to  int // worlds; to is 0 while it lives
	storage   int
}

// in reports whether a world has the variable.
func (v *sessionVar) in(world int) bool { return v.from <= world && (v.to == 0 || world < v.to) }

// identity is what a type was at the end of a world.
type identity struct {
	home  int
	reach string
}

// world is the number of the world at hand.
func (g *sequence) world() int { return len(g.worlds) + 1 }

// variable is the variable that a name means in a world, or nil.
func (g *sequence) variable(name string, world int) *sessionVar {
	for _, v := range g.vars {
		if v.name == name && v.in(world) {
			return v
		}
	}
	return nil
}

// declare adds a declaration, in place of an older one.
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
	g.noteAnew(d)
	g.decls = append(slices.DeleteFunc(g.decls, func(old *declaration) bool { return old.key == d.key }), d)
}

// addVars adds the variables of a bound list; one that is there with the same
// type goes on.
func (g *sequence) addVars(vars string) {
	for v := range strings.SplitSeq(vars, "|") {
		name, typ, ok := strings.Cut(strings.TrimSpace(v), " ")
		if !ok {
			continue
		}
		if old := g.variable(name[1:], g.world()); old != nil {
			if old.typ == typ {
				continue
			}
			old.to = g.world()
		}
		g.storages++
		g.vars = append(g.vars, &sessionVar{name: name[1:], typ: typ, from: g.world(), storage: g.storages})
	}
}

// reach is all that decides what a type is: its definition, its methods and
// what these mention, and so on.
func (g *sequence) reach(typ string) string {
	seen := map[string]bool{}
	var all []string
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		text := ""
		if v := g.variable(name, g.world()); v != nil {
			text = v.typ
			all = append(all, fmt.Sprint(name, v.storage))
		}
		for _, d := range g.decls {
			if slices.Contains(d.names, name) || d.typeName() == name {
				text += d.text
				all = append(all, d.text)
			}
		}
		for _, m := range markedName.FindAllStringSubmatch(text, -1) {
			visit(m[1])
		}
	}
	visit(typ)
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// types are the reaches of all types, and of functions with types of their own.
func (g *sequence) types() map[string]string {
	all := map[string]string{}
	for _, d := range g.decls {
		if t := d.homed(); t != "" && all[t] == "" {
			all[t] = g.reach(t)
		}
	}
	return all
}

// endWorld notes what a world had at its end.
func (g *sequence) endWorld() {
	w := world{decls: slices.Clone(g.decls), home: map[string]int{}}
	for name, reach := range g.types() {
		id, ok := g.identities[name]
		if !ok || id.reach != reach {
			id = identity{g.world(), reach}
			g.identities[name] = id
		}
		w.home[name] = id.home
	}
	g.worlds = append(g.worlds, w)
}

// invalidate ends what does not survive the end of some names: with another
// layout of a type, all variables of it and of types that contain it; with a
// function's or a variable's other type, functions that mention it. The names
// themselves stay, and so does the thing that the change is of, without what has
// ended of it.
func (g *sequence) invalidate(names map[string]bool, layout bool, by *thing) {
	gone := maps.Clone(names)
	if layout { // types that contain the type have another layout, too
		for again := true; again; {
			again = false
			for _, d := range g.decls {
				if strings.HasPrefix(d.text, "type ") && !gone[d.key] && mentions(d.text, gone) {
					gone[d.key], again = true, true
				}
			}
		}
		types := gone
		gone = map[string]bool{}
		for _, v := range g.vars {
			if v.to == 0 && mentions(v.typ, types) {
				v.to, gone[v.name] = g.world(), true
			}
		}
	}
	for again := true; again; { // functions that use what is gone
		again = false
		for _, d := range g.decls {
			if d.isFunc() && !gone[d.key] && mentions(d.text, gone) {
				gone[d.key], again = true, true
			}
		}
	}
	for name := range names {
		if !layout {
			delete(gone, name)
		}
	}
	g.decls = slices.DeleteFunc(g.decls, func(d *declaration) bool { return gone[d.key] && d.isFunc() })
	g.things = slices.DeleteFunc(g.things, func(t *thing) bool {
		return t != by && (t.mentions(gone) || !layout && t.mentions(names))
	})
	maps.DeleteFunc(by.names, func(_, name string) bool { return gone[name] })
	by.own = slices.DeleteFunc(by.own, func(name string) bool { return gone[name] })
}

// remove ends names and all that mentions them, or reports that it cannot say
// what would be left.
func (g *sequence) remove(names map[string]bool) bool {
	gone := maps.Clone(names)
	for i, d := range g.decls { // a constant leaves its group without the others
		rest := *d
		rest.names = slices.DeleteFunc(slices.Clone(d.names), func(n string) bool {
			if gone[n] {
				rest.text = regexp.MustCompile(`\$`+n+`\b`).ReplaceAllString(rest.text, "_")
			}
			return gone[n]
		})
		if len(rest.names) > 0 && len(rest.names) < len(d.names) {
			rest.key = "const " + rest.names[0] // another group may begin with the old one
			g.decls[i] = &rest
		}
	}
	for again := true; again; {
		again = false
		for _, d := range g.decls {
			if !mentions(d.text, gone) || slices.ContainsFunc(d.names, func(n string) bool { return gone[n] }) {
				continue
			}
			if len(d.names) == 0 && !gone[d.typeName()] {
				return false // a method that breaks may break its type's users
			}
			for _, n := range d.names {
				gone[n], again = true, true
			}
		}
		for _, v := range g.vars {
			if v.to == 0 && !gone[v.name] && mentions(v.typ, gone) {
				gone[v.name], again = true, true
			}
		}
	}
	for _, v := range g.vars {
		if v.to == 0 && gone[v.name] {
			v.to = g.world()
		}
	}
	g.decls = slices.DeleteFunc(g.decls, func(d *declaration) bool {
		return gone[d.typeName()] || slices.ContainsFunc(d.names, func(n string) bool { return gone[n] })
	})
	for name := range gone {
		delete(g.identities, name)
	}
	g.things = slices.DeleteFunc(g.things, func(t *thing) bool { return t.mentions(gone) })
	return true
}

// alive lists the names that the session must know.
func (g *sequence) alive() []string {
	var names []string
	for _, d := range g.decls {
		names = append(names, d.names...)
	}
	for _, v := range g.vars {
		if v.in(g.world()) {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return names
}
