//go:build (!amd64 && !arm64) || purego

package vec

var sets = []*set{portable}
