package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// fetched fetches two cache lines of each of n rows, stride bytes apart, into the caches.
func fetched() {
	TEXT("fetchRowsAVX2", NOSPLIT, "func(p *float32, stride, n int64)")
	Pragma("noescape")
	Doc("fetchRowsAVX2 fetches two cache lines of n rows, stride values apart, into L1.")
	p, stride, n := Load(Param("p"), GP64()), Load(Param("stride"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), stride)
	Label("fetchRowsAVX2_loop")
	PREFETCHT0(Mem{Base: p})
	PREFETCHT0(Mem{Base: p, Disp: 64})
	ADDQ(stride, p)
	DECQ(n)
	JNZ(LabelRef("fetchRowsAVX2_loop"))
	RET()
}

// transposed writes 8 rows of a matrix as 8 columns, 8 values of each row at a time.
func transposed() {
	TEXT("transpose8AVX2", NOSPLIT, "func(dst, src *float32, ldd, lds, n int64)")
	Pragma("noescape")
	Doc("transpose8AVX2 writes 8 rows of n*8 values, lds apart, as n*8 rows of 8 values, ldd apart.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	n := Load(Param("n"), GP64())
	SHLQ(Imm(2), lds)
	SHLQ(Imm(2), ldd)
	lds3, ldd3, src4 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: lds, Index: lds, Scale: 2}, lds3)
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	LEAQ(Mem{Base: src, Index: lds, Scale: 4}, src4)
	Label("transpose8AVX2_loop")
	for half := 0; half < 2; half++ {
		// rows i and i+4 in one register, so that no shuffle crosses its halves
		at := func(base reg.Register, i int) Mem {
			m := Mem{Base: base, Disp: 16 * half}
			switch i {
			case 1, 2:
				m.Index, m.Scale = lds, uint8(i)
			case 3:
				m.Index, m.Scale = lds3, 1
			}
			return m
		}
		var y, u [4]reg.VecVirtual
		for i := range y {
			y[i] = YMM()
			VMOVUPS(at(src, i), y[i].AsX())
			VINSERTF128(Imm(1), at(src4, i), y[i], y[i])
		}
		for i := range u {
			u[i] = YMM()
		}
		VUNPCKLPS(y[1], y[0], u[0])
		VUNPCKHPS(y[1], y[0], u[1])
		VUNPCKLPS(y[3], y[2], u[2])
		VUNPCKHPS(y[3], y[2], u[3])
		for i := 0; i < 4; i++ {
			v := YMM()
			VSHUFPS(Imm([]uint64{0x44, 0xEE}[i%2]), u[2+i/2], u[i/2], v)
			m := Mem{Base: dst}
			switch i {
			case 1, 2:
				m.Index, m.Scale = ldd, uint8(i)
			case 3:
				m.Index, m.Scale = ldd3, 1
			}
			VMOVUPS(v, m)
		}
		LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	}
	ADDQ(Imm(32), src)
	ADDQ(Imm(32), src4)
	DECQ(n)
	JNZ(LabelRef("transpose8AVX2_loop"))
	VZEROUPPER()
	RET()
}

// panels copies rows of a matrix into panels.
func panels(vectors int) {
	name := fmt.Sprintf("panels%dAVX2", 8*vectors)
	TEXT(name, NOSPLIT, "func(dst, src *float32, ldd, lds, rows, n int64)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s copies rows of n*%d values, lds apart, into n panels, ldd apart, whose rows have %d values.", name, 8*vectors, 8*vectors))
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), lds)
	SHLQ(Imm(2), ldd)
	from, to, left := GP64(), GP64(), GP64()
	Label(name + "_row")
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(n, left)
	Label(name + "_panel")
	var y [4]reg.VecVirtual
	for i := 0; i < vectors; i++ {
		y[i] = YMM()
		VMOVUPS(Mem{Base: from, Disp: 32 * i}, y[i])
	}
	for i := 0; i < vectors; i++ {
		VMOVUPS(y[i], Mem{Base: to, Disp: 32 * i})
	}
	ADDQ(U32(uint32(32*vectors)), from)
	ADDQ(ldd, to)
	DECQ(left)
	JNZ(LabelRef(name + "_panel"))
	ADDQ(lds, src)
	ADDQ(U32(uint32(32*vectors)), dst)
	DECQ(rows)
	JNZ(LabelRef(name + "_row"))
	VZEROUPPER()
	RET()
}

// narrow copies rows of 8 to 16 values.
func narrow() {
	name := "narrowAVX2"
	TEXT(name, NOSPLIT, "func(dst, src *float32, ldd, lds, rows, n int64)")
	Pragma("noescape")
	Doc(name + " copies rows of n values, 8 <= n <= 16.")
	dst, src := Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	ldd, lds := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64())
	rows, n := Load(Param("rows"), GP64()), Load(Param("n"), GP64())
	SHLQ(Imm(2), lds)
	SHLQ(Imm(2), ldd)
	Label(name + "_row")
	a, b := YMM(), YMM()
	VMOVUPS(Mem{Base: src}, a)
	VMOVUPS(Mem{Base: src, Index: n, Scale: 4, Disp: -32}, b)
	VMOVUPS(a, Mem{Base: dst})
	VMOVUPS(b, Mem{Base: dst, Index: n, Scale: 4, Disp: -32})
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(rows)
	JNZ(LabelRef(name + "_row"))
	VZEROUPPER()
	RET()
}
