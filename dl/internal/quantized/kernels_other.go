//go:build (!amd64 && !arm64) || purego

package quantized

var sets = []kernels{{name: "portable"}}
