//go:build amd64 && !purego

package vec

func gatherRow(a *byte)     { gatherAVX512(a) }
func gatherStrided(a *byte) { gatherStridedAVX512(a) }
