package text

import (
	"unicode"
	"unicode/utf8"
)

// BertNormalizer prepares a text as BERT does. The zero value is that of the uncased models: control characters are left
// out and white space becomes a space, Chinese letters stand alone, accents are left out, letters are small.
type BertNormalizer struct {
	KeepControls bool  // clean_text is false
	JoinChinese  bool  // handle_chinese_chars is false
	KeepCase     bool  // lowercase is false
	StripAccents *bool // nil: strips accents unless KeepCase is set
}

func (n BertNormalizer) normalize(p *piece) {
	if n.plain(p) {
		return
	}
	if !n.KeepControls {
		p.filter(func(r rune) bool { return r != 0 && r != 0xFFFD && !isControl(r) })
		p.mapLetters(func(r rune) rune {
			if unicode.IsSpace(r) {
				return ' '
			}
			return r
		})
	}
	if !n.JoinChinese {
		separateChinese(p)
	}
	if strip := n.StripAccents; strip == nil && !n.KeepCase || strip != nil && *strip {
		NFD{}.normalize(p)
		p.filter(func(r rune) bool { return r < 0x300 || !unicode.Is(unicode.Mn, r) })
	}
	if !n.KeepCase {
		Lowercase{}.normalize(p)
	}
}

// plain does the work for a text of ASCII characters that has nothing to leave out, and says whether it was one.
func (n BertNormalizer) plain(p *piece) bool {
	same := true
	for i := range len(p.text) {
		c := p.text[i]
		if c >= utf8.RuneSelf || c == 0x7F || c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
		same = same && c >= ' ' && (n.KeepCase || c < 'A' || c > 'Z')
	}
	if same {
		return true
	}
	text := []byte(p.text)
	for i, c := range text {
		switch {
		case c < ' ' && !n.KeepControls:
			text[i] = ' '
		case c >= 'A' && c <= 'Z' && !n.KeepCase:
			text[i] = c + 'a' - 'A'
		}
	}
	p.text = string(text)
	return true
}

func separateChinese(p *piece) {
	any := false
	for _, r := range p.text {
		any = any || isChinese(r)
	}
	if !any {
		return
	}
	changes := make([]change, 0, len(p.text)*2)
	for _, r := range p.text {
		if isChinese(r) {
			changes = append(changes, change{' ', 0}, change{r, 1}, change{' ', 1})
		} else {
			changes = append(changes, change{r, 0})
		}
	}
	p.apply(changes, 0)
}

// isControl says whether a letter is a control, format or private-use character that is not white space.
func isControl(r rune) bool {
	if r == '\t' || r == '\n' || r == '\r' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isChinese says whether a letter is one of CJK's ideographs, by the blocks that BERT lists.
func isChinese(r rune) bool {
	return r >= 0x3400 && (r >= 0x4E00 && r <= 0x9FFF || r <= 0x4DBF || r >= 0x20000 && r <= 0x2A6DF ||
		r >= 0x2A700 && r <= 0x2B73F || r >= 0x2B740 && r <= 0x2B81F || r >= 0x2B920 && r <= 0x2CEAF ||
		r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F)
}
