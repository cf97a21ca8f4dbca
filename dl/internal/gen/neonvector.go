package main

import (
	"bytes"
	"fmt"
)

// A neon lowers a body to NEON. Go's assembler lacks most of the vector
// instructions, so they are written as words, beside their names; registers
// are allocated here: a body is a straight line, so a register is free after
// the last use of its value.
//
// R0 holds the arguments, R1 to R6, R13 and R14 the pointers, R7 the constants, R8
// the number of bytes, R9 the offset of the vector in hand, R10 to R12 are scratch.
type neon struct {
	b     *body
	out   bytes.Buffer
	free  []int
	held  map[value]int // fixed values in registers
	where map[value]int // values of the vector in hand
	acc   [][]int
	index int // register of the numbers of the elements, or -1
	step  int
}

// neonHoist is how many fixed values stay in registers during the loop.
const neonHoist = 14

// neonPointer is the register of a pointer.
func neonPointer(i int) int {
	if i < 6 {
		return i + 1
	}
	return i + 7
}

// Three-register instructions on four lanes of 32 bits.
var neonOps = map[string]struct {
	name string
	word uint32
}{
	"add": {"FADD", 0x4e20d400}, "sub": {"FSUB", 0x4ea0d400}, "mul": {"FMUL", 0x6e20dc00}, "div": {"FDIV", 0x6e20fc00},
	"max": {"FMAX", 0x4e20f400}, "min": {"FMIN", 0x4ea0f400}, "fma": {"FMLA", 0x4e20cc00}, "fnma": {"FMLS", 0x4ea0cc00},
	"greater": {"FCMGT", 0x6ea0e400}, "equal": {"FCMEQ", 0x4e20e400}, "igreater": {"CMGT", 0x4ea03400},
	"and": {"AND", 0x4e201c00}, "or": {"ORR", 0x4ea01c00}, "xor": {"EOR", 0x6e201c00}, "choose": {"BSL", 0x6e601c00},
	"iadd": {"ADD", 0x4ea08400}, "isub": {"SUB", 0x6ea08400},
	"nearRatio": {"FDIV", 0x6e20fc00}, "nearRoot": {"FSQRT", 0x6ea1f800}, "sqrt": {"FSQRT", 0x6ea1f800}, "round": {"FRINTN", 0x4e218800}, "toInt": {"FCVTNS", 0x4e21a800}, "toFloat": {"SCVTF", 0x4e21d800},
	"left": {"SHL", 0x4f205400}, "right": {"USHR", 0x6f200400}, "rightSigned": {"SSHR", 0x4f200400},
}

func (l *neon) line(format string, a ...any) { fmt.Fprintf(&l.out, "\t"+format+"\n", a...) }

func (l *neon) word(w uint32, format string, a ...any) {
	l.line("WORD $%#08x // %s", w, fmt.Sprintf(format, a...))
}

// three writes op Vd, Vn, Vm.
func (l *neon) three(op string, d, n, m int) {
	o := neonOps[op]
	l.word(o.word|uint32(m)<<16|uint32(n)<<5|uint32(d), "%s V%d.4S, V%d.4S, V%d.4S", o.name, d, n, m)
}

// two writes op Vd, Vn.
func (l *neon) two(op string, d, n int) {
	o := neonOps[op]
	l.word(o.word|uint32(n)<<5|uint32(d), "%s V%d.4S, V%d.4S", o.name, d, n)
}

// shift writes op Vd, Vn, #by. Right shifts are encoded as 64 minus the distance.
func (l *neon) shift(op string, d, n, by int) {
	o, code := neonOps[op], by
	if op != "left" {
		code = 32 - by
	}
	l.word(o.word+uint32(code)<<16|uint32(n)<<5|uint32(d), "%s V%d.4S, V%d.4S, #%d", o.name, d, n, by)
}

func (l *neon) move(d, n int) { l.three("or", d, n, n) }

func (l *neon) take() int {
	if len(l.free) == 0 {
		panic("NEON: no registers left")
	}
	r := l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	return r
}

func (l *neon) give(r int) { l.free = append(l.free, r) }

// broadcast loads a constant or a scalar into every lane.
func (l *neon) broadcast(v value) int {
	r := l.take()
	base, at := "R7", 4*v.n
	if v.op == "scalar" {
		base, at = "R0", scalarAt+4*v.n
	}
	l.line("ADD $%d, %s, R10", at, base)
	l.line("VLD1R (R10), [V%d.S4]", r)
	return r
}

// neonKernel returns a kernel's text.
func neonKernel(k kernel, b *body) string {
	l := &neon{b: b, held: map[value]int{}, index: -1}
	for r := 31; r >= 0; r-- {
		l.free = append(l.free, r)
	}
	name := k.name + "NEON"
	fmt.Fprintf(&l.out, "// func %s(a *byte)\nTEXT ·%s(SB), NOSPLIT, $0-8\n", name, name)
	l.line("MOVD a+0(FP), R0")
	for i := range b.pointers {
		l.line("MOVD %d(R0), R%d", pointerAt+8*i, neonPointer(i))
	}
	l.line("MOVD %d(R0), R7", constantAt)
	l.line("MOVD %d(R0), R8", countAt)
	l.line("LSL $2, R8, R8")
	for _, v := range b.fixed {
		if v.op == "index" {
			l.step = l.broadcast(b.bits(4))
			l.index = l.take()
			l.word(0x3dc00000|uint32(neonPointer(v.n))<<5|uint32(l.index), "LDR Q%d, [X%d]", l.index, neonPointer(v.n))
			l.held[v] = l.index
		} else if len(l.held) < neonHoist {
			l.held[v] = l.broadcast(v)
		}
	}
	for range k.unroll {
		var all []int
		for _, how := range b.accs {
			r := l.take()
			l.line("MOVW $%#x, R10", map[string]uint32{"add": 0, "max": 0xff800000, "min": 0x7f800000}[how])
			l.line("VDUP R10, V%d.S4", r)
			all = append(all, r)
		}
		l.acc = append(l.acc, all)
	}
	l.line("MOVD $0, R9")
	if k.unroll > 1 {
		l.line("SUB $%d, R8, R12", 16*(k.unroll-1))
		l.line("B %s_many", name)
		fmt.Fprintf(&l.out, "\n%s_unrolled:\n", name)
		for u := range k.unroll {
			l.vector(u)
		}
		l.line("ADD $%d, R9, R9", 16*k.unroll)
		fmt.Fprintf(&l.out, "\n%s_many:\n", name)
		l.line("CMP R12, R9")
		l.line("BLT %s_unrolled", name)
	}
	l.line("B %s_test", name)
	fmt.Fprintf(&l.out, "\n%s_loop:\n", name)
	l.vector(0)
	l.line("ADD $16, R9, R9")
	fmt.Fprintf(&l.out, "\n%s_test:\n", name)
	l.line("CMP R8, R9")
	l.line("BLT %s_loop", name)
	for r := range b.accs {
		l.reduce(r, k.unroll)
	}
	l.line("RET")
	return l.out.String()
}

func (l *neon) vector(u int) {
	l.where = map[value]int{}
	offset := 9
	if u > 0 {
		offset = 11
		l.line("ADD $%d, R9, R11", 16*u)
	}
	for at, v := range l.b.ops {
		l.operation(v, at, u, offset)
	}
	if l.index >= 0 {
		l.three("iadd", l.index, l.index, l.step)
	}
}

func (l *neon) operation(v value, at, u, offset int) {
	in := make([]int, len(v.in))
	own := make([]bool, len(v.in)) // the register may be written over
	for i, x := range v.in {
		if r, ok := l.held[x]; ok {
			in[i] = r
		} else if r, ok := l.where[x]; ok {
			in[i], own[i] = r, x.last == at
		} else {
			in[i], own[i] = l.broadcast(x), true
		}
	}
	// done gives back the operands that are used up, but for the one that holds
	// the result.
	done := func(result int) {
		seen := map[int]bool{result: true}
		for i, r := range in {
			if own[i] && !seen[r] {
				seen[r] = true
				l.give(r)
			}
		}
		if result >= 0 {
			l.where[v] = result
		}
	}
	// changed returns a register with operand i to be written over.
	changed := func(i int) int {
		used := 0
		for _, r := range in {
			if r == in[i] {
				used++
			}
		}
		if own[i] && used == 1 {
			return in[i]
		}
		d := l.take()
		l.move(d, in[i])
		return d
	}
	switch v.op {
	case "load":
		d := l.take()
		if v.far != 0 {
			l.line("ADD $%d, R%d, R10", 4*v.far, offset)
			offset = 10
		}
		l.word(0x3ce06800|uint32(offset)<<16|uint32(neonPointer(v.n))<<5|uint32(d), "LDR Q%d, [X%d, X%d]", d, neonPointer(v.n), offset)
		done(d)
	case "store":
		l.word(0x3ca06800|uint32(offset)<<16|uint32(neonPointer(v.n))<<5|uint32(in[0]), "STR Q%d, [X%d, X%d]", in[0], neonPointer(v.n), offset)
		done(-1)
	case "ahead": // not measured, so not done
	case "fma", "fnma":
		d := changed(2)
		l.three(v.op, d, in[0], in[1])
		done(d)
	case "choose":
		d := changed(0)
		l.three(v.op, d, in[1], in[2])
		done(d)
	case "sqrt", "nearRoot", "round", "toInt", "toFloat":
		d := l.take()
		l.two(v.op, d, in[0])
		done(d)
	case "left", "right", "rightSigned":
		d := l.take()
		l.shift(v.op, d, in[0], v.n)
		done(d)
	case "rotate":
		d, t := l.take(), l.take()
		l.shift("left", d, in[0], v.n)
		l.shift("right", t, in[0], 32-v.n)
		l.three("or", d, d, t)
		l.give(t)
		done(d)
	case "scale2": // in two halves: 2^n alone may overflow
		d, n, h := l.take(), l.take(), l.take()
		l.two("toInt", n, in[1])
		l.shift("rightSigned", h, n, 1)
		l.three("isub", n, n, h)
		l.shift("left", h, h, 23)
		l.shift("left", n, n, 23)
		l.word(0x4f03f600|uint32(d), "FMOV V%d.4S, #1.0", d)
		l.three("iadd", h, h, d)
		l.three("iadd", n, n, d)
		l.three("mul", d, in[0], h)
		l.three("mul", d, d, n)
		l.give(n)
		l.give(h)
		done(d)
	case "accumulate":
		a := l.acc[u][v.n]
		l.three(l.b.accs[v.n], a, a, in[0])
		done(-1)
	case "accumulateProduct":
		l.three("fma", l.acc[u][v.n], in[0], in[1])
		done(-1)
	default:
		if _, ok := neonOps[v.op]; !ok {
			panic("no operation " + v.op)
		}
		d := l.take()
		l.three(v.op, d, in[0], in[1])
		done(d)
	}
}

// reduce joins the accumulators of a result, then the lanes, and stores it.
func (l *neon) reduce(r, unroll int) {
	how := l.b.accs[r]
	for step := 1; step < unroll; step *= 2 {
		for u := 0; u+step < unroll; u += 2 * step {
			l.three(how, l.acc[u][r], l.acc[u][r], l.acc[u+step][r])
		}
	}
	v := uint32(l.acc[0][r])
	switch how {
	case "add":
		l.word(0x6e20d400|v<<16|v<<5|v, "FADDP V%d.4S, V%d.4S, V%d.4S", v, v, v)
		l.word(0x7e30d800|v<<5|v, "FADDP S%d, V%d.2S", v, v)
	case "max":
		l.word(0x6e30f800|v<<5|v, "FMAXV S%d, V%d.4S", v, v)
	case "min":
		l.word(0x6eb0f800|v<<5|v, "FMINV S%d, V%d.4S", v, v)
	}
	l.line("FMOVS F%d, %d(R0)", v, resultAt+4*r)
}
