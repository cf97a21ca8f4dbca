// Package differential holds a test of the cell engine: random sequences of
// cells, run as cells and as one Go program, must print the same.
//
//	go test ./kernel/engine/differential                           # 20 sequences
//	go test ./kernel/engine/differential -sequences 50 -seed 450  # install/test.sh, beside the 20
//	go test ./kernel/engine/differential -sequences 500            # all that were asked for
//	go test ./kernel/engine/differential -sequences 20000 -timeout 8h
//	go test ./kernel/engine/differential -seed 7 -sequences 1 -v   # one, with its cells
package differential
