package compile

import "context"

type Fact = fact

var (
	Facts    = &facts
	BadFacts = []fact{{"a fact that does not hold", []factCell{{"func run() { print(1) }", "2", nil}}}}
)

func (c *Compiler) Try(ctx context.Context, f Fact) error { return c.try(ctx, f) }
