package text

import (
	"cmp"
	"slices"
)

// maxMergeToken is the length above which a token of a SentencePiece model is not taken apart into merges.
const maxMergeToken = 512

// spMerges are the merges of a SentencePiece BPE: of each token all ways to make it of two others, those of the token
// with the highest score first.
func spMerges(m *spModel, ids map[string]int) [][2]string {
	type merge struct {
		score       float64
		token       int
		left, right int
	}
	var all []merge
	for i, t := range m.tokens {
		if m.kinds[i] != normalPiece || len(t.Token) > maxMergeToken || ids[t.Token] != i {
			continue
		}
		for at := range t.Token {
			if at == 0 {
				continue
			}
			left, ok1 := ids[t.Token[:at]]
			right, ok2 := ids[t.Token[at:]]
			if ok1 && ok2 && m.kinds[left] == normalPiece && m.kinds[right] == normalPiece {
				all = append(all, merge{t.Score, i, left, right})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b merge) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.token, b.token), cmp.Compare(a.left, b.left))
	})
	pairs := make([][2]string, len(all))
	for i, x := range all {
		pairs[i] = [2]string{m.tokens[x.left].Token, m.tokens[x.right].Token}
	}
	return pairs
}
