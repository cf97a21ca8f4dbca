// Package shakespeare has 40,000 lines of William Shakespeare's plays, 1,115,394 letters: the text known as tiny
// Shakespeare, on which small language models are often trained and compared.
//
// The plays are in the public domain. The choice and form of the lines are those of data/tinyshakespeare/input.txt in
// Andrej Karpathy's char-rnn (2015), byte for byte. They are part of the package: nothing is downloaded.
package shakespeare

import (
	"bytes"
	"compress/bzip2"
	_ "embed"
	"io"
	"sync"
)

//go:embed input.txt.bz2
var compressed []byte

// Text is the whole text, all of it in ASCII.
func Text() string { return read() }

var read = sync.OnceValue(func() string {
	text, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(compressed)))
	if err != nil {
		panic(err) // the file is part of the package
	}
	return string(text)
})

// Split is the text in two: the first nine tenths to train on, and the rest to validate with, as in nanoGPT.
func Split() (train, validation string) {
	text := Text()
	n := len(text) * 9 / 10
	return text[:n], text[n:]
}
