package text

import (
	"container/heap"
	"errors"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

// BPE is byte pair encoding (Sennrich, Haddow, Birch 2016): a word begins as its letters, and the pair of neighbours that
// was merged first in training is merged first, until no pair is left that was merged. With [ByteLevel] before it the
// letters are bytes (GPT-2); with ByteFallback a letter that is not in the vocabulary is written as its bytes (Llama).
type BPE struct {
	options BPEOptions
	vocab   *vocabulary
	merges  [][2]string
	pairs   *pairTable // of two tokens: the order of their merge and what they become
	unknown int32      // -1: none
	bytes   [256]int32 // the tokens <0x00> to <0xFF>; -1: none
	letters [256]int32 // the tokens of the letters that stand for bytes; -1: none
	raw     map[string]int32
	all     bool // each byte has a letter, so that words need not be written in letters first
	inParts bool // a text may be merged in parts that begin with the sign of a space

	cache, byteCache func() *wordCache // of words of letters and of bytes
}

// BPEOptions is what a [BPE] does besides merging.
type BPEOptions struct {
	Unknown      string // the token of letters that are not in the vocabulary; empty: they are left out
	Prefix       string // before letters that do not begin a word (continuing_subword_prefix)
	Suffix       string // after the letter that ends a word (end_of_word_suffix)
	FuseUnknown  bool   // unknown neighbours are one token
	ByteFallback bool   // a letter that is not in the vocabulary becomes <0x00> to <0xFF>
	IgnoreMerges bool   // a word that is in the vocabulary is a token, whatever the merges say
}

// NewBPE makes a model of a vocabulary and of the pairs in the order in which they are merged.
func NewBPE(vocabulary map[string]int, merges [][2]string, o BPEOptions) (*BPE, error) {
	v, err := newVocabulary(vocabulary)
	if err != nil {
		return nil, err
	}
	m := &BPE{options: o, vocab: v, merges: merges, pairs: newPairTable(len(merges)), unknown: -1}
	m.cache, m.byteCache = sync.OnceValue(newWordCache), sync.OnceValue(newWordCache)
	if o.Unknown != "" {
		id, ok := v.ids[o.Unknown]
		if !ok {
			return nil, fmt.Errorf("the unknown token %s is not in the vocabulary", short(o.Unknown))
		}
		m.unknown = id
	}
	if len(merges) > maxID {
		return nil, errors.New("has too many merges")
	}
	var both []byte
	for i, pair := range merges {
		a, okA := v.ids[pair[0]]
		b, okB := v.ids[pair[1]]
		if !okA || !okB {
			missing := pair[0]
			if okA {
				missing = pair[1]
			}
			return nil, fmt.Errorf("merge %d: the token %s is not in the vocabulary", i, short(missing))
		}
		rest := pair[1]
		if len(rest) >= len(o.Prefix) {
			rest = rest[len(o.Prefix):]
		}
		both = append(append(both[:0], pair[0]...), rest...)
		id, ok := v.ids[string(both)]
		if !ok {
			return nil, fmt.Errorf("merge %d: %s is not in the vocabulary", i, short(string(both)))
		}
		m.pairs.set(uint32(a), uint32(b), uint64(i)<<32|uint64(id))
	}
	m.all = o.Prefix == "" && o.Suffix == ""
	for b := range m.bytes {
		m.bytes[b], m.letters[b] = -1, -1
		if id, ok := v.ids[fmt.Sprintf("<0x%02X>", b)]; ok {
			m.bytes[b] = id
		}
		if id, ok := v.ids[string(byteLetters[b])]; ok {
			m.letters[b] = id
		}
		m.all = m.all && m.letters[b] >= 0
	}
	m.inParts = m.splitsAtSpace()
	if o.IgnoreMerges {
		m.raw = make(map[string]int32, len(v.ids))
		for t, id := range v.ids {
			if raw, ok := fromByteLetters(t); ok {
				m.raw[raw] = id
			}
		}
	}
	return m, nil
}

func (m *BPE) vocabulary() *vocabulary { return m.vocab }

// encodeBytes appends the tokens of a word whose bytes are the letters of [ByteLevel].
func (m *BPE) encodeBytes(word string, to []token) []token {
	if m.raw != nil {
		if id, ok := m.raw[word]; ok {
			return append(to, token{id, 0, int32(len(word))})
		}
	}
	start := len(to)
	for i := range len(word) {
		to = append(to, token{m.letters[word[i]], int32(i), int32(i + 1)})
	}
	return to[:start+m.merge(to[start:])]
}

func (m *BPE) encode(word string, to []token) []token {
	if !m.inParts {
		return append(to, m.cache().tokens(word, m.encodeWord)...)
	}
	for start := 0; start < len(word); {
		signs := start
		for strings.HasPrefix(word[signs:], "▁") {
			signs += len("▁")
		}
		end := len(word)
		if next := strings.Index(word[signs:], "▁"); next >= 0 {
			end = signs + next
		}
		for _, t := range m.cache().tokens(word[start:end], m.encodeWord) {
			to = append(to, token{t.id, t.start + int32(start), t.end + int32(start)})
		}
		start = end
	}
	return to
}

func (m *BPE) encodeWord(word string, to []token) []token {
	if m.options.IgnoreMerges {
		if id, ok := m.vocab.ids[word]; ok {
			return append(to, token{id, 0, int32(len(word))})
		}
	}
	start, at := len(to), int32(0)
	add := func(id int32, length int) {
		to = append(to, token{id, at, at + int32(length)})
		at += int32(length)
	}
	pending := 0 // the bytes of unknown letters that have no token yet
	for i, r := range word {
		end := i + utf8.RuneLen(r)
		letter := word[i:end]
		if i > 0 && m.options.Prefix != "" {
			letter = m.options.Prefix + letter
		}
		if end == len(word) {
			letter += m.options.Suffix
		}
		if id, ok := m.vocab.ids[letter]; ok {
			if pending > 0 {
				add(m.unknown, pending)
				pending = 0
			}
			add(id, end-i)
			continue
		}
		if m.options.ByteFallback && m.hasBytes(letter) {
			for j := range len(letter) {
				add(m.bytes[letter[j]], 1)
			}
			continue
		}
		if m.unknown < 0 {
			continue
		}
		if pending > 0 && !m.options.FuseUnknown {
			add(m.unknown, pending)
			pending = 0
		}
		pending += end - i
	}
	if pending > 0 {
		add(m.unknown, pending)
	}
	return to[:start+m.merge(to[start:])]
}

func (m *BPE) hasBytes(s string) bool {
	for i := range len(s) {
		if m.bytes[s[i]] < 0 {
			return false
		}
	}
	return true
}

const noMerge = ^uint64(0)

// rank is the order of the merge of two tokens in the upper half and what they become in the lower.
func (m *BPE) rank(a, b token) uint64 {
	if v, ok := m.pairs.get(uint32(a.id), uint32(b.id)); ok {
		return v
	}
	return noMerge
}

// merge merges neighbours and returns how many tokens are left.
func (m *BPE) merge(ts []token) int {
	const few = 48
	if len(ts) > few {
		return m.mergeMany(ts)
	}
	var ranks [few]uint64 // of each token and the next
	n := len(ts)
	for i := 0; i+1 < n; i++ {
		ranks[i] = m.rank(ts[i], ts[i+1])
	}
	for n > 1 {
		best, at := noMerge, 0
		for i, r := range ranks[:n-1] {
			if r>>32 < best>>32 {
				best, at = r, i
			}
		}
		if best == noMerge {
			break
		}
		ts[at] = token{int32(uint32(best)), ts[at].start, ts[at+1].end}
		copy(ts[at+1:n], ts[at+2:n])
		copy(ranks[at:n-1], ranks[at+1:n-1])
		n--
		if at > 0 {
			ranks[at-1] = m.rank(ts[at-1], ts[at])
		}
		if at < n-1 {
			ranks[at] = m.rank(ts[at], ts[at+1])
		}
	}
	return n
}

// candidate is a pair of neighbours that could be merged: its order and where its first token is.
type candidate struct {
	rank uint64
	at   int32
}

type candidates []candidate

func (c candidates) Len() int { return len(c) }
func (c candidates) Less(i, j int) bool {
	return c[i].rank < c[j].rank || c[i].rank == c[j].rank && c[i].at < c[j].at
}
func (c candidates) Swap(i, j int) { c[i], c[j] = c[j], c[i] }
func (c *candidates) Push(x any)   { *c = append(*c, x.(candidate)) }
func (c *candidates) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}

func (m *BPE) mergeMany(ts []token) int {
	type link struct{ before, next int32 }
	links := make([]link, len(ts))
	queue := make(candidates, 0, len(ts))
	for i := range ts {
		links[i] = link{int32(i - 1), int32(i + 1)}
		if i+1 < len(ts) {
			if r := m.rank(ts[i], ts[i+1]); r != noMerge {
				queue = append(queue, candidate{r, int32(i)})
			}
		}
	}
	heap.Init(&queue)
	const gone = -1
	end := int32(len(ts))
	for len(queue) > 0 {
		c := queue[0]
		last := len(queue) - 1
		queue[0] = queue[last]
		queue = queue[:last]
		if last > 0 {
			heap.Fix(&queue, 0)
		}
		next := end
		if ts[c.at].id != gone {
			next = links[c.at].next
		}
		if next == end || m.rank(ts[c.at], ts[next]) != c.rank {
			continue // one of the two was merged with another meanwhile
		}
		ts[c.at].id, ts[c.at].end = int32(uint32(c.rank)), ts[next].end
		ts[next].id = gone
		after, before := links[next].next, links[c.at].before
		links[c.at].next = after
		if after != end {
			links[after].before = c.at
			if r := m.rank(ts[c.at], ts[after]); r != noMerge {
				heap.Push(&queue, candidate{r, c.at})
			}
		}
		if before >= 0 {
			if r := m.rank(ts[before], ts[c.at]); r != noMerge {
				heap.Push(&queue, candidate{r, before})
			}
		}
	}
	n := 0
	for _, t := range ts {
		if t.id != gone {
			ts[n] = t
			n++
		}
	}
	return n
}

// splitsAtSpace says whether no merge joins the sign of a space to what stands before it, other than such signs, so that
// a long text can be merged in parts.
func (m *BPE) splitsAtSpace() bool {
	o := m.options
	if _, ok := m.vocab.ids["▁"]; !ok || o.Prefix != "" || o.Suffix != "" || o.IgnoreMerges {
		return false
	}
	for _, pair := range m.merges {
		if strings.Contains(strings.TrimLeft(pair[0]+pair[1], "▁"), "▁") {
			return false
		}
	}
	return m.unknown >= 0 // without an unknown token, offsets after a letter that is left out depend on it
}
