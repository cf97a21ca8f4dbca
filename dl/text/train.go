package text

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"sync"
	"unicode/utf8"

	"modelbook/dl"
)

// BPETraining says what tokenizer [TrainBPE] makes. The zero value makes one like GPT-2's.
type BPETraining struct {
	Size     int      // of the vocabulary; 0: 30,000, as Hugging Face's trainer
	MinCount int      // pairs that occur more rarely are not merged
	Special  []string // special tokens, which get the first numbers

	Normalizer   Normalizer
	PreTokenizer PreTokenizer // nil: ByteLevel without a space put before the text, whose letters are bytes
	Decoder      Decoder      // nil: ByteLevel's if that is the pre-tokenizer

	Alphabet      []rune // letters that are in the vocabulary though they may not occur; ByteLevel has all its 256
	LimitAlphabet int    // how many letters the vocabulary has at most, the most frequent ones; 0: all
	Unknown       string // the token of letters that are not in the vocabulary; it is made a special one
	Prefix        string // of letters that do not begin a word
	Suffix        string // of the letter that ends a word
	MaxLength     int    // tokens are shorter than this number of letters; 0: as long as they get
}

// WordPieceTraining says what tokenizer [TrainWordPiece] makes. The zero value makes one like that of BERT's uncased
// models.
type WordPieceTraining struct {
	Size     int      // of the vocabulary; 0: 30,000
	MinCount int      // pairs that occur more rarely are not merged
	Special  []string // nil: [PAD], [UNK], [CLS], [SEP], [MASK]

	Normalizer    Normalizer   // nil: BertNormalizer{}
	PreTokenizer  PreTokenizer // nil: BertPreTokenizer{}
	LimitAlphabet int          // 0: 1,000, as BERT's
}

// Texts are texts in memory for the functions that train.
func Texts(texts ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, t := range texts {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// TrainBPE makes a tokenizer of byte pairs: it counts the words of the texts, begins with their letters, and merges the
// pair of neighbours that occurs most often, until the vocabulary is full (Sennrich, Haddow, Birch 2016). Its merges are
// those of Hugging Face's trainer. The texts come from [Texts] or from data.Lines; they are read once.
func TrainBPE(ctx context.Context, texts iter.Seq2[string, error], o BPETraining) (*Tokenizer, error) {
	if err := o.check(ctx, texts); err != nil {
		return nil, err
	}
	if o.Size == 0 {
		o.Size = 30_000
	}
	if o.PreTokenizer == nil {
		o.PreTokenizer = ByteLevel{NoPrefixSpace: true}
	}
	last, isBytes := lastByteLevel(o.PreTokenizer)
	if isBytes {
		o.Alphabet = append(byteLetters[:len(byteLetters):len(byteLetters)], o.Alphabet...)
		if o.Decoder == nil {
			o.Decoder = last
		}
	}
	special := o.Special
	if o.Unknown != "" && !contains(special, o.Unknown) {
		special = append([]string{o.Unknown}, special...)
	}
	if o.Size < len(special)+1 {
		return nil, fmt.Errorf("text: TrainBPE: Size %d is too small for %d special tokens and letters", o.Size, len(special))
	}
	counter := &wordCounter{normalizer: o.Normalizer, preTokenizer: o.PreTokenizer}
	words, err := counter.count(ctx, texts)
	if err != nil {
		return nil, err
	}
	tr := &trainer{options: o, special: special}
	if err := tr.train(ctx, words); err != nil {
		return nil, err
	}
	m, err := NewBPE(tr.ids, tr.merges, BPEOptions{Unknown: o.Unknown, Prefix: o.Prefix, Suffix: o.Suffix})
	if err != nil {
		return nil, fmt.Errorf("text: TrainBPE: %w", err)
	}
	t := &Tokenizer{Model: m, Normalizer: o.Normalizer, PreTokenizer: o.PreTokenizer, Decoder: o.Decoder}
	for _, s := range special {
		t.Add(AddedToken{Text: s, Special: true})
	}
	return t, nil
}

// TrainWordPiece makes a tokenizer as BERT's. Its vocabulary is found by merging pairs, as Hugging Face's trainer does.
func TrainWordPiece(ctx context.Context, texts iter.Seq2[string, error], o WordPieceTraining) (*Tokenizer, error) {
	if o.Special == nil {
		o.Special = []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	}
	if !contains(o.Special, "[UNK]") {
		return nil, fmt.Errorf("text: TrainWordPiece: Special %q has no [UNK]", o.Special)
	}
	if o.Normalizer == nil {
		o.Normalizer = BertNormalizer{}
	}
	if o.PreTokenizer == nil {
		o.PreTokenizer = BertPreTokenizer{}
	}
	if o.LimitAlphabet == 0 {
		o.LimitAlphabet = 1_000
	}
	pairs, err := TrainBPE(ctx, texts, BPETraining{Size: o.Size, MinCount: o.MinCount, Special: o.Special,
		Normalizer: o.Normalizer, PreTokenizer: o.PreTokenizer, LimitAlphabet: o.LimitAlphabet, Prefix: "##"})
	if err != nil {
		return nil, err
	}
	ids := map[string]int{}
	for t, id := range pairs.Model.vocabulary().ids {
		ids[t] = int(id)
	}
	m, err := NewWordPiece(ids, WordPieceOptions{})
	if err != nil {
		return nil, fmt.Errorf("text: TrainWordPiece: %w", err)
	}
	t := &Tokenizer{Model: m, Normalizer: o.Normalizer, PreTokenizer: o.PreTokenizer, Decoder: WordPieceDecoder{}}
	for _, s := range o.Special {
		t.Add(AddedToken{Text: s, Special: true})
	}
	cls, ok1 := ids["[CLS]"]
	sep, ok2 := ids["[SEP]"]
	if ok1 && ok2 {
		t.PostProcessor = BertProcessing{Cls: SpecialToken{"[CLS]", cls}, Sep: SpecialToken{"[SEP]", sep}}
	}
	return t, nil
}

// check says what of a training means nothing.
func (o *BPETraining) check(ctx context.Context, texts iter.Seq2[string, error]) error {
	const op = "text: TrainBPE"
	switch {
	case ctx == nil:
		return fmt.Errorf("%s: the context is nil; context.Background() is one that nothing ends", op)
	case texts == nil:
		return fmt.Errorf("%s: the texts are nil; Texts makes them of strings, data.Lines of files", op)
	case o.Size < 0 || o.MinCount < 0 || o.LimitAlphabet < 0 || o.MaxLength < 0:
		return fmt.Errorf("%s: Size %d, MinCount %d, LimitAlphabet %d and MaxLength %d are none of them negative", op, o.Size, o.MinCount, o.LimitAlphabet, o.MaxLength)
	case contains(o.Special, ""):
		return fmt.Errorf("%s: a special token is empty", op)
	}
	for _, s := range append(o.Special[:len(o.Special):len(o.Special)], o.Unknown) {
		if !utf8.ValidString(s) {
			return fmt.Errorf("%s: the special token %q is not UTF-8, and stands in no text", op, s)
		}
	}
	return dl.Try(func() {
		if o.Normalizer != nil {
			checkPart("text.TrainBPE", o.Normalizer)
		}
		if o.PreTokenizer != nil {
			checkPart("text.TrainBPE", o.PreTokenizer)
		}
		if o.Decoder != nil {
			checkPart("text.TrainBPE", o.Decoder)
		}
	})
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

func lastByteLevel(p PreTokenizer) (ByteLevel, bool) {
	switch p := p.(type) {
	case ByteLevel:
		return p, true
	case PreTokenizers:
		if len(p) > 0 {
			return lastByteLevel(p[len(p)-1])
		}
	}
	return ByteLevel{}, false
}

// wordCounter counts the words that a normalizer and a pre-tokenizer make of texts.
type wordCounter struct {
	normalizer   Normalizer
	preTokenizer PreTokenizer
}

// batchOfTexts is how many bytes of texts a goroutine takes at once.
const batchOfTexts = 1 << 19

// count counts on all processors.
func (c *wordCounter) count(ctx context.Context, texts iter.Seq2[string, error]) (map[string]int64, error) {
	workers := runtime.GOMAXPROCS(0)
	batches := make(chan []string, workers)
	counts := make([]map[string]*int64, workers)
	var group sync.WaitGroup
	for i := range workers {
		counts[i] = map[string]*int64{}
		group.Go(func() {
			for batch := range batches {
				for _, t := range batch {
					c.words(t, counts[i])
				}
			}
		})
	}
	err := c.feed(ctx, texts, batches)
	close(batches)
	group.Wait()
	if err != nil {
		return nil, err
	}
	all := map[string]int64{}
	for _, part := range counts {
		for w, n := range part {
			all[w] += *n
		}
	}
	if c.raw() {
		letters := make(map[string]int64, len(all))
		for w, n := range all {
			p := piece{text: w}
			p.toByteLetters()
			letters[p.text] = n
		}
		all = letters
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("text: there are no words in the texts to train on")
	}
	return all, nil
}

func (c *wordCounter) feed(ctx context.Context, texts iter.Seq2[string, error], batches chan<- []string) error {
	var batch []string
	size := 0
	for t, err := range texts {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		parts := []string{t}
		if c.raw() && len(t) > 2*batchOfTexts {
			parts = cutAtSpaces(t, batchOfTexts)
		}
		for _, p := range parts {
			batch = append(batch, p)
			if size += len(p); size >= batchOfTexts {
				batches <- batch
				batch, size = nil, 0
			}
		}
	}
	batches <- batch
	return nil
}

// raw says whether words are counted as bytes, and their letters put in afterwards: GPT-2's own pre-tokenizer alone.
func (c *wordCounter) raw() bool {
	return c.normalizer == nil && c.preTokenizer == PreTokenizer(ByteLevel{NoPrefixSpace: true})
}

func (c *wordCounter) words(t string, counts map[string]*int64) {
	add := func(word string) {
		if n, ok := counts[word]; ok {
			*n++
			return
		}
		one := int64(1)
		counts[strings.Clone(word)] = &one
	}
	if !utf8.ValidString(t) {
		t = strings.ToValidUTF8(t, "\uFFFD")
	}
	if c.raw() {
		for at := 0; at < len(t); {
			end := scanGPT2(t, at)
			add(t[at:end])
			at = end
		}
		return
	}
	p := piece{text: t}
	if c.normalizer != nil {
		c.normalizer.normalize(&p)
	}
	for _, w := range c.preTokenizer.split([]piece{p}) {
		if w.text != "" {
			add(w.text)
		}
	}
}
