// Package mistakes tests a package's whole exported surface with wrong arguments: every function and every method of
// every exported type is called with values that are wrong in one place, and each call must work, return an error or
// panic with one of package dl's errors: never with an index out of range or a nil pointer, never without end, and
// never taking memory for a size that was not checked. What is accepted although it looks wrong stands in
// testdata/accepted.txt of the package, so that it is a decision. Only tests import it.
package mistakes
