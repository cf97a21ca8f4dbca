package dl

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// An einsumPlan is what an equation says of operands with certain numbers of
// axes. It depends on no sizes, so that a training step finds it made already.
// Indices are numbers in it.
type einsumPlan struct {
	equation string
	letters  []rune // of the indices
	terms    []einsumTerm
	products []einsumProduct // of all that is before with each operand but the first
	over     []int           // the axes that are summed in the end
	order    []int           // and the order of the others
}

// An einsumTerm is an operand.
type einsumTerm struct {
	labels []int    // the index of each axis
	joins  [][2]int // the axes with the same index, of which two at a time become one, the last
}

// An einsumProduct is a product of two terms as matrix products: [batch, rows,
// inner] x [batch, inner, columns].
type einsumProduct struct {
	left, right                 einsumFactor
	batch, rows, inner, columns []int // the indices that each of the axes is made of
	out                         []int // those of the result
}

// An einsumFactor is an operand of a matrix product.
type einsumFactor struct {
	over   []int // the axes that are summed before
	order  []int // of the others
	labels []int // their indices in that order
}

// ellipsis is the first of the indices that "..." stands for, from the last axis
// on.
const ellipsis = '\U000F0000'

// An einsumKey is what a plan depends on.
type einsumKey struct {
	equation string
	axes     [6]uint8 // of each operand, and one more: 0 is no operand
}

// mostPlans bounds the memory of plans: programs that make equations up, as
// tests do, would otherwise keep all of them.
const mostPlans = 1 << 10

var einsumPlans struct {
	sync.RWMutex
	made map[einsumKey]*einsumPlan
}

// planOf returns the plan for operands, which is made once.
func planOf(equation string, operands []*Tensor) *einsumPlan {
	key, fits := einsumKey{equation: equation}, len(operands) <= len(einsumKey{}.axes)
	for i, t := range operands {
		if n := t.Rank(); fits && n < 255 {
			key.axes[i] = uint8(n + 1)
		} else {
			fits = false
		}
	}
	if !fits {
		return newEinsumPlan(equation, operands)
	}
	einsumPlans.RLock()
	p := einsumPlans.made[key]
	einsumPlans.RUnlock()
	if p != nil {
		return p
	}
	p = newEinsumPlan(equation, operands)
	einsumPlans.Lock()
	defer einsumPlans.Unlock()
	if einsumPlans.made == nil || len(einsumPlans.made) == mostPlans {
		einsumPlans.made = map[einsumKey]*einsumPlan{}
	}
	key.equation = strings.Clone(equation) // not a part of a larger text
	einsumPlans.made[key] = p
	return p
}

func (p *einsumPlan) fail(format string, args ...any) {
	PanicValue("Einsum", "%q: %s", p.equation, fmt.Sprintf(format, args...))
}

func newEinsumPlan(equation string, operands []*Tensor) *einsumPlan {
	p := &einsumPlan{equation: strings.Clone(equation)}
	output := p.parse(operands)
	var remaining [][]int
	for i := range p.terms {
		remaining = append(remaining, p.terms[i].join())
	}
	sum := remaining[0]
	for i := 1; i < len(remaining); i++ {
		keep := slices.Concat(remaining[i+1:]...)
		c := newEinsumProduct(sum, remaining[i], append(keep, output...))
		p.products = append(p.products, c)
		sum = c.out
	}
	p.over, sum = leaving(sum, output)
	p.order = axesOf(sum, output)
	return p
}

// parse reads the indices of the operands, and returns those of the result.
func (p *einsumPlan) parse(operands []*Tensor) (output []int) {
	left, right, arrow := strings.Cut(strings.ReplaceAll(p.equation, " ", ""), "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(operands) {
		p.fail("it names %d operands, there are %d", len(parts), len(operands))
	}
	widest := 0
	count := map[rune]int{}
	for i, part := range parts {
		letters, more := p.read(part, operands[i].Rank())
		for _, l := range letters {
			count[l]++
		}
		p.terms = append(p.terms, einsumTerm{labels: p.numbers(letters)})
		widest = max(widest, more)
	}
	if arrow {
		if strings.Contains(right, ",") {
			p.fail("there is one result")
		}
		rank := len(strings.ReplaceAll(right, "...", ""))
		if rank < len(right) { // otherwise what "..." stands for is summed over, as in PyTorch
			rank += widest
		}
		letters, _ := p.read(right, rank)
		for i, l := range letters {
			if count[l] == 0 {
				p.fail("index %q of the result is in no operand", string(l))
			}
			if slices.Contains(letters[:i], l) {
				p.fail("index %q is in the result twice", string(l))
			}
		}
		return p.numbers(letters)
	}
	var once []rune
	for l, n := range count {
		if n == 1 && l < ellipsis {
			once = append(once, l)
		}
	}
	slices.Sort(once)
	return p.numbers(append(dots(widest), once...))
}

// dots are the indices that "..." stands for.
func dots(n int) (letters []rune) {
	for i := n - 1; i >= 0; i-- {
		letters = append(letters, ellipsis+rune(i))
	}
	return letters
}

// read returns the indices of an operand with a number of axes, and for how
// many of them "..." stands.
func (p *einsumPlan) read(part string, rank int) (letters []rune, more int) {
	before, after, open := strings.Cut(part, "...")
	for _, l := range before + after {
		if l < 'A' || l > 'z' || l > 'Z' && l < 'a' {
			p.fail("%q is no index: these are letters", string(l))
		}
	}
	more = rank - len(before) - len(after)
	if more < 0 || more > 0 && !open {
		p.fail("%q has %d indices for %d axes", part, len(before)+len(after), rank)
	}
	return append(append([]rune(before), dots(more)...), []rune(after)...), more
}

// numbers are those of indices; new ones get the next.
func (p *einsumPlan) numbers(letters []rune) (labels []int) {
	for _, l := range letters {
		i := slices.Index(p.letters, l)
		if i < 0 {
			i = len(p.letters)
			p.letters = append(p.letters, l)
		}
		labels = append(labels, i)
	}
	return labels
}

// join says which axes have the same index, and returns the indices of what
// becomes of the operand.
func (t *einsumTerm) join() []int {
	labels := slices.Clone(t.labels)
	for i := 0; i < len(labels); i++ {
		k := slices.Index(labels[i+1:], labels[i])
		if k < 0 {
			continue
		}
		k += i + 1
		t.joins = append(t.joins, [2]int{i, k})
		l := labels[i]
		labels = append(slices.Delete(slices.Delete(labels, k, k+1), i, i+1), l)
		i = -1
	}
	return labels
}

// newEinsumProduct multiplies terms with the given indices, and sums over those
// that are not to keep.
func newEinsumProduct(a, b, keep []int) (c einsumProduct) {
	over, onlyA := leaving(a, append(slices.Clone(keep), b...))
	c.left.over = over
	over, onlyB := leaving(b, append(slices.Clone(keep), a...))
	c.right.over = over
	for _, l := range onlyA {
		switch shared := slices.Contains(onlyB, l); {
		case shared && slices.Contains(keep, l):
			c.batch = append(c.batch, l)
		case shared:
			c.inner = append(c.inner, l)
		default:
			c.rows = append(c.rows, l)
		}
	}
	for _, l := range onlyB {
		if !slices.Contains(onlyA, l) {
			c.columns = append(c.columns, l)
		}
	}
	c.left.labels, c.right.labels = slices.Concat(c.batch, c.rows, c.inner), slices.Concat(c.batch, c.inner, c.columns)
	c.left.order, c.right.order = axesOf(onlyA, c.left.labels), axesOf(onlyB, c.right.labels)
	c.out = slices.Concat(c.batch, c.rows, c.columns)
	return c
}

// leaving returns at which axes the indices are none of those to keep, and the
// indices of the others.
func leaving(labels, keep []int) (axes, left []int) {
	for i, l := range labels {
		if slices.Contains(keep, l) {
			left = append(left, l)
		} else {
			axes = append(axes, i)
		}
	}
	return axes, left
}

// axesOf are the axes that have the given indices.
func axesOf(labels, wanted []int) []int {
	order := make([]int, len(wanted))
	for i, l := range wanted {
		order[i] = slices.Index(labels, l)
	}
	return order
}
