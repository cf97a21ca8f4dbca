//go:build !amd64 || purego

package vec

func geluIntervals(dst, dy, x []float32) bool { return false }
