package text

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// Precompiled is the normalizer of SentencePiece's models: a table of what becomes of which letters, as bytes that hold a
// trie and the replacements.
type Precompiled struct {
	data  []byte
	trie  []uint32
	texts string // the replacements, each ended by a zero byte
}

// NewPrecompiled reads the bytes of a precompiled_charsmap (in a tokenizer.json they are written in base 64).
func NewPrecompiled(data []byte) (*Precompiled, error) {
	if len(data) == 0 {
		return &Precompiled{}, nil
	}
	if len(data) < 4 {
		return nil, fmt.Errorf("has %d bytes where the size of a trie was expected", len(data))
	}
	size, rest := binary.LittleEndian.Uint32(data), data[4:]
	if uint64(size) > uint64(len(rest)) {
		return nil, fmt.Errorf("says that its trie has %d bytes, and %d bytes follow", size, len(rest))
	}
	p := &Precompiled{data: data, trie: make([]uint32, size/4), texts: string(rest[size/4*4:])}
	for i := range p.trie {
		p.trie[i] = binary.LittleEndian.Uint32(rest[4*i:])
	}
	if !utf8.ValidString(p.texts) {
		return nil, fmt.Errorf("has replacements that are not UTF-8")
	}
	return p, nil
}

// find is what the shortest entry that s begins with becomes.
func (p *Precompiled) find(s string) (string, bool) {
	if len(p.trie) == 0 {
		return "", false
	}
	unit := func(at uint32) (uint32, bool) {
		if int(at) >= len(p.trie) {
			return 0, false
		}
		return p.trie[at], true
	}
	offset := func(u uint32) uint32 { return u >> 10 << (u & (1 << 9) >> 6) }
	u := p.trie[0]
	at := offset(u)
	for i := range len(s) {
		c := s[i]
		if c == 0 {
			break
		}
		at ^= uint32(c)
		u, ok := unit(at)
		if !ok || u&(1<<31|0xFF) != uint32(c) {
			return "", false
		}
		at ^= offset(u)
		if u>>8&1 == 1 {
			leaf, ok := unit(at)
			start := int(leaf & (1<<31 - 1))
			if !ok || start > len(p.texts) {
				return "", false
			}
			end := start
			for end < len(p.texts) && p.texts[end] != 0 {
				end++
			}
			if !utf8.ValidString(p.texts[start:end]) {
				return "", false
			}
			return p.texts[start:end], true
		}
	}
	return "", false
}

func (p *Precompiled) normalize(in *piece) {
	changes, changed := make([]change, 0, len(in.text)), false
	put := func(old, new string) {
		for _, r := range new {
			changes = append(changes, change{r, 0})
		}
		more := utf8.RuneCountInString(new) - utf8.RuneCountInString(old)
		for i := range more {
			changes[len(changes)-1-i].change = 1
		}
		if more < 0 && len(changes) > 0 {
			changes[len(changes)-1].change += more
		}
		changed = true
	}
	for text := in.text; text != ""; {
		cluster := text[:clusterLength(text)]
		text = text[len(cluster):]
		if len(cluster) < 6 {
			if to, ok := p.find(cluster); ok {
				put(cluster, to)
				continue
			}
		}
		for i, r := range cluster {
			letter := cluster[i : i+utf8.RuneLen(r)]
			if to, ok := p.find(letter); ok {
				put(letter, to)
			} else {
				changes = append(changes, change{r, 0})
			}
		}
	}
	if changed {
		in.apply(changes, 0)
	}
}
