//go:build client

package notebooks

import (
	"strings"
	"testing"
)

// The notebook that trains a small GPT, all of its steps, through nbconvert. nanoGPT
// reports a validation loss of 1.88 for these settings.
func TestClientShakespeareGPT(t *testing.T) {
	nb := converted(t, copied(t, "shakespeare_gpt.ipynb"), 900)
	nb.check(t)
	text := nb.text()
	if loss := number(t, text, `validation loss ([0-9.]+):`); loss > 1.92 {
		t.Errorf("validation loss %.3f after 2,000 steps, want about 1.88", loss)
	}
	for _, want := range []string{"1003854 letters to learn from, 111540 to validate with", "\nROMEO:", "the loaded model computes the same: true"} {
		if !strings.Contains(text, want) {
			t.Errorf("no output says %q", want)
		}
	}
	if n := nb.images("image/png"); n < 3 {
		t.Errorf("%d outputs with a PNG, want at least 3", n)
	}
}
