//go:build !amd64 || purego

package vec

func inIntervals(k kernel, dst, dy, x []float32) bool { return false }
