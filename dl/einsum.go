package dl

import (
	"fmt"
	"slices"
	"strings"
)

// Einsum adds up products of elements by Einstein's convention: the indices of
// each operand, then those of the result, as letters:
//
//	dl.Einsum("ij,jk->ik", a, b)   // a matrix product
//	dl.Einsum("bij,bjk->bik", a, b) // of batches
//	dl.Einsum("ii->i", a)          // the diagonal
//	dl.Einsum("i,j->ij", a, b)     // the outer product
//
// An index that the result does not have is summed over. Without an arrow the
// result has the indices that occur once, in alphabetical order. "..." stands
// for any axes, which are broadcast. Several operands are contracted from left
// to right.
func Einsum(equation string, operands ...*Tensor) *Tensor {
	e := &einsum{equation: equation, size: map[rune]int{}}
	inputs, output := e.parse(operands)
	var terms []term
	for i, t := range operands {
		terms = append(terms, e.diagonals(term{t, inputs[i]}))
	}
	sum := terms[0]
	for i := 1; i < len(terms); i++ {
		keep := slices.Clone(output)
		for _, later := range terms[i+1:] {
			keep = append(keep, later.labels...)
		}
		sum = e.contract(sum, terms[i], keep)
	}
	sum = sum.sumExcept(output)
	// What the ellipses stand for, where none of the operands has it, is nothing.
	order := make([]int, len(output))
	for i, l := range output {
		order[i] = slices.Index(sum.labels, l)
	}
	return sum.t.permute("Einsum", order)
}

// An einsum is the reading of an equation.
type einsum struct {
	equation string
	size     map[rune]int // of an index
}

// A term is a tensor with an index for each axis.
type term struct {
	t      *Tensor
	labels []rune
}

// ellipsis is the first of the indices that "..." stands for, from the last axis
// on.
const ellipsis = '\U000F0000'

func (e *einsum) fail(format string, args ...any) {
	PanicValue("Einsum", "%q: %s", e.equation, fmt.Sprintf(format, args...))
}

// parse returns the indices of the operands and of the result.
func (e *einsum) parse(operands []*Tensor) (inputs [][]rune, output []rune) {
	left, right, arrow := strings.Cut(strings.ReplaceAll(e.equation, " ", ""), "->")
	parts := strings.Split(left, ",")
	if len(parts) != len(operands) {
		e.fail("it names %d operands, there are %d", len(parts), len(operands))
	}
	widest := 0
	count := map[rune]int{}
	for i, part := range parts {
		labels, more := e.labels(part, operands[i].Rank())
		for k, l := range labels {
			n := operands[i].shape[k]
			switch known, ok := e.size[l]; {
			case !ok, known == 1 && l >= ellipsis:
				e.size[l] = n
			case known != n && !(n == 1 && l >= ellipsis):
				e.fail("index %q is %d long in one operand, and %d in another", string(l), known, n)
			}
			count[l]++
		}
		widest = max(widest, more)
		inputs = append(inputs, labels)
	}
	if arrow {
		if strings.Contains(right, ",") {
			e.fail("there is one result")
		}
		output, _ = e.labels(right, len(strings.ReplaceAll(right, "...", ""))+widest)
		for i, l := range output {
			if _, ok := e.size[l]; !ok {
				e.fail("index %q of the result is in no operand", string(l))
			}
			if slices.Contains(output[:i], l) {
				e.fail("index %q is in the result twice", string(l))
			}
		}
		return inputs, output
	}
	for l, n := range count {
		if n == 1 && l < ellipsis {
			output = append(output, l)
		}
	}
	slices.Sort(output)
	return inputs, append(dots(widest), output...)
}

// dots are the indices that "..." stands for.
func dots(n int) (labels []rune) {
	for i := n - 1; i >= 0; i-- {
		labels = append(labels, ellipsis+rune(i))
	}
	return labels
}

// labels returns the indices of an operand with a number of axes, and for how
// many of them "..." stands.
func (e *einsum) labels(part string, rank int) (labels []rune, more int) {
	before, after, open := strings.Cut(part, "...")
	for _, l := range before + after {
		if l < 'A' || l > 'z' || l > 'Z' && l < 'a' {
			e.fail("%q is no index: these are letters", string(l))
		}
	}
	more = rank - len(before) - len(after)
	if more < 0 || more > 0 && !open {
		e.fail("%q has %d indices for %d axes", part, len(before)+len(after), rank)
	}
	return append(append([]rune(before), dots(more)...), []rune(after)...), more
}

// diagonals joins axes of the same index.
func (e *einsum) diagonals(a term) term {
	for i := 0; i < len(a.labels); i++ {
		k := slices.Index(a.labels[i+1:], a.labels[i])
		if k < 0 {
			continue
		}
		k += i + 1
		l := a.labels[i]
		a.t = a.t.reframe("Einsum", func(l layout) layout { return l.diagonal(0, i, k) })
		a.labels = append(slices.Delete(slices.Delete(slices.Clone(a.labels), k, k+1), i, i+1), l)
		i = -1
	}
	return a
}

// sumExcept adds up the elements along all indices but those to keep.
func (a term) sumExcept(keep []rune) term {
	var over []int
	var labels []rune
	for i, l := range a.labels {
		if slices.Contains(keep, l) {
			labels = append(labels, l)
		} else {
			over = append(over, i)
		}
	}
	if len(over) > 0 {
		a.t = a.t.Sum(over...)
	}
	return term{a.t, labels}
}

// contract multiplies two terms, and sums over the indices that are not to keep,
// as a batch of matrix products.
func (e *einsum) contract(a, b term, keep []rune) term {
	a, b = a.sumExcept(append(slices.Clone(keep), b.labels...)), b.sumExcept(append(slices.Clone(keep), a.labels...))
	var batch, left, right, inner []rune
	for _, l := range a.labels {
		switch shared := slices.Contains(b.labels, l); {
		case shared && slices.Contains(keep, l):
			batch = append(batch, l)
		case shared:
			inner = append(inner, l)
		default:
			left = append(left, l)
		}
	}
	for _, l := range b.labels {
		if !slices.Contains(a.labels, l) {
			right = append(right, l)
		}
	}
	x, y := e.arrange(a, batch, left, inner), e.arrange(b, batch, inner, right)
	out := term{x.MatMul(y), slices.Concat(batch, left, right)}
	out.t = out.t.Reshape(e.sizes(out.labels)...)
	return out
}

func (e *einsum) sizes(labels []rune) Shape {
	shape := Shape{}
	for _, l := range labels {
		shape = append(shape, e.size[l])
	}
	return shape
}

// arrange brings a term into three axes, each made of several indices.
func (e *einsum) arrange(a term, groups ...[]rune) *Tensor {
	all := slices.Concat(groups...)
	order := make([]int, len(all))
	for i, l := range all {
		order[i] = slices.Index(a.labels, l)
	}
	t := a.t.permute("Einsum", order).Expand(e.sizes(all)...)
	shape := Shape{}
	for _, g := range groups {
		shape = append(shape, e.sizes(g).Size())
	}
	return t.Reshape(shape...)
}
