package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ByteLevel splits a text as GPT-2 does and writes each byte as a letter of its own, so that every text is made of 256
// letters. As a [Decoder] it makes bytes of the letters again; as a [PostProcessor] it takes white space at the ends of
// tokens out of their offsets.
type ByteLevel struct {
	NoPrefixSpace bool // does not put a space before a text that begins without one (add_prefix_space is false)
	KeepOffsets   bool // leaves the offsets as they are (trim_offsets is false)
	NoSplit       bool // does not split (use_regex is false)
}

// byteLetters is the letter of each byte: itself where it can be printed, one from 256 on where not.
var byteLetters = func() (letters [256]rune) {
	next := rune(256)
	for b := range letters {
		if b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE {
			letters[b] = rune(b)
		} else {
			letters[b] = next
			next++
		}
	}
	return letters
}()

// letterBytes is the byte of each letter below 324, or -1.
var letterBytes = func() (bytes [324]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	for b, r := range byteLetters {
		bytes[r] = int16(b)
	}
	return bytes
}()

// fromByteLetters is the bytes that a token of letters stands for. A token with another letter stands for itself.
func fromByteLetters(token string) (string, bool) {
	bytes := make([]byte, 0, len(token))
	for _, r := range token {
		if int(r) >= len(letterBytes) || letterBytes[r] < 0 {
			return token, false
		}
		bytes = append(bytes, byte(letterBytes[r]))
	}
	return string(bytes), true
}

// toByteLetters writes each byte of the text as a letter.
func (p *piece) toByteLetters() {
	if p.noPlaces {
		text := make([]byte, 0, len(p.text)*2)
		for i := range len(p.text) {
			text = utf8.AppendRune(text, byteLetters[p.text[i]])
		}
		p.text = string(text)
		return
	}
	from := p.spans()
	text, spans := make([]byte, 0, len(p.text)*2), make([]span, 0, len(p.text)*2)
	for i := range len(p.text) {
		before := len(text)
		text = utf8.AppendRune(text, byteLetters[p.text[i]])
		for range len(text) - before {
			spans = append(spans, from[i])
		}
	}
	p.text, p.from = string(text), spans
}

func (b ByteLevel) split(in []piece) []piece {
	out := b.words(in)
	for i := range out {
		out[i].toByteLetters()
	}
	return out
}

// words splits without writing bytes as letters.
func (b ByteLevel) words(in []piece) []piece {
	out := make([]piece, 0, len(in)*4)
	for _, p := range in {
		if !b.NoPrefixSpace && !strings.HasPrefix(p.text, " ") {
			p.prepend(" ")
		}
		if b.NoSplit {
			if p.text != "" {
				out = append(out, p)
			}
			continue
		}
		for at := 0; at < len(p.text); {
			end := scanGPT2(p.text, at)
			out = append(out, p.slice(at, end))
			at = end
		}
	}
	return out
}

func (b ByteLevel) decode(tokens []string) []string {
	var all strings.Builder
	for _, t := range tokens {
		raw, _ := fromByteLetters(t)
		all.WriteString(raw)
	}
	return []string{lossy(all.String())}
}

// lossy puts U+FFFD in the place of bytes that are not UTF-8, one for each part that could begin a letter and does not
// end it.
func lossy(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 {
			size = brokenLetter(s)
			b.WriteRune(utf8.RuneError)
		} else {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// brokenLetter is how many bytes at the beginning of s, which is not UTF-8 there, are the beginning of a letter, at
// least 1.
func brokenLetter(s string) int {
	for n := min(3, len(s)); n > 1; n-- {
		if beginsLetter(s[:n]) {
			return n
		}
	}
	return 1
}

// beginsLetter says whether bytes are the beginning of a letter in UTF-8 and could go on to be all of it.
func beginsLetter(s string) bool {
	for _, tail := range [...]string{"\x80", "\x80\x80", "\x80\x80\x80", "\xBF", "\xBF\xBF", "\xBF\xBF\xBF"} {
		if _, size := utf8.DecodeRuneInString(s + tail); size == len(s)+len(tail) && size > 1 {
			return true
		}
	}
	return false
}

// process takes white space at the ends of tokens out of their offsets.
func (b ByteLevel) process(parts []Encoding, texts []string, _ bool) []Encoding {
	if !b.KeepOffsets {
		for i := range parts {
			trimOffsets(&parts[i], texts, !b.NoPrefixSpace)
		}
	}
	return parts
}

func (ByteLevel) adds(bool) int { return 0 }

// trimOffsets takes as many letters from the offsets of a token as it has white space at its ends.
func trimOffsets(e *Encoding, texts []string, prefixSpace bool) {
	isSpace := func(r rune) bool { return r == byteLetters[' '] || unicode.IsSpace(r) }
	for i, token := range e.Tokens {
		if e.Sequences[i] < 0 {
			continue
		}
		inner := strings.TrimLeftFunc(token, isSpace)
		leading := utf8.RuneCountInString(token[:len(token)-len(inner)])
		trailing := utf8.RuneCountInString(token[len(strings.TrimRightFunc(token, isSpace)):])
		o, text := &e.Offsets[i], texts[e.Sequences[i]]
		if (i == 0 || o[0] == 0) && prefixSpace && leading == 1 {
			leading = 0 // it was put there
		}
		for ; leading > 0 && o[0] < o[1]; leading-- {
			_, size := utf8.DecodeRuneInString(text[o[0]:o[1]])
			o[0] += size
		}
		for ; trailing > 0 && o[0] < o[1]; trailing-- {
			_, size := utf8.DecodeLastRuneInString(text[o[0]:o[1]])
			o[1] -= size
		}
	}
	for i := range e.Overflow {
		trimOffsets(&e.Overflow[i], texts, prefixSpace)
	}
}
