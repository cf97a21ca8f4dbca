package text

import (
	"runtime"
	"slices"
	"unicode/utf8"
)

// EncodeIDs is the numbers of the tokens of a text alone, as [Tokenizer.Encode] gives them before padding, and faster. A
// long text is encoded on all processors where that gives the same.
func (t *Tokenizer) EncodeIDs(text string) []int {
	t.check("text.Tokenizer.EncodeIDs")
	if t.Truncation != nil {
		return t.assemble([]string{text}).IDs
	}
	if t.PostProcessor != nil && !t.plain && t.PostProcessor.adds(false) > 0 {
		return t.surround(t.Plain().EncodeIDs(text))
	}
	if scan, bytes, ok := t.direct(text); ok {
		return inParallel(text, scan, func(part string, ids []int) []int {
			cache := bytes.byteCache()
			for at := 0; at < len(part); {
				end := scan(part, at)
				for _, k := range cache.tokens(part[at:end], bytes.encodeBytes) {
					ids = append(ids, int(k.id))
				}
				at = end
			}
			return ids
		})
	}
	ids := make([]int, 0, len(text)/4+4)
	for _, s := range t.sections(text, !needsPlaces(t.PreTokenizer)) {
		switch {
		case s.text == "":
		case s.id >= 0:
			ids = append(ids, s.id)
		default:
			t.words(s.piece, func(_ piece, tokens []token) {
				for _, k := range tokens {
					ids = append(ids, int(k.id))
				}
			})
		}
	}
	return ids
}

// surround puts the special tokens of the post-processor around the tokens of a text, for which a place is kept.
func (t *Tokenizer) surround(ids []int) []int {
	const place = -1
	var e Encoding
	e.append(place, "", 0, 1)
	e.Sequences[0] = 0
	all := make([]int, 0, len(ids)+4)
	for _, part := range t.PostProcessor.process([]Encoding{e}, []string{""}, true) {
		for _, id := range part.IDs {
			if id == place {
				all = append(all, ids...)
			} else {
				all = append(all, id)
			}
		}
	}
	return all
}

// needsPlaces says whether a pre-tokenizer asks where its parts come from.
func needsPlaces(p PreTokenizer) bool {
	switch p := p.(type) {
	case Metaspace:
		return p.Prepend == PrependFirst
	case PreTokenizers:
		return slices.ContainsFunc(p, needsPlaces)
	}
	return false
}

// direct says whether a text needs only to be split by a scanner: there is no normalizer, the pre-tokenizer is that of
// GPT-2 or of its successors, and no added token stands in the text.
func (t *Tokenizer) direct(text string) (scanner, *BPE, bool) {
	before, last, bytes := t.byteLevel()
	if bytes == nil || t.Normalizer != nil || !utf8.ValidString(text) {
		return nil, nil, false
	}
	if !last.NoPrefixSpace && (text == "" || text[0] != ' ') {
		return nil, nil, false
	}
	var scan scanner
	switch {
	case len(before) == 0 && !last.NoSplit:
		scan = scanGPT2
	case len(before) == 1 && last.NoSplit && last.NoPrefixSpace:
		split, ok := before[0].(Split)
		if !ok || split.Behavior != Isolated {
			return nil, nil, false
		}
		if re, ok := split.Pattern.(*Regex); ok {
			scan = re.scan
		}
	}
	if scan == nil {
		return nil, nil, false
	}
	if t.added != nil {
		for _, tr := range [...]*trie{t.added.raw, t.added.normal} {
			for _, s := range t.added.find(piece{text: text}, tr, t.NoSpecialInText, nil) {
				if s.id >= 0 {
					return nil, nil, false
				}
			}
		}
	}
	return scan, bytes, true
}

// chunk is the length of the parts of a long text that are worth a goroutine.
const chunk = 1 << 18

// inParallel calls do for the parts of a text, which are cut before spaces that follow something else: there a scanner's
// words end in any case.
func inParallel(text string, scan scanner, do func(part string, ids []int) []int) []int {
	if len(text) < 2*chunk || runtime.GOMAXPROCS(0) == 1 {
		return do(text, make([]int, 0, len(text)/4+4))
	}
	parts := cutAtSpaces(text, chunk)
	results := make([][]int, len(parts))
	parallel(len(parts), func(i int) { results[i] = do(parts[i], make([]int, 0, len(parts[i])/4+4)) })
	return slices.Concat(results...)
}

// cutAtSpaces cuts a text into parts of about a length, before spaces that follow a letter that is not white space.
func cutAtSpaces(text string, length int) []string {
	var parts []string
	for len(text) > length {
		at := length
		for at < len(text) && (text[at] != ' ' || asciiSpace(text[at-1]) || text[at-1] >= utf8.RuneSelf) {
			at++
		}
		parts, text = append(parts, text[:at]), text[at:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

func asciiSpace(c byte) bool { return c < utf8.RuneSelf && asciiKinds[c] == space }
