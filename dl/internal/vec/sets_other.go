//go:build !amd64 || purego

package vec

var sets = []*set{portable}
