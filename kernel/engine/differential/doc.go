// Package differential holds a test of the cell engine: random sequences of
// cells, run as cells and as one Go program, must print the same, hold the same
// names and tell of those that are gone. A sequence that differs is made
// shorter and printed as a table of its cells. Some cells run while the one before
// waits at its end, as cells of several shells do.
//
//	go test ./kernel/engine/differential                           # 20 sequences
//	go test ./kernel/engine/differential -sequences 500 -beside=false # install/test.sh
//	go test ./kernel/engine/differential -sequences 20000 -seed 1000 -timeout 8h
//	go test ./kernel/engine/differential -run Loops -loops 200     # of loops only; 12 without the flag
//	go test ./kernel/engine/differential -seed 7 -sequences 1 -v   # one, with its cells
package differential
