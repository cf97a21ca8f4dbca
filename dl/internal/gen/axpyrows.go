package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// axpyRows adds multiples of rows to y, which stays in registers: so many vectors of it. Rows that will be needed are
// fetched: the processor's own fetching stops at the end of each row where the next one is elsewhere, and at pages. Rows
// follow one another, or are those that a list names, which goes on for listedAhead places beyond them.
func axpyRows(vectors int, listed bool) {
	name := fmt.Sprintf("axpyRows%dAVX512", 16*vectors)
	if listed {
		name = fmt.Sprintf("axpyListed%dAVX512", 16*vectors)
		TEXT(name, NOSPLIT, "func(y, alpha *float32, at *int32, x *float32, stride, rows int64)")
		Doc(fmt.Sprintf("%s adds alpha[i] times row at[i] of x, rows stride values apart, to %d values of y.", name, 16*vectors))
	} else {
		TEXT(name, NOSPLIT, "func(y, alpha, x *float32, stride, rows int64)")
		Doc(fmt.Sprintf("%s adds alpha[i] times row i of x, rows stride values apart, to %d values of y.", name, 16*vectors))
	}
	Pragma("noescape")
	y, alpha, x := Load(Param("y"), GP64()), Load(Param("alpha"), GP64()), Load(Param("x"), GP64())
	stride, rows := Load(Param("stride"), GP64()), Load(Param("rows"), GP64())
	SHLQ(Imm(2), stride)
	ahead := GP64()
	var at, row reg.GPVirtual
	if listed {
		at, row = GP64(), GP64()
		Load(Param("at"), at)
	} else {
		row = x.(reg.GPVirtual)
		LEAQ(Mem{Base: x, Index: stride, Scale: 8}, ahead)
	}
	var sum []reg.VecVirtual
	for i := range vectors {
		s := ZMM()
		VMOVUPS(Mem{Base: y, Disp: 64 * i}, s)
		sum = append(sum, s)
	}
	Label(name + "_loop")
	a := ZMM()
	VBROADCASTSS(Mem{Base: alpha}, a)
	if listed {
		MOVLQSX(Mem{Base: at}, row)
		IMULQ(stride, row)
		ADDQ(x, row)
		MOVLQSX(Mem{Base: at, Disp: 4 * listedAhead}, ahead)
		IMULQ(stride, ahead)
		ADDQ(x, ahead)
		ADDQ(Imm(4), at)
	}
	for i, s := range sum {
		PREFETCHT0(Mem{Base: ahead, Disp: 64 * i})
		VFMADD231PS(Mem{Base: row, Disp: 64 * i}, a, s)
	}
	ADDQ(Imm(4), alpha)
	if !listed {
		ADDQ(stride, x)
		ADDQ(stride, ahead)
	}
	DECQ(rows)
	JNZ(LabelRef(name + "_loop"))
	for i, s := range sum {
		VMOVUPS(s, Mem{Base: y, Disp: 64 * i})
	}
	VZEROUPPER()
	RET()
}

// listedAhead is how many rows of a list are fetched ahead: that of vec.listedAhead.
const listedAhead = 8

// nonZero writes the values that are not zero next to each other, and their places.
func nonZero() {
	const name = "nonZeroAVX512"
	places := GLOBL("places", RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(i))
	}
	TEXT(name, NOSPLIT, "func(values *float32, at *int32, x *float32, vectors int64) int64")
	Pragma("noescape")
	Doc(name + " writes the values of x that are not zero, and their places, and returns how many there are: 16 are written at once.")
	values, at, x := Load(Param("values"), GP64()), Load(Param("at"), GP64()), Load(Param("x"), GP64())
	vectors := Load(Param("vectors"), GP64())
	n, count := GP64(), GP64()
	XORQ(n, n)
	zero, place, next := ZMM(), ZMM(), ZMM()
	VPXORQ(zero, zero, zero)
	VMOVDQU32(places, place)
	MOVL(U32(16), count.As32())
	VMOVD(count.As32(), next.AsX())
	VPBROADCASTD(next.AsX(), next)
	Label(name + "_loop")
	v, there := ZMM(), ZMM()
	k := K()
	VMOVUPS(Mem{Base: x}, v)
	VCMPPS(Imm(4), zero, v, k) // not equal, or NaN
	VCOMPRESSPS(v, k, v)
	VPCOMPRESSD(place, k, there)
	VMOVUPS(v, Mem{Base: values, Index: n, Scale: 4})
	VMOVDQU32(there, Mem{Base: at, Index: n, Scale: 4})
	VPADDD(next, place, place)
	KMOVW(k, count.As32())
	POPCNTL(count.As32(), count.As32())
	ADDQ(count, n)
	ADDQ(Imm(64), x)
	DECQ(vectors)
	JNZ(LabelRef(name + "_loop"))
	VZEROUPPER()
	Store(n, ReturnIndex(0))
	RET()
}
