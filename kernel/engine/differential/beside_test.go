package differential

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Cells run beside others, as cells of several shells do: one that has come to
// its end waits there, the next runs as a whole, then the first one ends. What
// they print, hold and tell of must be what it is when one follows the other.
const (
	gate        = "gateway"
	gateMark    = "\x06"
	waitsAtGate = "fmt.Print(\"\\x06\")\n_ = <-" + gate + "\n"
)

// runsBeside reports whether the cell with this index goes on while the next
// one runs. It does not if it may not come to its end, if something follows its
// statements, deferred functions among it, if what its goroutines print later
// would be its own then, if the next one has an interrupt, which would end both,
// or if one of them has a %reset, which takes the gate away.
func (g *sequence) runsBeside(k int) bool {
	if !*pairs || k+1 >= len(g.cells) || rand.New(rand.NewPCG(g.seed, uint64(1_000_000+k))).IntN(3) > 0 {
		return false
	}
	c, next := g.cells[k], g.cells[k+1]
	return !c.wrong && !c.dead && !c.done && c.after == "" && !startsGoroutine.MatchString(c.text) &&
		!strings.Contains(c.text+next.text, foreverCell) && !strings.Contains(c.commands+next.commands, "%reset") && !deferred.MatchString(c.text)
}

// deferred matches a function that may be called when the cell ends.
var deferred = regexp.MustCompile(`\bdefer `)

// executeBeside runs two cells, the second one while the first one waits at its
// end.
func (r *runner) executeBeside(first, second string) (one, two *record) {
	r.execute(gate + " := make(chan bool)")
	one = &record{atGate: make(chan bool, 1)}
	ended := make(chan bool)
	r.cells++
	number := r.cells
	go func() {
		defer close(ended)
		r.executeInto(one, first+waitsAtGate, number)
	}()
	select {
	case <-one.atGate:
	case <-ended:
	}
	two = r.execute(second)
	r.execute("close(" + gate + ")")
	select {
	case <-ended:
	case <-time.After(time.Minute):
		one.add("! it does not end\n")
	}
	return one, two
}

// pass takes the mark of the gate from text, and says that it came.
func (r *record) pass(text string) string {
	rest := strings.ReplaceAll(text, gateMark, "")
	if rest != text && r.atGate != nil {
		r.atGate <- true
	}
	return rest
}

// check says where cell k differs from what the program prints, and, if ended is
// set, from what the session should hold then.
func (r *runner) check(g *sequence, k int, out *record, want map[string]string, ended bool) *difference {
	c := g.cells[k]
	found := &difference{g, k, "", out, want}
	printed := plain(want[fmt.Sprintf("%s cell %d", g.id, k+1)])
	if got := plain(out.text.String()); got != printed {
		found.what = fmt.Sprintf("prints\n%s\nthe program prints\n%s", got, printed)
		return found
	}
	if ended {
		if got := r.held(); !slices.Equal(got, c.alive) {
			found.what = fmt.Sprintf("the session holds\n%v\nbut should\n%v", got, c.alive)
			return found
		}
	}
	if got := out.told(); !slices.Equal(got, c.dropped) {
		found.what = fmt.Sprintf("the notes tell that these are gone:\n%v\nthese are:\n%v", got, c.dropped)
		return found
	}
	return nil
}
