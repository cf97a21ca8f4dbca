//go:build !amd64 || purego

package cpu

func detectCache(uint32) int { return 0 }
