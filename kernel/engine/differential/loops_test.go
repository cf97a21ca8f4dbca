package differential

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Loops over session variables at the top of a cell are compiled in other ways
// than loops elsewhere (kernel/session/loops.go). The sequences here are made
// of random loops over a few variables: nested, labelled, with calls, closures
// and pointers, and many that end in a panic, after which all is printed.

var loopCount = flag.Int("loops", 12, "how many sequences of loops to run")

func TestLoopsAsInAProgram(t *testing.T) {
	t.Parallel()
	for from := 0; from < *loopCount; from += perProgram {
		var all []*sequence
		for i := from; i < min(from+perProgram, *loopCount); i++ {
			all = append(all, newLoops(*first+uint64(i)))
		}
		want, err := runProgram(t.TempDir(), all)
		if err != nil {
			t.Fatal(err)
		}
		for group := range slices.Chunk(all, perWorker) {
			runGroup(t, group, want)
		}
	}
}

// newLoops makes the sequence of a seed.
func newLoops(seed uint64) *sequence {
	r := rand.New(rand.NewPCG(seed, 2))
	var from []*step
	for _, s := range loopSteps(seed) {
		from = append(from, &s)
	}
	g := &sequence{seed: seed, id: fmt.Sprint("loops", seed), identities: map[string]identity{}}
	return g.build(16, func(k int, try func(action) bool) {
		if k > 0 && r.IntN(3) == 0 {
			g.chooseChange(r, try)
		}
		for n := 1 + r.IntN(4); n > 0 && !g.cell().done; n-- {
			g.chooseStep(r, from, len(g.things) > 0 && r.IntN(30) > 0, try)
		}
	})
}

// loopSteps are the steps of one sequence.
func loopSteps(seed uint64) []step {
	r := rand.New(rand.NewPCG(seed, 3))
	all := []step{
		{makes: "loop", vars: "$a int | $b int | $c uint8 | $x float64 | $t string | $ok bool | $v []int | $g [][]float64 | $h map[int]int | $n $N | $caught string | $p *int | $bump func(int) int | $s $S",
			text: `type $N int
type $E struct{ k int }
type $S struct {
	$E
	n int
	f float64
}
func (s $S) sum() int { return s.k + s.n + int(s.f) }
func (s *$S) grow(k int) { s.n += k }
func $peek() int { return $a*2 + len($v) + int($n) }
func $add(k int) int { $x++; return k }
$a, $b, $c, $x, $t ≔ #, #, uint8(#), #.5, "t"
$ok, $v, $g ≔ true, []int{#, #, #}, [][]float64{{#}, {#, #}}
$h, $n, $caught ≔ map[int]int{#: #}, $N(#), ""
$s ≔ $S{$E{#}, #, #}
$p ≔ ` + pick(r, "&$a", "&$b", "&$v[0]", "new(int)", "&$s.n") + `
$bump ≔ ` + pick(r, "func(k int) int { $a += k; return $a }", "func(k int) int { return $b + k }", "func(k int) int { $b++; return k }", "func(k int) int { $s.k -= k; return $s.n }",
				"func(k int) int { $s.grow(k); return k }", "$add") + "\n",
			again: []string{"func $peek() int { return $b }", "func $peek() int { $x++; return # }"}},
		{use: []string{"loop"}, text: "$v, $h = append($v, #), map[int]int{}\n"},
	}
	for range 60 {
		l := &loopText{Rand: r}
		for range 1 + r.IntN(3) {
			l.loop(1)
		}
		all = append(all, step{use: []string{"loop"}, shown: "$t + $caught",
			text: printLoop + "defer func() { $caught = fmt.Sprint(recover()) }()\n" + l.String() + printLoop})
	}
	return all
}

const printLoop = "fmt.Println($a, $b, $c, $x, len($t), $ok, $v, $g, $h, $n, $caught, $peek(), $s, $s.sum())\n"

// loopText writes a random loop.
type loopText struct {
	*rand.Rand
	strings.Builder
	locals []string // loop variables in scope
	loops  int
	labels []string // of the loops around
	held   []string // session variables that loops around count with
}

func (l *loopText) line(format string, args ...any) { fmt.Fprintf(l, format+"\n", args...) }

func pick[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// loop writes a loop of a bounded number of turns.
func (l *loopText) loop(depth int) {
	l.loops++
	i, label, turns := fmt.Sprint("i", l.loops), fmt.Sprint("$L", l.loops), 2+l.IntN(6)
	at := l.Len()
	locals, held := len(l.locals), len(l.held)
	switch kind := l.IntN(9); {
	case kind == 0 && l.free("$a"):
		l.line("for $a = %d; $a < %d; $a++ {", l.IntN(3), turns)
		l.held = append(l.held, "$a")
	case kind == 1 && l.free("$b"):
		l.line("for %s := 0; $b < 1<<40 && %s < %d; %s, $x = %s+1, $x/2 {", i, i, turns, i, i)
	case kind == 2 && l.free("$a") && l.free("$b"):
		l.line("for $a, $b = range $v[:min(len($v), %d)] {", turns)
	case kind == 3:
		l.line("for %s := range $v {", i)
		l.line("if %s > %d {\nbreak\n}", i, turns)
		l.locals = append(l.locals, i)
	case kind == 4:
		l.line("for %s, r := range $t {\nif r < 'a' || %s > %d {\nbreak\n}", i, i, turns)
		l.locals = append(l.locals, i)
	case kind == 5:
		l.line("for _, %s := range []int{%d, $a, $b&15} {", i, turns)
		l.locals = append(l.locals, i)
	case kind == 6 && l.free("$n"):
		l.line("for $n = %d; int($n) < $v[%d]&7; $n++ {", l.IntN(3), l.IntN(4))
		l.held = append(l.held, "$n")
	case kind == 7 && depth > 1:
		l.line("for %s := range slices.Values([]int{%d, 1, $b&7}) {", i, turns)
		l.locals = append(l.locals, i)
	default:
		l.line("for %s := 0; %s < %d; %s++ {", i, i, turns, i)
		l.locals = append(l.locals, i)
	}
	for _, name := range l.locals[locals:] {
		l.line("_ = %s", name)
	}
	l.labels = append(l.labels, label)
	for range 1 + l.IntN(4) {
		l.statement(depth)
	}
	l.labels = l.labels[:len(l.labels)-1]
	l.line("}")
	l.locals, l.held = l.locals[:locals], l.held[:held]
	if text := l.String(); strings.Contains(text[at:], label+"\n") {
		l.Reset()
		l.WriteString(text[:at] + label + ":\n" + text[at:])
	}
}

// free reports whether no loop around counts with a session variable.
func (l *loopText) free(name string) bool {
	for _, h := range l.held {
		if h == name {
			return false
		}
	}
	return true
}

// target is an integer variable that may be assigned.
func (l *loopText) target() string {
	for {
		if t := pick(l.Rand, "$a", "$b", "$b", "$c", "$n"); l.free(t) {
			return t
		}
	}
}

// integer is an expression of the type of a variable.
func (l *loopText) integer(like string) string {
	e := ""
	switch l.IntN(9) {
	case 0:
		e = fmt.Sprint(1 + l.IntN(9))
	case 1:
		e = "$a"
	case 2:
		e = "$b ^ " + fmt.Sprint(l.IntN(99))
	case 3:
		e = "int($c) - int($n)"
	case 4:
		e = fmt.Sprintf("$v[($b&7)%%%d]", 2+l.IntN(4)) // out of range now and then
	case 5:
		e = "len($t) + len($v)"
	case 6:
		if len(l.locals) > 0 {
			e = pick(l.Rand, l.locals...) + " * 3"
		} else {
			e = "int($x) & 31"
		}
	case 8:
		e = pick(l.Rand, "$s.k", "$s.n + $s.sum()", "$s.$E.k - $s.n")
	case 7:
		e = pick(l.Rand, "*$p", "$peek()", "func() int { return $a + 1 }()")
		if l.free("$a") {
			e = pick(l.Rand, e, "$bump(2)")
		}
	}
	switch like {
	case "$c":
		return "uint8(" + e + ")"
	case "$n":
		return "$N(" + e + ")"
	}
	return e
}

func (l *loopText) condition() string {
	return pick(l.Rand, "$ok", "$b%3 == 1", "$c > 100", "$x < 4", "len($t) > 3", "$a&1 == 0", "$h[1] > 2", "$s.f < 30", "$s.n > $s.k", "$n >= 4")
}

func (l *loopText) statement(depth int) {
	t := l.target()
	switch kind := l.IntN(24); kind {
	case 0, 1, 2:
		l.line("%s %s %s", t, pick(l.Rand, "+=", "-=", "^=", "=", "|="), l.integer(t))
	case 3:
		l.line("%s%s", t, pick(l.Rand, "++", "--"))
	case 4:
		l.line("%s %s %s", t, pick(l.Rand, "/=", "%="), l.integer(t)) // by zero now and then
	case 5:
		l.line("$x = $x/2 + float64((%s)&1023)", l.integer("$b"))
	case 6:
		l.line("$t += string(rune('a' + %s&7))", "$c")
	case 7:
		l.line("$ok = !$ok && %s", l.condition())
	case 8:
		l.line("$v = append($v, (%s)&255)", l.integer("$b"))
		l.line("if len($v) > 9 {\n$v = $v[3:6:6]\n}")
	case 9:
		l.line("$v[%d] %s %s", l.IntN(4), pick(l.Rand, "=", "+="), l.integer("$b"))
	case 10:
		l.line("$g[%d][%d] += float64(%s)", l.IntN(2), l.IntN(2), "$c")
	case 11:
		l.line("$h[int($c)&3] += %s", l.integer("$b"))
		if l.IntN(9) == 0 {
			l.line("$h = nil")
		}
	case 12:
		if l.free("$a") {
			l.line("$a, $b = $b&1023, $a")
		} else {
			l.line("$b, $ok = $h[$b&3]")
		}
	case 13:
		l.line("if %s {", l.condition())
		l.statement(depth)
		if l.IntN(2) == 0 {
			l.line("} else {")
			l.statement(depth)
		}
		l.line("}")
	case 14:
		l.line("if $b = $b>>1 + %d; %s {", l.IntN(5), l.condition())
		l.statement(depth)
		l.line("}")
	case 15:
		l.line("switch {\ncase %s:", l.condition())
		l.statement(depth)
		l.line("case %s:", l.condition())
		l.statement(depth)
		l.line("default:\n$c++\n}")
	case 16:
		l.line("if %s {\n%s %s\n}", l.condition(), pick(l.Rand, "continue", "break"), pick(l.Rand, l.labels...))
	case 17:
		if depth < 3 {
			l.loop(depth + 1)
		}
	case 18:
		l.line("fmt.Print(%s, $x, \" \")", t)
	case 19:
		l.line("%s", pick(l.Rand, "*$p += 3", "func() { _ = $x + 1 }()", "$c += uint8($bump(1))",
			"$v, $g[0] = append($v[:1:1], $a), append($g[0], $x)"))
	case 21, 22:
		l.line("%s", pick(l.Rand, "$s.f = $s.f/2 + float64($c)", "$s.k += "+l.integer("$b"), "$s.n, $x = "+l.integer("$b")+", $s.f/4", "$s.n--"))
	case 23:
		if l.IntN(4) == 0 {
			l.line("%s", pick(l.Rand, "$s = $S{n: $b}", "$s.$E = $E{int($c)}", "$s.n, $v[$b&3] = 1, $s.k", "$s.grow(2)"))
		} else {
			l.line("if $s.n /= %s; $s.sum() > 0 {\n$s.k++\n}", l.integer("$b"))
		}
	case 20:
		if l.IntN(3) == 0 {
			l.line("if $b > %d {\npanic(fmt.Sprint(\"enough \", $b))\n}", l.IntN(500))
		} else {
			l.line("%s, $v[%d] = %d, %s", t, l.IntN(5), l.IntN(9), l.integer("$b"))
		}
	}
}
