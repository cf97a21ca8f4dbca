package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"modelbook/dl/text"
)

// FuzzParse reads hostile files: whatever is in them, there is an error or a tokenizer that encodes and is written.
func FuzzParse(f *testing.F) {
	all := recordings(f)
	for _, name := range []string{"gpt2", "bert", "llama2", "t5"} {
		if len(all[name].Tokenizer) < 1<<15 {
			f.Add([]byte(all[name].Tokenizer))
		}
	}
	for name, r := range all {
		if strings.Contains(name, "_") {
			f.Add([]byte(r.Tokenizer))
		}
	}
	for _, c := range hostile {
		f.Add([]byte(c.file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := text.Parse(data)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		tryTokenizer(t, tok)
		if _, err := tok.JSON(); err != nil {
			t.Errorf("cannot be written: %v", err)
		}
	})
}

func tryTokenizer(t *testing.T, tok *text.Tokenizer) {
	for _, s := range []string{"", "a", "Hello, wörld! 123 \n\t 日本語 e\u0301\U0001F642<s>[MASK]", "\xff\xfe broken", strings.Repeat("ab ", 100)} {
		e := tok.Encode(s)
		for _, o := range e.Offsets {
			if o[0] < 0 || o[1] > len(s) || o[0] > o[1] {
				t.Errorf("%q has the offsets %v", s, o)
			}
		}
		tok.EncodeIDs(s)
		tok.EncodePair(s, s)
		tok.DecodeAll(e.IDs)
	}
}

// FuzzParseSentencePiece reads hostile models.
func FuzzParseSentencePiece(f *testing.F) {
	f.Add([]byte("\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02\n\x0a\n\x01a\x15\x00\x00\x80\xbf"))
	f.Add([]byte("\x12\x02\x18\x02\x1a\x04\x12\x02\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if tok, err := text.ParseSentencePiece(data); err == nil {
			tryTokenizer(t, tok)
		}
	})
}

// FuzzBytes says that a tokenizer of bytes loses nothing, whatever the text, and that its offsets cover it.
func FuzzBytes(f *testing.F) {
	tok := small()
	f.Add("First Citizen:\nBefore we proceed")
	f.Add("  \u00a0 naïve \U0001F468\u200D\U0001F469 's 'LL \r\n\r\n x")
	f.Fuzz(func(t *testing.T, s string) {
		valid := strings.ToValidUTF8(s, "\uFFFD")
		if !utf8.ValidString(s) {
			s = valid
		}
		e := tok.Encode(s)
		if !slices.Equal(e.IDs, tok.EncodeIDs(s)) {
			t.Errorf("%q: EncodeIDs differs", s)
		}
		if got := tok.DecodeAll(e.IDs); got != s {
			t.Errorf("%q became %q", s, got)
		}
		end := 0
		for _, o := range e.Offsets {
			if o[0] > end {
				t.Errorf("%q: nothing stands for the bytes from %d to %d", s, end, o[0])
			}
			end = o[1]
		}
		if end != len(s) && len(e.IDs) > 0 {
			t.Errorf("%q: the tokens end at %d of %d", s, end, len(s))
		}
	})
}
