package dl

import (
	"slices"

	"modelbook/dl/internal/parallel"
)

// The elements of a contiguous tensor of a known type. Only the files cpu_*.go
// use these.
func (t *Tensor) f32() []float32 { t.flat(); return t.data.([]float32)[t.offset:][:t.size:t.size] }
func (t *Tensor) f64() []float64 { t.flat(); return t.data.([]float64)[t.offset:][:t.size:t.size] }
func (t *Tensor) i32() []int32   { t.flat(); return t.data.([]int32)[t.offset:][:t.size:t.size] }
func (t *Tensor) i64() []int64   { t.flat(); return t.data.([]int64)[t.offset:][:t.size:t.size] }
func (t *Tensor) u8() []uint8    { t.flat(); return t.data.([]uint8)[t.offset:][:t.size:t.size] }
func (t *Tensor) bools() []bool  { t.flat(); return t.data.([]bool)[t.offset:][:t.size:t.size] }

// flat panics unless the elements are the tensor's still and lie without gaps.
func (t *Tensor) flat() {
	t.check()
	if t.strides != nil {
		panic("dl: an operation reads a view as if it were contiguous")
	}
}

// elements returns those of a tensor whose type is T.
func elements[T Element](t *Tensor) []T {
	t.flat()
	return t.data.([]T)[t.offset:][:t.size:t.size]
}

// values are the elements of a float32 tensor that may be nil.
func (t *Tensor) values() []float32 {
	if t == nil {
		return nil
	}
	return t.f32()
}

// get returns the i-th element of t, in row-major order.
func get(t *Tensor, i int) float64 { return cpuTypes[t.dtype].get(t.data, t.locate(i)) }

// put stores the i-th element.
func put(t *Tensor, i int, v float64) { cpuTypes[t.dtype].put(t.data, t.locate(i), v) }

func (cpu) alloc(d DType, n int) any { return cpuTypes[d].make(n) }

func (cpu) undefined(*storage, int) {}

func (cpu) host(s *storage) any { return s.data }

func (cpu) get(s *storage, at int) float64 { return cpuTypes[s.dtype].get(s.data, at) }

func (cpu) put(s *storage, at int, v float64) { cpuTypes[s.dtype].put(s.data, at, v) }

func (cpu) bits(s *storage, at int) uint64 { return cpuTypes[s.dtype].bits(s.data, at) }

func (cpu) setBits(s *storage, at int, bits uint64) { cpuTypes[s.dtype].set(s.data, at, bits) }

func (cpu) clear(t *Tensor) { cpuTypes[t.dtype].clear(t) }

func clearElements[T Element](t *Tensor) {
	if all := elements[T](t); len(all) < 1<<18 {
		clear(all)
	} else {
		parallel.For(len(all), 1<<16, func(lo, hi int) { clear(all[lo:hi]) })
	}
}

func (cpu) hasNaN(t *Tensor) bool {
	if t.strides == nil && t.dtype == Float32 {
		return slices.ContainsFunc(t.f32(), func(v float32) bool { return v != v })
	}
	for i := range t.size {
		if v := get(t, i); v != v {
			return true
		}
	}
	return false
}
