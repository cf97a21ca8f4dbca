package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// axpyRows adds multiples of rows to y, which stays in registers: so many vectors of it. Rows that will be needed are
// fetched: the processor's own fetching stops at the end of each row where the next one is elsewhere, and at pages.
func axpyRows(vectors int) {
	name := fmt.Sprintf("axpyRows%dAVX512", 16*vectors)
	TEXT(name, NOSPLIT, "func(y, alpha, x *float32, stride, rows int64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s adds alpha[i] times row i of x, rows stride values apart, to %d values of y.", name, 16*vectors))
	y, alpha, x := Load(Param("y"), GP64()), Load(Param("alpha"), GP64()), Load(Param("x"), GP64())
	stride, rows := Load(Param("stride"), GP64()), Load(Param("rows"), GP64())
	SHLQ(Imm(2), stride)
	ahead := GP64()
	LEAQ(Mem{Base: x, Index: stride, Scale: 8}, ahead)
	var sum []reg.VecVirtual
	for i := range vectors {
		s := ZMM()
		VMOVUPS(Mem{Base: y, Disp: 64 * i}, s)
		sum = append(sum, s)
	}
	Label(name + "_loop")
	a := ZMM()
	VBROADCASTSS(Mem{Base: alpha}, a)
	for i, s := range sum {
		PREFETCHT0(Mem{Base: ahead, Disp: 64 * i})
		VFMADD231PS(Mem{Base: x, Disp: 64 * i}, a, s)
	}
	ADDQ(Imm(4), alpha)
	ADDQ(stride, x)
	ADDQ(stride, ahead)
	DECQ(rows)
	JNZ(LabelRef(name + "_loop"))
	for i, s := range sum {
		VMOVUPS(s, Mem{Base: y, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()
}
