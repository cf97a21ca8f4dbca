//go:build !amd64 || purego

package vec

// Other sets have no masks, and so none of these kernels.
func gatherRow(*byte)     {}
func gatherStrided(*byte) {}
