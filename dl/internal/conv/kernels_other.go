//go:build !amd64 || purego

package conv

var sets = []kernels{{}}
