package dl

import "modelbook/dl/internal/scratch"

func init() {
	scratch.Full = func(like any, v float64) any {
		x := like.(*Tensor)
		t := result(x.DType(), x.shape)
		t.fill(v)
		return t
	}
	scratch.Rows = func(like any, rows, columns int, v float64) any {
		t := result(like.(*Tensor).DType(), shapeOf(rows, columns))
		t.fill(v)
		return t
	}
	scratch.Like = func(like, dtype any) any { return result(dtype.(DType), like.(*Tensor).Shape()) }
	scratch.Normals = func(like, rand any, mean, deviation float64) any {
		x := like.(*Tensor)
		t := result(Float32, x.Shape())
		rand.(*Rand).normals(t, mean, deviation)
		return t.To(x.dtype)
	}
	scratch.Uniforms = func(like, rand any, lo, hi float64) any {
		x := like.(*Tensor)
		t := result(Float32, x.Shape())
		rand.(*Rand).uniforms(t, lo, hi)
		return t.To(x.dtype)
	}
}
