package main

import (
	"context"
	"math"
	"testing"

	"modelbook/dl/nn"
	"modelbook/dl/privacy"
)

// A small part of the training learns something, and spends what the accountant says.
func TestDigitsAreLearnedWithPrivacy(t *testing.T) {
	r, err := run(context.Background(), settings{epochs: 2, size: 100, images: 2000, tests: 500, noise: 0.6, clip: 1, rate: 0.4, activation: nn.Tanh, seed: 1, insecure: 7})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("accuracy %.3f, epsilon %.2f", r.accuracy, r.epsilon)
	if r.accuracy < 0.35 {
		t.Errorf("accuracy %v", r.accuracy)
	}
	if want := privacy.Epsilon(privacy.Steps{Rate: 0.05, Noise: 0.6, Count: 40}, 1e-5); math.Abs(r.epsilon-want) > 1e-9 {
		t.Errorf("epsilon %v, want %v", r.epsilon, want)
	}
}
