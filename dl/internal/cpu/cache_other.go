//go:build !amd64 || purego

package cpu

func detectL2() int { return 0 }
