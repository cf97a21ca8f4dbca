package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An x86 lowers a body to AVX-512 or AVX2; avo allocates the registers.
type x86 struct {
	isa
	b        *body
	args     reg.Register
	pointers []reg.Register
	at       reg.Register // index of the element in hand
	hoisted  map[value]reg.VecVirtual
	acc      [][]reg.VecVirtual // by unrolled vector and number
	where    map[value]Op       // of the vector in hand: a vector register or a mask
	constant reg.Register
	index    reg.VecVirtual    // the numbers of the elements in hand, nil where nobody asks
	step     reg.VecVirtual    // what they grow by
	further  reg.GPVirtual     // the same place of the next row, for what is fetched ahead
	count    reg.Register      // of elements in whole vectors
	mask     reg.OpmaskVirtual // of the elements that are left, nil for whole vectors
}

func vec(s isa) reg.VecVirtual {
	if s.width == 16 {
		return ZMM()
	}
	return YMM()
}

// hoist is how many fixed values stay in registers during the loop; the others
// are loaded where they are used, which costs a load and no arithmetic.
func (s isa) hoist() int {
	if s.width == 16 {
		return 14
	}
	return 4
}

// x86Kernel writes a kernel for one instruction set.
func x86Kernel(s isa, k kernel, b *body) {
	name := k.name + s.name
	TEXT(name, NOSPLIT, "func(a *byte)")
	Pragma("noescape")
	Doc(name + ": " + k.doc + ".")
	l := &x86{isa: s, b: b, args: Load(Param("a"), GP64()), hoisted: map[value]reg.VecVirtual{}}
	control := l.flush()
	for i := range b.pointers {
		p := GP64()
		MOVQ(Mem{Base: l.args, Disp: pointerAt + 8*i}, p)
		l.pointers = append(l.pointers, p)
	}
	n := GP64()
	MOVQ(Mem{Base: l.args, Disp: countAt}, n)
	if s.width == 16 {
		ANDQ(I8(-16), n)
	}
	l.count = n
	if len(b.fixed) > 0 {
		l.constant = GP64()
		MOVQ(Mem{Base: l.args, Disp: constantAt}, l.constant)
	}
	for _, v := range b.fixed {
		if v.op == "index" {
			l.index, l.step = vec(s), l.broadcast(b.bits(uint32(s.width)))
			VMOVUPS(Mem{Base: l.pointers[v.n]}, l.index)
			l.hoisted[v] = l.index
		} else if len(l.hoisted) < s.hoist() {
			l.hoisted[v] = l.broadcast(v)
		}
	}
	for range k.unroll {
		var all []reg.VecVirtual
		for _, how := range b.accs {
			a := zeroed(s)
			if how != "add" { // no element is beyond infinity
				bits := map[string]uint32{"max": 0xff800000, "min": 0x7f800000}[how]
				g := GP32()
				MOVL(U32(bits), g)
				x := XMM()
				VMOVD(g, x)
				VBROADCASTSS(x, a)
			}
			all = append(all, a)
		}
		l.acc = append(l.acc, all)
	}
	i := GP64()
	l.at = i
	XORQ(i, i)
	if k.unroll > 1 {
		end := GP64()
		LEAQ(Mem{Base: n, Disp: -(k.unroll - 1) * s.width}, end)
		JMP(LabelRef(name + "_many"))
		Label(name + "_unrolled")
		for u := range k.unroll {
			l.vector(u, u*s.width)
		}
		ADDQ(Imm(uint64(k.unroll*s.width)), i)
		Label(name + "_many")
		CMPQ(i, end)
		JL(LabelRef(name + "_unrolled"))
	}
	JMP(LabelRef(name + "_test"))
	Label(name + "_loop")
	l.vector(0, 0)
	ADDQ(Imm(uint64(s.width)), i)
	Label(name + "_test")
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	if s.width == 16 { // the rest, under a mask; other sets have none
		left, m := GP32(), GP32()
		MOVL(Mem{Base: l.args, Disp: countAt}, left)
		ANDL(Imm(15), left)
		JZ(LabelRef(name + "_end"))
		MOVL(U32(0xffff), m)
		BZHIL(left, m, m)
		l.mask = K()
		KMOVW(m, l.mask)
		l.vector(0, 0)
		Label(name + "_end")
	}
	for r := range b.accs {
		l.reduce(r, k.unroll)
	}
	if b.flush {
		VLDMXCSR(control)
	}
	VZEROUPPER()
	RET()
}

// flush makes denormal numbers zero where the body asks for it, and returns where the control register is kept as it was.
func (l *x86) flush() (control Mem) {
	if !l.b.flush {
		return control
	}
	control = AllocLocal(8)
	flushDenormals(control, GP32())
	return control
}

func zeroed(s isa) reg.VecVirtual {
	v := vec(s)
	if s.width == 16 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
	return v
}

// broadcast loads a constant or a scalar into every lane.
func (l *x86) broadcast(v value) reg.VecVirtual {
	r := vec(l.isa)
	switch v.op {
	case "constant":
		VBROADCASTSS(Mem{Base: l.constant, Disp: 4 * v.n}, r)
	case "scalar":
		VBROADCASTSS(Mem{Base: l.args, Disp: scalarAt + 4*v.n}, r)
	}
	return r
}

// reg is the register that holds a value.
func (l *x86) reg(v value) reg.VecVirtual {
	if r, ok := l.hoisted[v]; ok {
		return r
	}
	if r, ok := l.where[v]; ok {
		return r.(reg.VecVirtual)
	}
	return l.broadcast(v)
}

// dies reports whether v is of no use after operation at, so that its register
// may be written over.
func (l *x86) dies(v value, at int) bool {
	_, hoisted := l.hoisted[v]
	_, computed := l.where[v]
	return !hoisted && (!computed || v.last == at)
}

func (l *x86) vector(u, offset int) {
	l.where = map[value]Op{}
	if l.b.ahead {
		l.further = GP64()
		LEAQ(Mem{Base: l.at, Index: l.count, Scale: 1}, l.further)
	}
	for at, v := range l.b.ops {
		l.operation(v, at, u, offset)
	}
	if l.index != nil {
		VPADDD(l.step, l.index, l.index)
	}
}

func (l *x86) operation(v value, at, u, offset int) {
	mem := func() Mem { return Mem{Base: l.pointers[v.n], Index: l.at, Scale: 4, Disp: 4 * (offset + v.far)} }
	var in []reg.VecVirtual
	for i, x := range v.in {
		if (v.op == "choose" && i == 0) && l.width == 16 {
			in = append(in, nil)
			continue
		}
		in = append(in, l.reg(x))
	}
	fresh := func() reg.VecVirtual {
		r := vec(l.isa)
		l.where[v] = r
		return r
	}
	switch v.op {
	case "load":
		r := fresh()
		if l.mask != nil {
			VBROADCASTSS(Mem{Base: l.args, Disp: padAt + 4*v.n}, r)
			VMOVUPS(mem(), l.mask, r)
			return
		}
		VMOVUPS(mem(), r)
	case "store":
		if l.mask != nil {
			VMOVUPS(in[0], l.mask, mem())
			return
		}
		VMOVUPS(in[0], mem())
	case "ahead":
		PREFETCHT0(Mem{Base: l.pointers[v.n], Index: l.further, Scale: 4, Disp: 4 * offset})
	case "add":
		VADDPS(in[1], in[0], fresh())
	case "sub":
		VSUBPS(in[1], in[0], fresh())
	case "mul":
		VMULPS(in[1], in[0], fresh())
	case "div":
		VDIVPS(in[1], in[0], fresh())
	case "min":
		VMINPS(in[1], in[0], fresh())
	case "max":
		VMAXPS(in[1], in[0], fresh())
	case "sqrt":
		VSQRTPS(in[0], fresh())
	case "nearRatio":
		l.nearRatio(in[0], in[1], fresh())
	case "nearRoot":
		l.nearRoot(in[0], in[1], fresh())
	case "round":
		if l.width == 16 {
			VRNDSCALEPS(Imm(8), in[0], fresh())
		} else {
			VROUNDPS(Imm(8), in[0], fresh())
		}
	case "fma", "fnma":
		f231, f213 := VFMADD231PS, VFMADD213PS
		if v.op == "fnma" {
			f231, f213 = VFNMADD231PS, VFNMADD213PS
		}
		x, y, z := in[0], in[1], in[2]
		switch {
		case l.dies(v.in[2], at) && v.in[2] != v.in[0] && v.in[2] != v.in[1]:
			f231(y, x, z)
			l.where[v] = z
		case l.dies(v.in[0], at) && v.in[0] != v.in[1]:
			f213(z, y, x)
			l.where[v] = x
		case l.dies(v.in[1], at) && v.in[0] != v.in[1]:
			f213(z, x, y)
			l.where[v] = y
		default:
			r := fresh()
			VMOVAPS(z, r)
			f231(y, x, r)
		}
	case "scale2":
		if l.width == 16 {
			VSCALEFPS(in[1], in[0], fresh())
			return
		}
		n, h, one := vec(l.isa), vec(l.isa), vec(l.isa) // in two halves: 2^n alone may overflow
		VCVTPS2DQ(in[1], n)
		VPSRAD(Imm(1), n, h)
		VPSUBD(h, n, n)
		VPCMPEQD(one, one, one)
		VPSRLD(Imm(25), one, one)
		VPSLLD(Imm(23), one, one) // 1 in every lane
		VPSLLD(Imm(23), h, h)
		VPSLLD(Imm(23), n, n)
		VPADDD(one, h, h)
		VPADDD(one, n, n)
		r := fresh()
		VMULPS(h, in[0], r)
		VMULPS(n, r, r)
	case "greater", "equal", "igreater":
		imm := map[string]uint64{"greater": 0x1e, "equal": 0}[v.op]
		switch {
		case l.width == 16:
			k := K()
			if v.op == "igreater" {
				VPCMPD(Imm(6), in[1], in[0], k)
			} else {
				VCMPPS(Imm(imm), in[1], in[0], k)
			}
			l.where[v] = k
		case v.op == "igreater":
			VPCMPGTD(in[1], in[0], fresh())
		default:
			VCMPPS(Imm(imm), in[1], in[0], fresh())
		}
	case "choose":
		if l.width == 16 {
			VBLENDMPS(in[1], in[2], l.where[v.in[0]], fresh())
		} else {
			VBLENDVPS(in[0], in[1], in[2], fresh())
		}
	case "and":
		if l.width == 16 {
			VPANDD(in[1], in[0], fresh())
		} else {
			VPAND(in[1], in[0], fresh())
		}
	case "or":
		if l.width == 16 {
			VPORD(in[1], in[0], fresh())
		} else {
			VPOR(in[1], in[0], fresh())
		}
	case "xor":
		if l.width == 16 {
			VPXORD(in[1], in[0], fresh())
		} else {
			VPXOR(in[1], in[0], fresh())
		}
	case "iadd":
		VPADDD(in[1], in[0], fresh())
	case "isub":
		VPSUBD(in[1], in[0], fresh())
	case "left":
		VPSLLD(Imm(uint64(v.n)), in[0], fresh())
	case "right":
		VPSRLD(Imm(uint64(v.n)), in[0], fresh())
	case "rightSigned":
		VPSRAD(Imm(uint64(v.n)), in[0], fresh())
	case "rotate":
		if l.width == 16 {
			VPROLD(Imm(uint64(v.n)), in[0], fresh())
			return
		}
		a, b := vec(l.isa), fresh()
		VPSLLD(Imm(uint64(v.n)), in[0], a)
		VPSRLD(Imm(uint64(32-v.n)), in[0], b)
		VPOR(a, b, b)
	case "toInt":
		VCVTPS2DQ(in[0], fresh())
	case "toFloat":
		VCVTDQ2PS(in[0], fresh())
	case "accumulate":
		a := l.acc[u][v.n]
		l.combine(l.b.accs[v.n], in[0], a)
	case "accumulateProduct":
		VFMADD231PS(in[1], in[0], l.acc[u][v.n])
	default:
		panic("no operation " + v.op)
	}
}

func (l *x86) combine(how string, x, a Op) {
	switch how {
	case "add":
		VADDPS(x, a, a)
	case "max":
		VMAXPS(x, a, a)
	case "min":
		VMINPS(x, a, a)
	}
}

// reduce joins the accumulators of a result, then the lanes, and stores it.
func (l *x86) reduce(r, unroll int) {
	how := l.b.accs[r]
	for step := 1; step < unroll; step *= 2 {
		for u := 0; u+step < unroll; u += 2 * step {
			l.combine(how, l.acc[u+step][r], l.acc[u][r])
		}
	}
	v := l.acc[0][r]
	if l.width == 16 {
		y := YMM()
		VEXTRACTF64X4(Imm(1), v, y)
		l.combine(how, y, v.AsY())
	}
	x := XMM()
	if l.width == 16 {
		VEXTRACTF32X4(Imm(1), v.AsY(), x)
	} else {
		VEXTRACTF128(Imm(1), v.AsY(), x)
	}
	l.combine(how, x, v.AsX())
	VMOVHLPS(v.AsX(), v.AsX(), x)
	l.combine(how, x, v.AsX())
	VMOVSHDUP(v.AsX(), x)
	l.combine(how, x, v.AsX())
	VMOVSS(v.AsX(), Mem{Base: l.args, Disp: resultAt + 4*r})
}

// nearRoot is the square root r of x from an estimate of 14 bits and one step of Newton's, which makes 28 of them. The root
// of zero, of what is infinite and of what is not a number is that itself.
func (l *x86) nearRoot(x, half, r reg.VecVirtual) {
	if l.width != 16 {
		VSQRTPS(x, r)
		return
	}
	const special = 0x01 | 0x02 | 0x04 | 0x08 | 0x80
	k, e := K(), vec(l.isa)
	VRSQRT14PS(x, e)
	VMULPS(x, e, r)
	VMULPS(half, e, e)
	d := vec(l.isa)
	VMOVAPS(x, d)
	VFNMADD231PS(r, r, d)
	VFMADD231PS(d, e, r)
	VFPCLASSPSZ(Imm(special), x, k)
	VMOVAPS(x, k, r)
}

// nearRatio is x/y by the same way. y is finite, and neither zero nor denormal.
func (l *x86) nearRatio(x, y, r reg.VecVirtual) {
	if l.width != 16 {
		VDIVPS(y, x, r)
		return
	}
	e, d := vec(l.isa), vec(l.isa)
	VRCP14PS(y, e)
	VMULPS(x, e, r)
	VMOVAPS(x, d)
	VFNMADD231PS(y, r, d)
	VFMADD231PS(d, e, r)
}
