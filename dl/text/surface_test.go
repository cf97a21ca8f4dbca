package text_test

import (
	"context"
	"os"
	"reflect"
	"sync"
	"testing"

	"modelbook/dl/internal/mistakes"
	"modelbook/dl/text"
)

var trained = sync.OnceValue(func() *text.Tokenizer {
	t, err := text.TrainBPE(context.Background(), text.Texts("a b ab ab abc"), text.BPETraining{Size: 260, Special: []string{"<s>"}})
	if err != nil {
		panic(err)
	}
	return t
})

func written() string {
	if err := trained().Save("tokenizer.json"); err != nil {
		panic(err)
	}
	return "tokenizer.json"
}

// Every exported function and method is called with wrong arguments: see package mistakes.
func TestEveryExportedFunctionRefusesWrongArguments(t *testing.T) {
	s := &mistakes.Surface{
		Functions: map[string]any{
			"CompileRegex": text.CompileRegex, "Load": text.Load, "NewBPE": text.NewBPE,
			"NewPrecompiled": text.NewPrecompiled, "NewUnigram": text.NewUnigram, "NewWordLevel": text.NewWordLevel,
			"NewWordPiece": text.NewWordPiece, "Parse": text.Parse, "ParseSentencePiece": text.ParseSentencePiece,
			"Texts": text.Texts, "TrainBPE": text.TrainBPE, "TrainWordPiece": text.TrainWordPiece,
		},
		Types: []reflect.Type{
			reflect.TypeFor[text.AddedToken](), reflect.TypeFor[text.BPE](), reflect.TypeFor[text.BPEDecoder](),
			reflect.TypeFor[text.BPEOptions](), reflect.TypeFor[text.BPETraining](), reflect.TypeFor[text.Behavior](),
			reflect.TypeFor[text.BertNormalizer](), reflect.TypeFor[text.BertPreTokenizer](),
			reflect.TypeFor[text.BertProcessing](), reflect.TypeFor[text.ByteFallback](), reflect.TypeFor[text.ByteLevel](),
			reflect.TypeFor[text.ByteLevelNormalizer](), reflect.TypeFor[text.CTC](),
			reflect.TypeFor[text.CharDelimiterSplit](), reflect.TypeFor[text.Decoder](), reflect.TypeFor[text.Decoders](),
			reflect.TypeFor[text.Digits](), reflect.TypeFor[text.Encoding](), reflect.TypeFor[text.FileError](),
			reflect.TypeFor[text.FixedLength](), reflect.TypeFor[text.Fuse](), reflect.TypeFor[text.Literal](),
			reflect.TypeFor[text.Lowercase](), reflect.TypeFor[text.Metaspace](), reflect.TypeFor[text.Model](),
			reflect.TypeFor[text.NFC](), reflect.TypeFor[text.NFD](), reflect.TypeFor[text.NFKC](),
			reflect.TypeFor[text.NFKD](), reflect.TypeFor[text.Nmt](), reflect.TypeFor[text.Normalizer](),
			reflect.TypeFor[text.Normalizers](), reflect.TypeFor[text.Padding](), reflect.TypeFor[text.Pattern](),
			reflect.TypeFor[text.PostProcessor](), reflect.TypeFor[text.PostProcessors](),
			reflect.TypeFor[text.PreTokenizer](), reflect.TypeFor[text.PreTokenizers](), reflect.TypeFor[text.Precompiled](),
			reflect.TypeFor[text.Prepend](), reflect.TypeFor[text.Prepending](), reflect.TypeFor[text.Punctuation](),
			reflect.TypeFor[text.Regex](), reflect.TypeFor[text.Replace](), reflect.TypeFor[text.RobertaProcessing](),
			reflect.TypeFor[text.ScoredToken](), reflect.TypeFor[text.SpecialToken](), reflect.TypeFor[text.Split](),
			reflect.TypeFor[text.Strategy](), reflect.TypeFor[text.Stream](), reflect.TypeFor[text.Strip](),
			reflect.TypeFor[text.StripAccents](), reflect.TypeFor[text.StripDecoder](), reflect.TypeFor[text.TemplatePart](),
			reflect.TypeFor[text.TemplateProcessing](), reflect.TypeFor[text.Tokenizer](), reflect.TypeFor[text.Truncation](),
			reflect.TypeFor[text.Unigram](), reflect.TypeFor[text.Whitespace](), reflect.TypeFor[text.WhitespaceSplit](),
			reflect.TypeFor[text.WordLevel](), reflect.TypeFor[text.WordPiece](), reflect.TypeFor[text.WordPieceDecoder](),
			reflect.TypeFor[text.WordPieceOptions](), reflect.TypeFor[text.WordPieceTraining](),
		},
		Any: map[string]string{
			"text": "every text has tokens", "texts": "every text has tokens", "first": "every text has tokens", "second": "every text has tokens",
			"pairs": "every text has tokens", "ids": "numbers that no token has are left out", "id": "none, or nothing, where no token has the number",
			"Tokenizer.ID token": "false where there is none", "Encoding.Len receiver": "it counts IDs", "FileError.Error receiver": "it tells the fields",
			"Tokenizer.Added receiver": "it looks at added tokens", "Tokenizer.Plain receiver": "it is a copy", "Tokenizer.Special receiver": "it looks at added tokens",
			"Tokenizer.String receiver": "it tells what there is", "{Token}": "any text may be a token", "{ID}": "any number may pad", "{Type}": "any number may be a type",
			"Behavior.String receiver": "it tells the number",
		},
		Refuses: map[string]string{"ParseSentencePiece": "the test has no such file; see TestReference"},
	}
	for _, name := range []string{"Decode", "DecodeAll", "Stream", "StreamAll", "Size", "ID", "Token"} {
		for _, part := range []string{"Normalizer", "PreTokenizer", "PostProcessor", "Truncation", "Padding"} {
			s.Any["Tokenizer."+name+" {"+part+"}"] = "encoding alone needs it"
		}
	}
	for _, name := range []string{"Size", "ID", "Token", "Add", "Encode", "EncodeBatch", "EncodeIDs", "EncodePair", "EncodePairs"} {
		s.Any["Tokenizer."+name+" {Decoder}"] = "decoding alone needs it"
	}
	ctx := context.Background()
	s.Args = map[string]func() []any{
		"CompileRegex": func() []any { return []any{"a+"} },
		"Load":         func() []any { return []any{written()} },
		"Parse": func() []any {
			b, err := os.ReadFile(written())
			if err != nil {
				t.Fatal(err)
			}
			return []any{b}
		},
		"NewBPE": func() []any {
			return []any{map[string]int{"a": 0, "b": 1, "ab": 2}, [][2]string{{"a", "b"}}, text.BPEOptions{}}
		},
		"NewUnigram": func() []any {
			return []any{[]text.ScoredToken{{Token: "a", Score: -1}, {Token: "b", Score: -2}}, 0, false}
		},
		"NewWordPiece":   func() []any { return []any{map[string]int{"[UNK]": 0, "a": 1}, text.WordPieceOptions{}} },
		"NewWordLevel":   func() []any { return []any{map[string]int{"u": 0, "a": 1}, "u"} },
		"TrainBPE":       func() []any { return []any{ctx, text.Texts("a b ab ab"), text.BPETraining{Size: 260}} },
		"TrainWordPiece": func() []any { return []any{ctx, text.Texts("a b ab ab"), text.WordPieceTraining{Size: 60}} },
		"Tokenizer.Add":  func() []any { return []any{trained().Plain(), text.AddedToken{Text: "<x>"}} },
		"Tokenizer.Save": func() []any { return []any{trained(), "copy.json"} },
	}
	s.Good(func() text.Tokenizer { return *trained() }, func() text.Model { return trained().Model }, func() *text.Stream { return trained().Stream() },
		func() *text.BPE { return trained().Model.(*text.BPE) }, func() text.AddedToken { return text.AddedToken{Text: "<x>"} },
		func() text.Encoding { return trained().Encode("ab") })
	s.Bad("list of nil", func() text.Normalizer { return text.Normalizers{nil} })
	s.Bad("without a pattern", func() text.Normalizer { return text.Replace{} })
	s.Bad("list of nil", func() text.PreTokenizer { return text.PreTokenizers{nil} })
	s.Bad("without a pattern", func() text.PreTokenizer { return text.Split{} })
	s.Bad("of an empty Regex", func() text.PreTokenizer { return text.Split{Pattern: &text.Regex{}} })
	s.Bad("of a nil Regex", func() text.PreTokenizer { return text.Split{Pattern: (*text.Regex)(nil)} })
	s.Bad("behaving oddly", func() text.PreTokenizer { return text.Punctuation{Behavior: 9} })
	s.Bad("prepending oddly", func() text.PreTokenizer { return text.Metaspace{Prepend: -1} })
	s.Bad("list of nil", func() text.PostProcessor { return text.PostProcessors{nil} })
	s.Bad("list of nil", func() text.Decoder { return text.Decoders{nil} })
	s.Bad("without a pattern", func() text.Decoder { return text.Replace{} })
	s.Bad("zero", func() text.Model { return &text.BPE{} })
	s.Bad("zero Unigram", func() text.Model { return &text.Unigram{} })
	s.Test(t)
}
