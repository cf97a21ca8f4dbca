package dl

// cpu is the processor. Its methods are in the files cpu_*.go, a file for each
// group of the backend's interface or larger part of one; they compute with the
// kernels of the packages in internal, on all threads.
type cpu struct{}
