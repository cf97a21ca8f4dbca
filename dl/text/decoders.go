package text

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Decoder makes text of tokens. The types of this package that are one: [ByteLevel], [WordPieceDecoder], [Metaspace],
// [ByteFallback], [Fuse], [StripDecoder], [Replace], [BPEDecoder], [CTC] and [Decoders].
type Decoder interface {
	// decode may change the tokens that it is given.
	decode(tokens []string) []string
}

// Decoders are decoders that follow one another (Sequence in a tokenizer.json).
type Decoders []Decoder

func (ds Decoders) decode(tokens []string) []string {
	for _, d := range ds {
		tokens = d.decode(tokens)
	}
	return tokens
}

func (r Replace) decode(tokens []string) []string {
	for i, t := range tokens {
		if l, ok := r.Pattern.(Literal); ok && l != "" {
			tokens[i] = strings.ReplaceAll(t, string(l), r.Content)
			continue
		}
		var b strings.Builder
		for _, m := range r.Pattern.find(t) {
			if m.is {
				b.WriteString(r.Content)
			} else {
				b.WriteString(t[m.start:m.end])
			}
		}
		tokens[i] = b.String()
	}
	return tokens
}

// ByteFallback makes bytes of tokens such as <0x0A>. Bytes that are not UTF-8 together become U+FFFD, each of them.
type ByteFallback struct{}

func (ByteFallback) decode(tokens []string) []string {
	out := make([]string, 0, len(tokens))
	var bytes []byte
	flush := func() {
		if utf8.Valid(bytes) {
			if len(bytes) > 0 {
				out = append(out, string(bytes))
			}
		} else {
			for range bytes {
				out = append(out, "\uFFFD")
			}
		}
		bytes = bytes[:0]
	}
	for _, t := range tokens {
		if b, ok := byteToken(t); ok {
			bytes = append(bytes, b)
			continue
		}
		flush()
		out = append(out, t)
	}
	flush()
	return out
}

// byteToken is the byte that a token such as <0x0A> stands for.
func byteToken(t string) (byte, bool) {
	if len(t) != 6 || !strings.HasPrefix(t, "<0x") || t[5] != '>' || t[3] == '-' || t[3] == '_' || t[4] == '_' {
		return 0, false
	}
	b, err := strconv.ParseUint(strings.TrimPrefix(t[3:5], "+"), 16, 8)
	return byte(b), err == nil
}

// Fuse makes one of all tokens.
type Fuse struct{}

func (Fuse) decode(tokens []string) []string { return []string{strings.Join(tokens, "")} }

// StripDecoder takes up to Start of a letter from the beginning of each token, and up to Stop from its end.
type StripDecoder struct {
	Letter      rune
	Start, Stop int
}

func (s StripDecoder) decode(tokens []string) []string {
	letter := string(s.Letter)
	for i, t := range tokens {
		for range s.Start {
			if !strings.HasPrefix(t, letter) {
				break
			}
			t = t[len(letter):]
		}
		for range s.Stop {
			if !strings.HasSuffix(t, letter) {
				break
			}
			t = t[:len(t)-len(letter)]
		}
		tokens[i] = t
	}
	return tokens
}

// WordPieceDecoder joins tokens that begin with Prefix to those before them, the others by spaces.
type WordPieceDecoder struct {
	Prefix     string // empty: ##
	KeepSpaces bool   // leaves spaces before punctuation and in contractions (cleanup is false)
}

func (w WordPieceDecoder) decode(tokens []string) []string {
	prefix := w.Prefix
	if prefix == "" {
		prefix = "##"
	}
	for i, t := range tokens {
		if i > 0 {
			if rest, ok := strings.CutPrefix(t, prefix); ok {
				t = rest
			} else {
				t = " " + t
			}
		}
		if !w.KeepSpaces {
			t = clean(t)
		}
		tokens[i] = t
	}
	return tokens
}

// clean takes out the spaces that English does not have before punctuation and in contractions.
func clean(t string) string {
	if !strings.Contains(t, " ") {
		return t
	}
	for _, r := range [...][2]string{{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"}, {" n't", "n't"},
		{" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}} {
		t = strings.ReplaceAll(t, r[0], r[1])
	}
	return t
}

// BPEDecoder makes spaces of the suffix that ends words.
type BPEDecoder struct{ Suffix string } // empty: </w>

func (b BPEDecoder) decode(tokens []string) []string {
	suffix := b.Suffix
	if suffix == "" {
		suffix = "</w>"
	}
	for i, t := range tokens {
		to := " "
		if i == len(tokens)-1 {
			to = ""
		}
		tokens[i] = strings.ReplaceAll(t, suffix, to)
	}
	return tokens
}

// CTC decodes the output of a speech model: equal neighbours are one, padding is left out, the delimiter is a space.
type CTC struct {
	Pad, Delimiter string
	KeepSpaces     bool // cleanup is false
}

func (c CTC) decode(tokens []string) []string {
	var out []string
	for i, t := range tokens {
		if i > 0 && t == tokens[i-1] {
			continue
		}
		if c.Pad != "" {
			t = strings.ReplaceAll(t, c.Pad, "")
		}
		if !c.KeepSpaces {
			t = clean(t)
			if c.Delimiter != "" {
				t = strings.ReplaceAll(t, c.Delimiter, " ")
			}
		}
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}
