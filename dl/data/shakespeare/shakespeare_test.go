package shakespeare_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"modelbook/dl/data/shakespeare"
)

func TestText(t *testing.T) {
	text := shakespeare.Text()
	const want = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed" // of input.txt in char-rnn
	if got := fmt.Sprintf("%x", sha256.Sum256([]byte(text))); got != want {
		t.Errorf("the text's sum is %s, want %s", got, want)
	}
	if lines := strings.Count(text, "\n"); lines != 40_000 {
		t.Errorf("%d lines", lines)
	}
	letters := map[rune]bool{}
	for _, r := range text {
		letters[r] = true
	}
	if len(letters) != 65 { // as nanoGPT says
		t.Errorf("%d different letters", len(letters))
	}
	train, validation := shakespeare.Split()
	if len(train) != 1_003_854 || len(validation) != 111_540 || train+validation != text { // as nanoGPT says
		t.Errorf("split into %d and %d letters", len(train), len(validation))
	}
}

func ExampleText() {
	fmt.Print(shakespeare.Text()[:62])
	// Output:
	// First Citizen:
	// Before we proceed any further, hear me speak.
}

func ExampleSplit() {
	train, validation := shakespeare.Split()
	fmt.Println(len(train), len(validation))
	// Output: 1003854 111540
}
