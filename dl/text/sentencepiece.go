package text

import (
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// pieceKind is what a token of a SentencePiece model is.
type pieceKind int

const (
	normalPiece pieceKind = iota + 1
	unknownPiece
	controlPiece
	userPiece
	unusedPiece
	bytePiece
)

// spModel is what is read of a SentencePiece model.
type spModel struct {
	tokens []ScoredToken
	kinds  []pieceKind

	bpe            bool
	other          int // another kind of model; 0: none
	fallback       bool
	charsmap       []byte
	noDummyPrefix  bool
	keepExtraSpace bool
}

// ParseSentencePiece reads the bytes of a model of SentencePiece, of the kinds Unigram (T5) and BPE (Llama). Control
// tokens such as <s> become special tokens; what a model puts before and after a text is not in the file, so that the
// tokenizer has no post-processor.
func ParseSentencePiece(data []byte) (*Tokenizer, error) {
	m, err := readSentencePiece(data)
	if err != nil {
		return nil, &FileError{Found: err.Error(), Expected: "a model of SentencePiece"}
	}
	if m.other != 0 {
		return nil, &FileError{Part: "trainer_spec.model_type", Found: fmt.Sprint(m.other), Expected: "1 (unigram) or 2 (bpe)"}
	}
	unknown := -1
	for i, k := range m.kinds {
		if k == unknownPiece {
			unknown = i
		}
	}
	t := &Tokenizer{}
	if m.bpe {
		t.Model, err = m.mergesModel(unknown)
	} else {
		t.Model, err = NewUnigram(m.tokens, unknown, m.fallback)
	}
	if err != nil {
		return nil, &FileError{Part: "pieces", Found: err.Error()}
	}
	if len(m.charsmap) > 0 {
		p, err := NewPrecompiled(m.charsmap)
		if err != nil {
			return nil, &FileError{Part: "normalizer_spec.precompiled_charsmap", Found: err.Error()}
		}
		t.Normalizer = p
	}
	if !m.keepExtraSpace {
		spaces, _ := CompileRegex(" {2,}")
		all := Normalizers{Strip{}, Replace{Pattern: spaces, Content: " "}}
		if t.Normalizer != nil {
			all = append(Normalizers{t.Normalizer}, all...)
		}
		t.Normalizer = all
	}
	space := Metaspace{Whole: true}
	if m.noDummyPrefix {
		space.Prepend = PrependNever
	}
	t.PreTokenizer = space
	t.Decoder = Decoders{Replace{Pattern: Literal("▁"), Content: " "}, ByteFallback{}, Fuse{}}
	if !m.noDummyPrefix {
		t.Decoder = append(t.Decoder.(Decoders), StripDecoder{Letter: ' ', Start: 1})
	}
	for i, k := range m.kinds {
		if (k == controlPiece || k == userPiece || k == unknownPiece) && m.tokens[i].Token != "" {
			t.Add(AddedToken{Text: m.tokens[i].Token, Special: k != userPiece})
		}
	}
	return t, nil
}

// mergesModel makes a BPE of the tokens. SentencePiece merges the two neighbours whose token has the highest score: for
// each token, all pairs of tokens that it can be made of, in the order of the scores.
func (m *spModel) mergesModel(unknown int) (*BPE, error) {
	ids := make(map[string]int, len(m.tokens))
	for i, t := range m.tokens {
		ids[t.Token] = i
	}
	merges := spMerges(m, ids)
	o := BPEOptions{FuseUnknown: true, ByteFallback: m.fallback}
	if unknown >= 0 {
		o.Unknown = m.tokens[unknown].Token
	}
	return NewBPE(ids, merges, o)
}

// fieldsOf calls a function with each field of a message.
func fieldsOf(b []byte, do func(number protowire.Number, kind protowire.Type, value []byte, n uint64) error) error {
	for len(b) > 0 {
		number, kind, size := protowire.ConsumeTag(b)
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		var value []byte
		var n uint64
		switch kind {
		case protowire.BytesType:
			value, size = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			n, size = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var f uint32
			f, size = protowire.ConsumeFixed32(b)
			n = uint64(f)
		default:
			size = protowire.ConsumeFieldValue(number, kind, b)
		}
		if size < 0 {
			return protowire.ParseError(size)
		}
		b = b[size:]
		if err := do(number, kind, value, n); err != nil {
			return err
		}
	}
	return nil
}

func readSentencePiece(data []byte) (*spModel, error) {
	m := &spModel{}
	err := fieldsOf(data, func(number protowire.Number, kind protowire.Type, value []byte, _ uint64) error {
		if kind != protowire.BytesType {
			return nil
		}
		switch number {
		case 1:
			return m.readPiece(value)
		case 2: // trainer_spec
			return fieldsOf(value, func(number protowire.Number, _ protowire.Type, _ []byte, n uint64) error {
				switch number {
				case 3:
					m.bpe = n == 2
					if n != 1 && n != 2 {
						m.other = int(n & 0xFF)
					}
				case 35:
					m.fallback = n == 1
				}
				return nil
			})
		case 3: // normalizer_spec
			return fieldsOf(value, func(number protowire.Number, _ protowire.Type, value []byte, n uint64) error {
				switch number {
				case 2:
					m.charsmap = value
				case 3:
					m.noDummyPrefix = n == 0
				case 4:
					m.keepExtraSpace = n == 0
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && len(m.tokens) == 0 {
		err = fmt.Errorf("has no tokens")
	}
	return m, err
}

func (m *spModel) readPiece(b []byte) error {
	t, kind := ScoredToken{}, normalPiece
	err := fieldsOf(b, func(number protowire.Number, _ protowire.Type, value []byte, n uint64) error {
		switch number {
		case 1:
			t.Token = string(value)
		case 2:
			t.Score = float64(math.Float32frombits(uint32(n)))
		case 3:
			kind = pieceKind(n)
		}
		return nil
	})
	if err == nil && !utf8.ValidString(t.Token) {
		err = fmt.Errorf("token %d is not UTF-8", len(m.tokens))
	}
	m.tokens, m.kinds = append(m.tokens, t), append(m.kinds, kind)
	return err
}
