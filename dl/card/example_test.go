package card_test

import (
	"fmt"
	"log"

	"modelbook/dl"
	"modelbook/dl/card"
	"modelbook/dl/metric"
	"modelbook/dl/nn"
)

func ExampleNew() {
	model, err := nn.Sequential(dl.Shape{12}, nn.Dense{Units: 1, Activation: nn.Sigmoid})
	if err != nil {
		log.Fatal(err)
	}
	c := card.New("Who will leave?", model)
	c.Model.Kind = "logistic regression"
	fmt.Println(c.Model)

	c.Uses = []string{"To choose which customers get an offer to stay."}
	c.Data = []card.Data{{Name: "customers", Origin: "the shop's own books, 2025", Examples: 2000, Split: "test: the last quarter"}}
	c.Metrics = []card.Metric{{Name: "ROC AUC", Data: "test", Examples: 500, Model: metric.Interval{Value: 0.81, Low: 0.77, High: 0.85},
		Interval: metric.Bootstrap{}.String()}}
	fmt.Println(c.Missing())
	fmt.Println(c.Save("churn"))

	c.Misuses = []string{"To set prices, or to judge people."}
	fmt.Println(len(c.Missing()))
	// Output:
	// logistic regression, 13 parameters, 52 B
	// [what it must not be used for (Misuses)]
	// card.Save: the card lacks what it must not be used for (Misuses)
	// 0
}
