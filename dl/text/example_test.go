package text_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"modelbook/dl/data/shakespeare"
	"modelbook/dl/text"
)

// small is a tokenizer of 500 tokens, made of the first lines of Shakespeare's plays.
func small() *text.Tokenizer {
	tok, err := text.TrainBPE(context.Background(), text.Texts(shakespeare.Text()[:100_000]),
		text.BPETraining{Size: 500, Special: []string{"<|endoftext|>"}})
	if err != nil {
		panic(err)
	}
	return tok
}

func ExampleTrainBPE() {
	tok, err := text.TrainBPE(context.Background(), text.Texts(shakespeare.Text()[:100_000]),
		text.BPETraining{Size: 500, Special: []string{"<|endoftext|>"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(tok)
	fmt.Printf("%q\n", tok.Encode("What say you?").Tokens)
	// Output:
	// BPE with 500 tokens
	// ["What" "Ġs" "ay" "Ġyou" "?"]
}

func ExampleTrainWordPiece() {
	tok, err := text.TrainWordPiece(context.Background(), text.Texts(shakespeare.Text()[:100_000]),
		text.WordPieceTraining{Size: 800})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%q\n", tok.Encode("Speak, citizens!").Tokens)
	// Output: ["[CLS]" "speak" "," "citizens" "!" "[SEP]"]
}

func ExampleTokenizer_Encode() {
	tok := small()
	line := "The gods know"
	e := tok.Encode(line)
	for i, id := range e.IDs {
		o := e.Offsets[i]
		fmt.Printf("%d %q\n", id, line[o[0]:o[1]])
	}
	// Output:
	// 329 "The"
	// 444 " go"
	// 466 "ds"
	// 431 " k"
	// 469 "now"
}

func ExampleTokenizer_EncodePair() {
	tok := &text.Tokenizer{Model: must(text.NewWordPiece(map[string]int{"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "who": 3, "spoke": 4,
		"brutus": 5}, text.WordPieceOptions{})), Normalizer: text.BertNormalizer{}, PreTokenizer: text.BertPreTokenizer{},
		PostProcessor: text.BertProcessing{Cls: text.SpecialToken{Token: "[CLS]", ID: 1}, Sep: text.SpecialToken{Token: "[SEP]", ID: 2}}}
	e := tok.EncodePair("Who spoke", "Brutus")
	fmt.Println(e.Tokens)
	fmt.Println(e.Types)
	// Output:
	// [[CLS] who spoke [SEP] brutus [SEP]]
	// [0 0 0 0 1 1]
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func ExampleTokenizer_EncodeBatch() {
	tok := small()
	tok.Padding = &text.Padding{Token: "<|endoftext|>"}
	for _, e := range tok.EncodeBatch([]string{"Speak, speak.", "We know't."}) {
		fmt.Println(e.IDs, e.Mask)
	}
	// Output:
	// [51 80 394 75 12 412 394 75 14] [1 1 1 1 1 1 1 1 1]
	// [408 431 469 7 84 14 0 0 0] [1 1 1 1 1 1 0 0 0]
}

func ExampleTokenizer_Decode() {
	tok := small()
	ids := tok.EncodeIDs("Resolved. resolved.<|endoftext|>")
	fmt.Println(tok.Decode(ids))
	fmt.Println(tok.DecodeAll(ids))
	// Output:
	// Resolved. resolved.
	// Resolved. resolved.<|endoftext|>
}

func ExampleTokenizer_Stream() {
	tok := small()
	stream := tok.Stream()
	for _, id := range tok.EncodeIDs("a café") { // é is two tokens
		fmt.Printf("%q ", stream.Add(id))
	}
	fmt.Printf("%q\n", stream.Flush())
	// Output: "a" " ca" "f" "" "é" ""
}

func ExampleTokenizer_Plain() {
	tok := small()
	tok.PostProcessor = text.TemplateProcessing{
		Single:  []text.TemplatePart{{Special: "end"}, {}},
		Special: map[string][]text.SpecialToken{"end": {{Token: "<|endoftext|>", ID: 0}}},
	}
	fmt.Println(tok.Encode("Speak").IDs)
	fmt.Println(tok.Plain().Encode("Speak").IDs)
	// Output:
	// [0 51 80 394 75]
	// [51 80 394 75]
}

func ExampleTokenizer_Add() {
	tok := small()
	id := tok.Add(text.AddedToken{Text: "<|user|>", Special: true})
	fmt.Println(id, tok.Size())
	fmt.Printf("%q\n", tok.Encode("<|user|>Speak").Tokens)
	// Output:
	// 500 501
	// ["<|user|>" "S" "p" "ea" "k"]
}

func ExampleTokenizer_Save() {
	dir, err := os.MkdirTemp("", "tokenizer")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := small().Save(dir); err != nil { // writes tokenizer.json
		fmt.Println(err)
		return
	}
	tok, err := text.Load(dir)
	fmt.Println(tok, err)
	_, err = text.Load(filepath.Join(dir, "nothing"))
	fmt.Println(err != nil)
	// Output:
	// BPE with 500 tokens <nil>
	// true
}

func ExampleTruncation() {
	tok := small()
	tok.Truncation = &text.Truncation{Max: 4, Stride: 1}
	e := tok.Encode("Before we proceed any further")
	fmt.Printf("%q\n", e.Tokens)
	for _, rest := range e.Overflow {
		fmt.Printf("%q\n", rest.Tokens)
	}
	// Output:
	// ["B" "e" "f" "ore"]
	// ["ore" "Ġwe" "Ġpr" "o"]
	// ["o" "ce" "ed" "Ġan"]
	// ["Ġan" "y" "Ġf" "ur"]
	// ["ur" "t" "her"]
}

func ExampleCompileRegex() {
	re, err := text.CompileRegex(`\p{N}{1,3}|\p{L}+|\s+(?!\S)|\s+`)
	if err != nil {
		fmt.Println(err)
		return
	}
	tok := &text.Tokenizer{Model: must(text.NewUnigram([]text.ScoredToken{{Token: "?"}}, 0, false)),
		PreTokenizer: text.Split{Pattern: re}}
	fmt.Printf("%q\n", tok.Encode("year  12345").Tokens)
	_, err = text.CompileRegex(`(?<=a)b`)
	fmt.Println(err)
	// Output:
	// ["year" " " " " "123" "45"]
	// the regular expression "(?<=a)b": at byte 1: a group (?<…: only (…), (?:…), (?i:…), (?=…), (?!…) and (?>…) are known
}
