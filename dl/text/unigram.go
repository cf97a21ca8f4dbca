package text

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Unigram is the model of SentencePiece that gives each token a log probability and takes the tokens whose sum is largest
// (Kudo 2018): T5, ALBERT, XLM-RoBERTa. Unknown letters that stand together are one token.
type Unigram struct {
	vocab    *vocabulary
	scores   []ScoredToken
	unknown  int32 // -1: none
	fallback bool
	bytes    [256]int32
	low      float64 // the score of an unknown letter
	tokens   *trie
	cache    *wordCache
}

// ScoredToken is a token of a [Unigram] and its log probability.
type ScoredToken struct {
	Token string
	Score float64
}

// NewUnigram makes a model of tokens, whose numbers are their places. The unknown token is -1 where there is none: then
// unknown letters are left out, unless byteFallback is set and they can be written as <0x00> to <0xFF>.
func NewUnigram(tokens []ScoredToken, unknown int, byteFallback bool) (*Unigram, error) {
	if unknown < -1 || unknown >= len(tokens) {
		return nil, fmt.Errorf("the number of the unknown token is %d, and there are %d tokens; -1 stands for none", unknown, len(tokens))
	}
	ids := make(map[string]int, len(tokens))
	m := &Unigram{scores: tokens, unknown: int32(max(-1, unknown)), fallback: byteFallback, low: math.Inf(1), cache: newWordCache()}
	total := 0
	for i, t := range tokens {
		if math.IsNaN(t.Score) || math.IsInf(t.Score, 0) {
			return nil, fmt.Errorf("the score of token %d (%s) is %v", i, short(t.Token), t.Score)
		}
		ids[t.Token] = i
		m.low = min(m.low, t.Score)
		total += len(t.Token)
	}
	if total >= 1<<30 {
		return nil, errors.New("has more than a gigabyte of tokens")
	}
	m.low -= 10
	v, err := newVocabulary(ids)
	if err != nil {
		return nil, err
	}
	m.vocab = v
	for b := range m.bytes {
		m.bytes[b] = -1
		if id, ok := v.ids[fmt.Sprintf("<0x%02X>", b)]; ok {
			m.bytes[b] = id
		}
	}
	m.tokens = newTrie(total / 2)
	for t, id := range v.ids {
		m.tokens.insert(t, id)
	}
	return m, nil
}

func (m *Unigram) vocabulary() *vocabulary { return m.vocab }

func (m *Unigram) encode(word string, to []token) []token {
	return append(to, m.cache.tokens(word, m.encodeWord)...)
}

// best is the best way to a byte of the word: where its last token begins, and which it is.
type best struct {
	score float64
	start int32 // -1: none yet
	id    int32
}

func (m *Unigram) encodeWord(word string, to []token) []token {
	ways := make([]best, len(word)+1)
	for i := range ways {
		ways[i].start = -1
	}
	for start, r := range word {
		way := ways[start].score
		size := utf8.RuneLen(r)
		single := false
		node := uint32(0)
		for end := start; end < len(word); {
			next, ok := m.tokens.step(node, word[end])
			if !ok {
				break
			}
			node = next
			end++
			id := m.tokens.value[node]
			if id < 0 {
				continue
			}
			score := m.scores[id].Score + way
			if w := &ways[end]; w.start < 0 || score > w.score {
				*w = best{score, int32(start), id}
			}
			single = single || end-start == size
		}
		if !single {
			if w := &ways[start+size]; w.start < 0 || m.low+way > w.score {
				*w = best{m.low + way, int32(start), m.unknown}
			}
		}
	}
	first := len(to)
	for end := int32(len(word)); end > 0; {
		w := ways[end]
		start := w.start
		if w.id == m.unknown {
			for start > 0 && ways[start].id == m.unknown {
				start = ways[start].start
			}
		}
		to = m.put(word, start, end, to)
		end = start
	}
	slices.Reverse(to[first:])
	return to
}

// put appends the token of a part of a word; of several, the last first.
func (m *Unigram) put(word string, start, end int32, to []token) []token {
	part := word[start:end]
	if id, ok := m.vocab.ids[part]; ok {
		return append(to, token{id, start, end})
	}
	if m.fallback {
		all := true
		for i := range len(part) {
			all = all && m.bytes[part[i]] >= 0
		}
		if all {
			for i := len(part) - 1; i >= 0; i-- {
				to = append(to, token{m.bytes[part[i]], start, end})
			}
			return to
		}
	}
	if m.unknown < 0 {
		return to
	}
	return append(to, token{m.unknown, start, end})
}
