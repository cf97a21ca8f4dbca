package text

import (
	"strings"

	"modelbook/dl"
)

// Stream makes text of tokens as they come, one by one. Letters that several tokens make together are held back until
// they are whole.
type Stream struct {
	tokenizer *Tokenizer
	special   bool
	ids       []int
	known     int    // how many of ids the text given out so far was made of
	given     string // what the first known ids are as text
}

// Stream begins a stream of tokens, of which special ones are left out.
func (t *Tokenizer) Stream() *Stream {
	t.checkDecoder("text.Tokenizer.Stream")
	return &Stream{tokenizer: t}
}

// StreamAll begins a stream of tokens, special ones too.
func (t *Tokenizer) StreamAll() *Stream {
	t.checkDecoder("text.Tokenizer.StreamAll")
	return &Stream{tokenizer: t, special: true}
}

// Add takes a token and returns the text that is whole by it, which may be empty. All that Add and Flush return is
// together what [Tokenizer.Decode] makes of the tokens.
func (s *Stream) Add(id int) string {
	if s.tokenizer == nil {
		dl.PanicValue("text.Stream.Add", "a Stream is begun by Tokenizer.Stream; a zero one has no tokenizer")
	}
	s.ids = append(s.ids, id)
	all := s.tokenizer.decode(s.ids, !s.special)
	if len(all) <= len(s.given) || strings.HasSuffix(all, "\uFFFD") || !strings.HasPrefix(all, s.given) {
		return ""
	}
	return s.give(all)
}

// Flush returns the text that was held back, for the end of the tokens.
func (s *Stream) Flush() string {
	if s.tokenizer == nil {
		return "" // of a zero Stream
	}
	all := s.tokenizer.decode(s.ids, !s.special)
	if len(all) <= len(s.given) || !strings.HasPrefix(all, s.given) {
		return ""
	}
	return s.give(all)
}

// give returns what is new in a text. The tokens of the last part are kept, as what a token is may depend on the one
// before it.
func (s *Stream) give(all string) string {
	part := all[len(s.given):]
	s.ids = append(s.ids[:0], s.ids[s.known:]...)
	s.known = len(s.ids)
	s.given = s.tokenizer.decode(s.ids, !s.special)
	return part
}
