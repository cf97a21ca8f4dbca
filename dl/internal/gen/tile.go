package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An isa is what differs between the instruction sets.
type isa struct {
	name  string
	width int // floats in a vector
	rows  int // rows of the largest tile
	vecs  []reg.VecPhysical
}

var avx512 = isa{"AVX512", 16, 14, []reg.VecPhysical{
	reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
	reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
	reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
	reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31}}

var avx2 = isa{"AVX2", 8, 6, []reg.VecPhysical{
	reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
	reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15}}

// tile writes the micro-kernel for mr rows and two vectors of columns:
//
//	C[i,j] = (load ? C[i,j] : 0) + sum over p of A[i*ai + p*ak] * B[p*bk + j], + bias[j], ReLU
//
// Strides are in elements. Columns whose mask is clear are neither read nor written.
func tile(s isa, mr int) {
	TEXT(fmt.Sprintf("tile%s_%d", s.name, mr), NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	Doc(fmt.Sprintf("tile%s_%d is the micro-kernel for %d rows and %d columns.", s.name, mr, mr, 2*s.width))
	// All registers by hand: the loop needs most of them.
	t := reg.RDI
	field := func(i int) Mem { return Mem{Base: t, Disp: 8 * i} }
	Load(Param("t"), t)
	k, b, bk, ai, ak := reg.RCX, reg.RBX, reg.RDX, reg.RSI, reg.R8
	base := []reg.GPPhysical{reg.RAX, reg.R9, reg.R10, reg.R11, reg.R12}
	MOVQ(field(0), k)
	MOVQ(field(1), base[0])
	MOVQ(field(2), ai)
	MOVQ(field(3), ak)
	MOVQ(field(4), b)
	MOVQ(field(5), bk)
	SHLQ(Imm(2), ai)
	SHLQ(Imm(2), ak)
	SHLQ(Imm(2), bk)
	nbase := (mr + 2) / 3
	for i := 1; i < nbase; i++ {
		LEAQ(Mem{Base: base[i-1], Index: ai, Scale: 2}, base[i])
		ADDQ(ai, base[i])
	}
	acc := func(i, j int) reg.VecPhysical { return s.vecs[2*i+j] }
	n := len(s.vecs)
	b0, b1, x0, x1 := s.vecs[n-1], s.vecs[n-2], s.vecs[n-3], s.vecs[n-4]
	m0, m1 := x0, x1 // AVX2: lane masks are reloaded where they are used
	masks := reg.R13
	zero := func(v reg.VecPhysical) {
		if s.width == 16 {
			VPXORD(v, v, v)
		} else {
			VXORPS(v, v, v)
		}
	}
	if s.width == 16 {
		MOVL(Mem{Base: t, Disp: 8 * 8}, reg.R13L)
		KMOVW(reg.R13L, reg.K1)
		SHRL(Imm(16), reg.R13L)
		KMOVW(reg.R13L, reg.K2)
	} else {
		MOVQ(field(10), masks)
	}
	loadB := func(j int, v reg.VecPhysical) {
		m := Mem{Base: b, Disp: j * s.width * 4}
		if s.width == 16 {
			VMOVUPS_Z(m, []reg.OpmaskPhysical{reg.K1, reg.K2}[j], v)
		} else {
			VMOVUPS(Mem{Base: masks, Disp: j * 32}, v)
			VMASKMOVPS(m, v, v)
		}
	}
	for i := 0; i < mr; i++ {
		zero(acc(i, 0))
		zero(acc(i, 1))
	}
	fma := func() {
		for i := 0; i < mr; i++ {
			m := Mem{Base: base[i/3]}
			switch i % 3 {
			case 1:
				m.Index, m.Scale = ai, 1
			case 2:
				m.Index, m.Scale = ai, 2
			}
			x := x0
			if i%2 == 1 {
				x = x1
			}
			VBROADCASTSS(m, x)
			VFMADD231PS(x, b0, acc(i, 0))
			VFMADD231PS(x, b1, acc(i, 1))
		}
		for i := 0; i < nbase; i++ {
			ADDQ(ak, base[i])
		}
		ADDQ(bk, b)
	}
	name := fmt.Sprintf("tile%s_%d", s.name, mr)
	full := func() { // all columns: plain loads
		Label(name + "_full")
		VMOVUPS(Mem{Base: b}, b0)
		VMOVUPS(Mem{Base: b, Disp: s.width * 4}, b1)
		fma()
		DECQ(k)
		JNZ(LabelRef(name + "_full"))
	}
	CMPL(Mem{Base: t, Disp: 8*8 + 4}, Imm(0)) // full?
	JNE(LabelRef(name + "_full"))
	Label(name + "_part")
	loadB(0, b0)
	loadB(1, b1)
	fma()
	DECQ(k)
	JNZ(LabelRef(name + "_part"))
	JMP(LabelRef(name + "_end"))
	full()
	Label(name + "_end")

	c, ldc, flags, bias := reg.RAX, reg.RDX, reg.RCX, reg.RBX
	MOVQ(field(6), c)
	MOVQ(field(7), ldc)
	SHLQ(Imm(2), ldc)
	MOVQ(field(9), flags)
	MOVQ(field(11), bias)
	loadC := func(m Mem, j int, v reg.VecPhysical) { // v = masked *m
		if s.width == 16 {
			VMOVUPS_Z(m, []reg.OpmaskPhysical{reg.K1, reg.K2}[j], v)
		} else {
			VMOVUPS(Mem{Base: masks, Disp: j * 32}, v)
			VMASKMOVPS(m, v, v)
		}
	}
	// add C
	TESTQ(U32(1), flags)
	JZ(LabelRef(name + "_bias"))
	MOVQ(c, reg.R8)
	for i := 0; i < mr; i++ {
		for j := 0; j < 2; j++ {
			v := []reg.VecPhysical{b0, b1}[j]
			loadC(Mem{Base: reg.R8, Disp: j * s.width * 4}, j, v)
			VADDPS(v, acc(i, j), acc(i, j))
		}
		ADDQ(ldc, reg.R8)
	}
	Label(name + "_bias")
	TESTQ(bias, bias)
	JZ(LabelRef(name + "_relu"))
	loadC(Mem{Base: bias}, 0, b0)
	loadC(Mem{Base: bias, Disp: s.width * 4}, 1, b1)
	for i := 0; i < mr; i++ {
		VADDPS(b0, acc(i, 0), acc(i, 0))
		VADDPS(b1, acc(i, 1), acc(i, 1))
	}
	Label(name + "_relu")
	TESTQ(U32(2), flags)
	JZ(LabelRef(name + "_store"))
	zero(b0)
	for i := 0; i < mr; i++ {
		// the second source wins where one is NaN: a NaN stays a NaN
		VMAXPS(acc(i, 0), b0, acc(i, 0))
		VMAXPS(acc(i, 1), b0, acc(i, 1))
	}
	Label(name + "_store")
	if s.width == 8 {
		VMOVUPS(Mem{Base: masks}, m0)
		VMOVUPS(Mem{Base: masks, Disp: 32}, m1)
	}
	for i := 0; i < mr; i++ {
		for j := 0; j < 2; j++ {
			m := Mem{Base: c, Disp: j * s.width * 4}
			if s.width == 16 {
				VMOVUPS(acc(i, j), []reg.OpmaskPhysical{reg.K1, reg.K2}[j], m)
			} else {
				VMASKMOVPS(acc(i, j), []reg.VecPhysical{m0, m1}[j], m)
			}
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}
