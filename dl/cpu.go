package dl

// cpu is the processor.
type cpu struct{}
