//go:build client

package notebooks

import "testing"

// Medicine: what the text says of the measurements and of the pictures.
func TestClientMedicine(t *testing.T) {
	text := executed(t, "medicine.ipynb", 13, "569 masses, 114 of them locked away; the others: 285 benign, 170 malignant", "29490 parameters", "no answer for",
		"## What it must not be used for", "By size of the nuclei", "Otsu's threshold after the light was flattened")

	// A network is no better than a sum here, and too sure of itself.
	between(t, text, `logistic regression, area under ROC: ([-0-9.]+) `, -0.01, 0.002)
	between(t, text, `network, by heart +temperature ([0-9.]+) `, 2, 6)
	between(t, text, `network, by heart +temperature [0-9.]+ +log loss ([0-9.]+)`, 0.18, 0.4)

	// A threshold by cost finds more tumours, for more false alarms.
	careless := between(t, text, `logistic regression  0\.50  ([0-9.]+) `, 0.93, 0.98)
	careful := between(t, text, `logistic regression  0\.02  ([0-9.]+) `, 0.98, 1)
	if careful <= careless {
		t.Errorf("sensitivity %v with the threshold by cost, %v with 0.5", careful, careless)
	}
	between(t, text, `false alarms for ([0-9]+) of 72`, 8, 30)
	between(t, text, `malignant  0\.5 %: of 100 called back +([0-9.]+) `, 1, 3)

	// What is grossly wrong gets no answer, smaller pictures do.
	between(t, text, `in millimetres +([0-9]+) %`, 100, 100)
	between(t, text, `30 % smaller +([0-9]+) %`, 0, 10)

	// Privacy: no attack finds much, and a strong promise is dear.
	between(t, text, `network by heart +([0-9.]+) \+-`, 0.48, 0.58)
	weak := between(t, text, `epsilon 2 .* ([0-9.]+) \+- [0-9.]+ +0\.76`, 0.05, 0.13)
	strong := between(t, text, `epsilon 0\.5 .* ([0-9.]+) \+- [0-9.]+ +0\.24`, 0.1, 0.25)
	if strong <= weak {
		t.Errorf("log loss %v with epsilon 0.5, %v with 2", strong, weak)
	}

	// Pictures: the network is better than a careful baseline, which is better than a careless one.
	otsu := between(t, text, `Otsu +([0-9.]+) \(`, 0.45, 0.6)
	flattened := between(t, text, `Otsu, careful +([0-9.]+) \(`, 0.8, 0.88)
	network := between(t, text, `U-Net +([0-9.]+) \(`, 0.88, 0.96)
	if otsu > flattened || flattened > network {
		t.Errorf("Dice: Otsu %v, careful %v, U-Net %v", otsu, flattened, network)
	}
	between(t, text, `correlation of doubt and Dice: ([-0-9.]+)`, -1, -0.7)
}
