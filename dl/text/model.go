package text

import (
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// Model makes tokens of the parts of a text: [BPE], [WordPiece], [Unigram] or [WordLevel].
type Model interface {
	// encode appends the tokens of a word.
	encode(word string, to []token) []token
	vocabulary() *vocabulary
}

// token is a token of a word and the bytes of the word that it stands for.
type token struct{ id, start, end int32 }

// vocabulary is the tokens by number and the numbers by token.
type vocabulary struct {
	ids    map[string]int32
	tokens []string         // by number, where numbers lie close together
	known  []bool           // which of them exist
	far    map[int32]string // the others
}

// maxID is the largest number of a token.
const maxID = 1<<31 - 2

func newVocabulary(ids map[string]int) (*vocabulary, error) {
	v := &vocabulary{ids: make(map[string]int32, len(ids))}
	dense := 4*len(ids) + 4096
	last := -1
	for t, id := range ids {
		if id < 0 || id > maxID {
			return nil, fmt.Errorf("the token %s has the number %d; numbers go from 0 to %d", short(t), id, maxID)
		}
		v.ids[t] = int32(id)
		if id < dense {
			last = max(last, id)
		}
	}
	v.tokens, v.known = make([]string, last+1), make([]bool, last+1)
	for t, id := range v.ids {
		switch {
		case int(id) > last:
			if v.far == nil {
				v.far = map[int32]string{}
			}
			if old, ok := v.far[id]; !ok || t < old {
				v.far[id] = t
			}
		case !v.known[id] || t < v.tokens[id]: // two tokens with one number: always the same of them
			v.tokens[id], v.known[id] = t, true
		}
	}
	return v, nil
}

func (v *vocabulary) token(id int) (string, bool) {
	if id >= 0 && id < len(v.tokens) {
		return v.tokens[id], v.known[id]
	}
	t, ok := v.far[int32(id)]
	return t, ok && id <= maxID
}

// byID is the tokens with their numbers in ascending order.
func (v *vocabulary) byID() []string {
	return slices.SortedFunc(maps.Keys(v.ids), func(a, b string) int {
		if d := int(v.ids[a]) - int(v.ids[b]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
}

// pairTable finds a value by two numbers. It is filled once and then only read.
type pairTable struct {
	slots []pairSlot
	shift uint
	n     int
}

type pairSlot struct{ key, value uint64 } // key 0: empty

func newPairTable(n int) *pairTable {
	bits := uint(4)
	for 1<<bits < 2*n {
		bits++
	}
	return &pairTable{slots: make([]pairSlot, 1<<bits), shift: 64 - bits}
}

func (t *pairTable) slot(key uint64) *pairSlot {
	for i := key * 0x9E3779B97F4A7C15 >> t.shift; ; i = (i + 1) & uint64(len(t.slots)-1) {
		if s := &t.slots[i]; s.key == key || s.key == 0 {
			return s
		}
	}
}

// set puts a value; get finds it. Numbers are below 2^32-1.
func (t *pairTable) set(a, b uint32, value uint64) {
	key := uint64(a)<<32 | uint64(b) + 1
	s := t.slot(key)
	if s.key == 0 {
		if t.n++; 4*t.n > 3*len(t.slots) {
			old := t.slots
			t.slots, t.shift = make([]pairSlot, 2*len(old)), t.shift-1
			for _, o := range old {
				if o.key != 0 {
					*t.slot(o.key) = o
				}
			}
			s = t.slot(key)
		}
	}
	*s = pairSlot{key, value}
}

func (t *pairTable) get(a, b uint32) (value uint64, ok bool) {
	s := t.slot(uint64(a)<<32 | uint64(b) + 1)
	return s.value, s.key != 0
}

// wordCache remembers the tokens of words. Any number of goroutines may use it.
type wordCache struct {
	seed  maphash.Seed
	slots []atomic.Pointer[cachedWord]
}

type cachedWord struct {
	word   string
	tokens []token
}

// The number of words of a cache, and the longest that it takes.
const (
	cachedWords   = 1 << 16
	maxCachedWord = 256
)

func newWordCache() *wordCache {
	return &wordCache{seed: maphash.MakeSeed(), slots: make([]atomic.Pointer[cachedWord], cachedWords)}
}

// tokens is the tokens of a word, found by encode if they are not remembered. They must not be changed.
func (c *wordCache) tokens(word string, encode func(string, []token) []token) []token {
	if len(word) > maxCachedWord {
		return encode(word, nil)
	}
	slot := &c.slots[maphash.String(c.seed, word)%cachedWords]
	if w := slot.Load(); w != nil && w.word == word {
		return w.tokens
	}
	w := &cachedWord{word: strings.Clone(word)}
	w.tokens = slices.Clip(encode(w.word, nil))
	slot.Store(w)
	return w.tokens
}
