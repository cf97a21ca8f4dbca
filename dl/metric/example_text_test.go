package metric_test

import (
	"fmt"

	"modelbook/dl/metric"
)

func ExampleBLEU() {
	m := metric.BLEU{}.Start()
	m.Add(metric.Words("the cat is sitting on the mat"), metric.Words("the cat is on the mat"), metric.Words("a cat is sitting on the mat"))
	fmt.Printf("%.4f\n", m.Value())
	// Output: 0.9306
}

func ExampleROUGE() {
	for _, m := range []metric.TextMetric{metric.ROUGE{N: 1}, metric.ROUGE{N: 2}, metric.ROUGE{}} {
		meter := m.Start()
		meter.Add(metric.Words("police killed the gunman"), metric.Words("the gunman killed police"))
		fmt.Printf("%s %.4f\n", m.Name(), meter.Value())
	}
	// Output:
	// rouge1 1.0000
	// rouge2 0.3333
	// rougeL 0.5000
}

func ExampleWordErrorRate() {
	for _, m := range []metric.TextMetric{metric.EditDistance{}, metric.WordErrorRate{}, metric.CharacterErrorRate{}} {
		meter := m.Start()
		meter.Add(metric.Words("the cat sad on a mat"), metric.Words("the cat sat on the mat"))
		fmt.Printf("%s %.4f\n", m.Name(), meter.Value())
	}
	fmt.Println(metric.Edits(metric.Characters("kitten"), metric.Characters("sitting")))
	// Output:
	// edit_distance 2.0000
	// wer 0.3333
	// cer 0.1818
	// 3
}
