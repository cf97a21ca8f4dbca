package cpu

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	machine := []Set{AVX512, AVX2, Portable}
	for want, sets := range map[string][]Set{"": machine, "avx512": machine, "avx2": machine[1:], "portable": machine[2:]} {
		if got, err := choose(machine, want); err != nil || !slices.Equal(got, sets) {
			t.Errorf("%q: %v, %v", want, got, err)
		}
	}
	for _, want := range []string{"neon", "AVX2", "sse"} {
		if _, err := choose(machine, want); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v", want, err)
		}
	}
}

// The environment rules: a test run that asks for a set gets it.
func TestEnvironment(t *testing.T) {
	if want := os.Getenv("MODELBOOK_SIMD"); want != "" && Sets()[0] != Set(want) {
		t.Errorf("%v in use, %s asked for", Sets(), want)
	}
	if !Has(Portable) {
		t.Error("no portable kernels")
	}
}

// The size found is one that processors have.
func TestL2(t *testing.T) {
	if n := L2(); n < 128<<10 || n > 64<<20 {
		t.Errorf("L2 has %d bytes", n)
	}
}
