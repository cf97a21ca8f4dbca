package main

import "math"

// A kernel is a loop over vectors, described once for all instruction sets:
// f records what is done with one vector of each operand. It is called from Go
// with the address of a vec.args, which holds pointers, scalars and results.
type kernel struct {
	name   string
	doc    string
	unroll int // vectors in flight, each with accumulators of its own
	f      func(b *body)
}

// Offsets of the fields of vec.args.
const (
	pointerAt  = 0   // [8]*float32
	constantAt = 64  // *uint32
	countAt    = 72  // int64, without masks a multiple of the vector's width
	scalarAt   = 80  // [8]float32
	resultAt   = 112 // [2]float32
	padAt      = 120 // [8]float32
)

// A value is the result of one operation; each is computed once.
type value = *operation

type operation struct {
	op   string
	in   []value
	n    int // pointer, scalar, accumulator, constant or distance of a shift
	last int // the operation in which it is used last
	far  int // elements from the vector that has its turn to the one that is loaded
}

// A body is the straight line of operations in a loop.
type body struct {
	ops       []value
	fixed     []value // constants, scalars and fixed vectors: loaded before the loop
	pointers  int
	accs      []string // what the accumulators do: "add", "max" or "min"
	constants *[]uint32
	ahead     bool // something is fetched ahead
	flush     bool // denormal numbers, those that come in and those that go out, are zero
}

func (b *body) emit(op string, n int, in ...value) value {
	v := &operation{op: op, n: n, in: in}
	for _, x := range in {
		x.last = len(b.ops)
	}
	b.ops = append(b.ops, v)
	return v
}

// once returns the fixed value of a kind and number.
func (b *body) once(op string, n int) value {
	for _, v := range b.fixed {
		if v.op == op && v.n == n {
			return v
		}
	}
	v := &operation{op: op, n: n}
	b.fixed = append(b.fixed, v)
	return v
}

func (b *body) touch(i int) int {
	b.pointers = max(b.pointers, i+1)
	return i
}

// load reads the vector of pointer i that has its turn, store writes it.
func (b *body) load(i int) value     { return b.emit("load", b.touch(i)) }
func (b *body) store(i int, v value) { b.emit("store", b.touch(i), v) }

// fetch asks for the same place of the next row of each pointer, one length of the call further on: while a row that is
// in the first cache is computed with, nothing else would come from memory. Behind the last row it does no harm.
func (b *body) fetch(pointers ...int) {
	b.ahead = true
	for _, i := range pointers {
		b.emit("ahead", b.touch(i))
	}
}

// loadFar reads the vector so many elements behind the one that has its turn. The kernel is for whole vectors only.
func (b *body) loadFar(i, far int) value {
	v := b.load(i)
	v.far = far
	return v
}

// scalar is scalar i of the call, in every lane. index counts from there,
// element by element, with the first vector of pointer p holding 0, 1, 2, ...
func (b *body) scalar(i int) value { return b.once("scalar", i) }
func (b *body) index(p int) value  { return b.once("index", b.touch(p)) }

// k is a constant in every lane, bits one of 32 bits.
func (b *body) k(f float64) value { return b.bits(math.Float32bits(float32(f))) }

func (b *body) bits(u uint32) value {
	for i, c := range *b.constants {
		if c == u {
			return b.once("constant", i)
		}
	}
	*b.constants = append(*b.constants, u)
	return b.once("constant", len(*b.constants)-1)
}

func (b *body) add(x, y value) value { return b.emit("add", 0, x, y) }
func (b *body) sub(x, y value) value { return b.emit("sub", 0, x, y) }
func (b *body) mul(x, y value) value { return b.emit("mul", 0, x, y) }
func (b *body) div(x, y value) value { return b.emit("div", 0, x, y) }

// min and max return y where an operand is NaN and y is it.
func (b *body) min(x, y value) value { return b.emit("min", 0, x, y) }
func (b *body) max(x, y value) value { return b.emit("max", 0, x, y) }

func (b *body) fma(x, y, z value) value  { return b.emit("fma", 0, x, y, z) }  // x*y + z
func (b *body) fnma(x, y, z value) value { return b.emit("fnma", 0, x, y, z) } // z - x*y
func (b *body) sqrt(x value) value       { return b.emit("sqrt", 0, x) }

// nearRoot and nearRatio are sqrt and div but for the last bits, where those take long: see x86.nearRoot. The divisor is at
// most 2^125, and neither zero nor denormal.
func (b *body) nearRoot(x value) value     { return b.emit("nearRoot", 0, x, b.k(0.5)) }
func (b *body) nearRatio(x, y value) value { return b.emit("nearRatio", 0, x, y) }

func (b *body) round(x value) value { return b.emit("round", 0, x) } // to the nearest integer

// scale2 returns x * 2^n for an n that holds an integer.
func (b *body) scale2(x, n value) value { return b.emit("scale2", 0, x, n) }

// Comparisons are false for NaN. choose takes x where the condition holds.
func (b *body) greater(x, y value) value   { return b.emit("greater", 0, x, y) }
func (b *body) igreater(x, y value) value  { return b.emit("igreater", 0, x, y) } // of signed integers
func (b *body) equal(x, y value) value     { return b.emit("equal", 0, x, y) }
func (b *body) choose(c, x, y value) value { return b.emit("choose", 0, c, x, y) }

// Integers and bits.
func (b *body) and(x, y value) value             { return b.emit("and", 0, x, y) }
func (b *body) or(x, y value) value              { return b.emit("or", 0, x, y) }
func (b *body) xor(x, y value) value             { return b.emit("xor", 0, x, y) }
func (b *body) iadd(x, y value) value            { return b.emit("iadd", 0, x, y) }
func (b *body) isub(x, y value) value            { return b.emit("isub", 0, x, y) }
func (b *body) left(x value, n int) value        { return b.emit("left", n, x) }
func (b *body) right(x value, n int) value       { return b.emit("right", n, x) } // filled with zeros
func (b *body) rightSigned(x value, n int) value { return b.emit("rightSigned", n, x) }
func (b *body) rotate(x value, n int) value      { return b.emit("rotate", n, x) } // to the left
func (b *body) toInt(x value) value              { return b.emit("toInt", 0, x) }
func (b *body) toFloat(x value) value            { return b.emit("toFloat", 0, x) }

// accumulate adds up v, or keeps the largest or smallest, in result i.
func (b *body) accumulate(i int, how string, v value) {
	for len(b.accs) <= i {
		b.accs = append(b.accs, "")
	}
	b.accs[i] = how
	b.emit("accumulate", i, v)
}

// accumulateProduct adds up x*y in result i.
func (b *body) accumulateProduct(i int, x, y value) {
	for len(b.accs) <= i {
		b.accs = append(b.accs, "")
	}
	b.accs[i] = "add"
	b.emit("accumulateProduct", i, x, y)
}

// polynomial evaluates c[0]*x^n + ... + c[n] by Horner's rule.
func (b *body) polynomial(x value, c ...float64) value {
	y := b.k(c[0])
	for _, a := range c[1:] {
		y = b.fma(y, x, b.k(a))
	}
	return y
}
