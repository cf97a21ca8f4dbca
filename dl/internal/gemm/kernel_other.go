//go:build (!amd64 && !arm64) || purego

package gemm

// kernels are the micro-kernels in use, the best first.
var kernels = []*Kernel{portable}
