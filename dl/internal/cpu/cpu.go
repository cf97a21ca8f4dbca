// Package cpu chooses, in one place for all compute kernels, the instruction
// set they use.
//
// It is the best one of the machine, unless the environment variable
// MODELBOOK_SIMD names another: avx512, avx2, neon or portable. So the tests of
// every package run on each set: MODELBOOK_SIMD=avx2 go test -count=1 ./dl/...
// (the set is chosen before the test cache begins to watch the environment).
package cpu

import (
	"fmt"
	"os"
	"slices"
)

// A Set is an instruction set for which there are kernels.
type Set string

// The sets, best first where one machine has several.
const (
	AVX512   Set = "avx512" // F, VL, DQ and BW
	AVX2     Set = "avx2"   // with FMA
	NEON     Set = "neon"
	Portable Set = "portable" // Go, the oracle of the others
)

var sets = func() []Set {
	s, err := choose(machine(), os.Getenv("MODELBOOK_SIMD"))
	if err != nil {
		panic(err)
	}
	return s
}()

// Sets returns the sets to use, the best first and Portable last.
func Sets() []Set { return sets }

// Has reports whether kernels of set s may be used.
func Has(s Set) bool { return slices.Contains(sets, s) }

// choose returns the machine's sets from want on; an empty want is the machine's
// best.
func choose(machine []Set, want string) ([]Set, error) {
	if want == "" {
		return machine, nil
	}
	i := slices.Index(machine, Set(want))
	if i < 0 {
		return nil, fmt.Errorf("MODELBOOK_SIMD=%s: this program runs %v here", want, machine)
	}
	return machine[i:], nil
}
