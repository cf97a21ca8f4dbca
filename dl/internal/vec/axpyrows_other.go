//go:build !amd64 || purego

package vec

func axpyBlocks(alpha, x []float32, stride int, y []float32) (done int) { return 0 }

func listedBlocks(l *List, x []float32, stride int, y []float32) (done int) { return 0 }

func nonZero(values []float32, at []int32, x []float32) (n, read int) { return 0, 0 }
