//go:build amd64 && !purego

package optim

import (
	"maps"
	"math"
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/cpu"
	"modelbook/dl/internal/vec"
)

// What an optimizer remembers of a parameter whose gradient has become zero shrinks for ever, and must not become denormal:
// steps would take many times as long.
func TestNothingRememberedIsDenormal(t *testing.T) {
	for _, set := range vec.Sets() {
		if set != cpu.Portable {
			t.Run(string(set), func(t *testing.T) {
				defer vec.Force(set)()
				rememberNothingDenormal(t)
			})
		}
	}
}

func rememberNothingDenormal(t *testing.T) {
	all := maps.Clone(recordedOptimizers)
	maps.Copy(all, stepped)
	for name, make := range all {
		p, o := dl.Full(1, 4, 16).RequireGrad(), make()
		g := dl.Full(1e-3, 4, 16)
		for step := range 2500 {
			if step == 1 {
				g = dl.Zeros(4, 16)
			}
			p.ZeroGrad()
			p.Mul(g).Sum().Backward()
			o.Step([]*dl.Tensor{p})
		}
		least := 0x1p-126
		for slot, values := range o.State().Slots {
			if slot == "row" || slot == "column" { // of Adafactor: one for many weights, in Go
				continue
			}
			for _, v := range values {
				if v == nil {
					continue
				}
				for _, x := range v.Float32s() {
					if a := math.Abs(float64(x)); a > 0 && a < least {
						t.Fatalf("%s, %v: %v is denormal", name, slot, x)
					}
				}
			}
		}
	}
}
