//go:build !amd64 || purego

package gemm

// kernels are the micro-kernels of this machine, the best first.
var kernels = []*Kernel{portable}

func transpose8(src *float32, lds int, dst *float32, ldd int) bool { return false }
