package text

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// trainer finds merges.
type trainer struct {
	options BPETraining
	special []string

	ids    map[string]int
	tokens []string
	length []int // of each token, in letters
	merges [][2]string

	words  [][]int32 // the tokens of each word
	counts []int64   // how often each word occurs
	pairs  *pairTable
	queue  pairQueue

	// Of each pair that ever stood in a word: how often it does now, the words in which the merge at hand made it, and
	// which two tokens it is.
	pairCounts []int64
	madeIn     [][]int32
	pairTokens [][2]int32
	made       []int32 // the pairs that the merge at hand made
}

// waiting is a pair that may be merged, with how often it occurred when it was put into the queue and in which words.
type waiting struct {
	count int64
	pair  int32
	a, b  int32
	words []int32
}

// pairQueue gives the most frequent pair first, and of equally frequent ones that with the smallest numbers.
type pairQueue []waiting

func (q pairQueue) Len() int { return len(q) }
func (q pairQueue) Less(i, j int) bool {
	x, y := &q[i], &q[j]
	if x.count != y.count {
		return x.count > y.count
	}
	return x.a < y.a || x.a == y.a && x.b < y.b
}
func (q pairQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *pairQueue) Push(x any)   { *q = append(*q, x.(waiting)) }
func (q *pairQueue) Pop() any {
	last := (*q)[len(*q)-1]
	(*q)[len(*q)-1] = waiting{}
	*q = (*q)[:len(*q)-1]
	return last
}

func (t *trainer) token(s string, length int) int32 {
	if id, ok := t.ids[s]; ok {
		return int32(id)
	}
	t.ids[s] = len(t.tokens)
	t.tokens, t.length = append(t.tokens, s), append(t.length, length)
	return int32(len(t.tokens) - 1)
}

func (t *trainer) train(ctx context.Context, words map[string]int64) error {
	t.ids = map[string]int{}
	for _, s := range t.special {
		t.token(s, utf8.RuneCountInString(s))
	}
	for _, r := range t.alphabet(words) {
		t.token(string(r), 1)
	}
	if len(t.tokens) > t.options.Size {
		return fmt.Errorf("text: TrainBPE: Size %d is less than the %d special tokens and letters", t.options.Size, len(t.tokens))
	}
	t.readWords(words)
	t.countPairs()
	most := t.options.MaxLength
	if most == 0 {
		most = math.MaxInt
	}
	for len(t.tokens) < t.options.Size && len(t.queue) > 0 {
		top := t.queue[0]
		if now := t.pairCounts[top.pair]; now != top.count {
			t.queue[0].count = now
			heap.Fix(&t.queue, 0)
			continue
		}
		heap.Pop(&t.queue)
		if top.count < 1 || top.count < int64(t.options.MinCount) {
			break
		}
		if len(t.merges)%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		a, b := t.tokens[top.a], t.tokens[top.b]
		t.merges = append(t.merges, [2]string{a, b})
		id := t.token(a+strings.TrimPrefix(b, t.options.Prefix), t.length[top.a]+t.length[top.b])
		for _, w := range top.words {
			t.merge(w, top.a, top.b, id, most)
		}
		t.enqueue()
	}
	return nil
}

// alphabet is the letters that the vocabulary begins with, in the order of their numbers.
func (t *trainer) alphabet(words map[string]int64) []rune {
	counts := map[rune]int64{}
	for w, n := range words {
		for _, r := range w {
			counts[r] += n
		}
	}
	for _, r := range t.options.Alphabet {
		counts[r] = math.MaxInt64
	}
	letters := slices.Sorted(maps.Keys(counts))
	if limit := t.options.LimitAlphabet; limit > 0 && len(letters) > limit {
		slices.SortStableFunc(letters, func(a, b rune) int { return cmp.Compare(counts[b], counts[a]) })
		letters = letters[:limit]
		slices.Sort(letters)
	}
	return letters
}

// readWords writes the words as tokens, those that occur most often first. Letters outside the alphabet are left out.
func (t *trainer) readWords(words map[string]int64) {
	order := slices.SortedFunc(maps.Keys(words), func(a, b string) int {
		return cmp.Or(cmp.Compare(words[b], words[a]), cmp.Compare(a, b))
	})
	letters := 0
	for _, w := range order {
		letters += utf8.RuneCountInString(w)
	}
	room := make([]int32, 0, letters)
	prefix, suffix := t.options.Prefix, t.options.Suffix
	for _, w := range order {
		start := len(room)
		for i, r := range w {
			end := i + utf8.RuneLen(r)
			s := w[i:end]
			id, ok := t.ids[s]
			if !ok {
				continue
			}
			if i > 0 && prefix != "" || end == len(w) && suffix != "" {
				if i > 0 {
					s = prefix + s
				}
				if end == len(w) {
					s += suffix
				}
				id = int(t.token(s, 1))
			}
			room = append(room, int32(id))
		}
		t.words, t.counts = append(t.words, room[start:len(room):len(room)]), append(t.counts, words[w])
	}
}

// pair is the number of a pair.
func (t *trainer) pair(a, b int32) int32 {
	if p, ok := t.pairs.get(uint32(a), uint32(b)); ok {
		return int32(p)
	}
	p := int32(len(t.pairTokens))
	t.pairs.set(uint32(a), uint32(b), uint64(p))
	t.pairTokens = append(t.pairTokens, [2]int32{a, b})
	t.pairCounts, t.madeIn = append(t.pairCounts, 0), append(t.madeIn, nil)
	return p
}

// change adds to the count of a pair; where it is more, the word is one in which the pair may be merged.
func (t *trainer) change(a, b int32, word int32, more bool) {
	p := t.pair(a, b)
	if !more {
		t.pairCounts[p] -= t.counts[word]
		return
	}
	t.pairCounts[p] += t.counts[word]
	in := t.madeIn[p]
	if len(in) == 0 {
		t.made = append(t.made, p)
	} else if in[len(in)-1] == word {
		return
	}
	t.madeIn[p] = append(in, word)
}

func (t *trainer) countPairs() {
	t.pairs = newPairTable(1 << 12)
	for w, tokens := range t.words {
		for i := 1; i < len(tokens); i++ {
			t.change(tokens[i-1], tokens[i], int32(w), true)
		}
	}
	t.enqueue()
}

// enqueue puts the pairs that were made into the queue.
func (t *trainer) enqueue() {
	for _, p := range t.made {
		if t.pairCounts[p] > 0 {
			heap.Push(&t.queue, waiting{t.pairCounts[p], p, t.pairTokens[p][0], t.pairTokens[p][1], t.madeIn[p]})
		}
		t.madeIn[p] = nil
	}
	t.made = t.made[:0]
}

// merge merges a pair in a word.
func (t *trainer) merge(word, a, b, id int32, most int) {
	tokens := t.words[word]
	n := 0 // tokens[:n] are done
	for i := 0; i < len(tokens); i++ {
		if tokens[i] != a || i+1 == len(tokens) || tokens[i+1] != b {
			tokens[n] = tokens[i]
			n++
			continue
		}
		if n > 0 {
			before := tokens[n-1]
			t.change(before, a, word, false)
			if t.length[before]+t.length[id] < most {
				t.change(before, id, word, true)
			}
		}
		if i+2 < len(tokens) {
			after := tokens[i+2]
			t.change(b, after, word, false)
			if t.length[after]+t.length[id] < most {
				t.change(id, after, word, true)
			}
		}
		tokens[n] = id
		n++
		i++
	}
	t.words[word] = tokens[:n]
}
