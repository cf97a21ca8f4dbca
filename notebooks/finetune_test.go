//go:build client

package notebooks

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The notebook that fine-tunes GPT-2, through nbconvert, on the small model that it makes where
// there is no GPT-2.
func TestClientGPT2Finetune(t *testing.T) {
	t.Setenv("GPT2", "") // not the user's
	path := copied(t, "gpt2_finetune.ipynb")
	nb := converted(t, path, 600)
	nb.check(t)
	text := nb.text()
	for _, want := range []string{"published GPT-2: false", "LoRA of rank 8 at 16 matrices", "merged, it computes the same: true", "the loaded model computes the same: true"} {
		if !strings.Contains(text, want) {
			t.Errorf("no output says %q", want)
		}
	}
	before, after := number(t, text, `perplexity before: ([0-9.]+), after`), number(t, text, `, after: ([0-9.]+)`)
	if !(after < 0.75*before) {
		t.Errorf("the perplexity was %.1f before and is %.1f after fine-tuning", before, after)
	}
	if n := nb.images("image/png"); n < 3 {
		t.Errorf("%d outputs with a PNG, want at least 3", n)
	}
	for _, name := range []string{"plays-adapter/adapter_model.safetensors", "gpt2-plays/model.safetensors", "gpt2-plays/tokenizer.json"} {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), name)); err != nil {
			t.Error(err)
		}
	}
}

// The same notebook as a program: an ordinary module, whose binary needs nothing of modelbook.
// It takes a few steps only.
func TestClientGPT2FinetuneExported(t *testing.T) {
	path := copied(t, "gpt2_finetune.ipynb")
	dir := filepath.Dir(path)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, new := range map[string]string{"steps := 400": "steps := 16", "StepsPerEpoch: 200": "StepsPerEpoch: 5"} {
		if !bytes.Contains(b, []byte(old)) {
			t.Fatalf("the notebook no longer says %s", old)
		}
		b = bytes.Replace(b, []byte(old), []byte(new), 1)
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		t.Fatal(err)
	}
	run(t, dir, installed.command, "export", path, "program")
	program := exec.Command("go", "build", "-trimpath", "-o", "finetune", ".") // as the notebook of the service does: what is compiled is used again
	program.Dir = filepath.Join(dir, "program")
	program.Env = append(os.Environ(), "CGO_ENABLED=0") // static
	if out, err := program.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	program = exec.Command(filepath.Join(dir, "program", "finetune"))
	program.Dir = t.TempDir()
	program.Env = append(os.Environ(), "GPT2=")
	out, err := program.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"published GPT-2: false", "merged, it computes the same: true", "the loaded model computes the same: true"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the program does not say %q:\n%s", want, out)
		}
	}
	if pictures, err := filepath.Glob(filepath.Join(program.Dir, "output", "*.png")); len(pictures) == 0 {
		t.Errorf("the program has drawn no pictures (%v)", err)
	}
}
