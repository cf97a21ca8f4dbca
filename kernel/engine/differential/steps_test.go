package differential

import "slices"

// steps are what sequences are made of. Every text must be right both as part
// of a cell and as part of a program, and print the same each time.
var steps = slices.Concat(structSteps, genericSteps, functionSteps, valueSteps, statementSteps, goroutineSteps, interruptSteps,
	retypedSteps, iteratorSteps, interfaceSteps, identitySteps, sessionSteps, compoundSteps, errorSteps, nameSteps)
