// Package gemm multiplies float32 matrices.
//
// The hard part is on its own: a micro-kernel (tile.go, and in assembly
// tile_amd64.s) computes up to 14 rows of C with AVX-512, 6 with AVX2, a panel
// of 32 or 16 columns after the other, in registers. Its operand A has a stride
// along rows and along columns, so that an ordinary and a transposed matrix are
// read in place; B is read row by row, so that it needs no packing either
// unless it is transposed. There is a kernel for each number of rows, so that
// rows are cut into tiles of nearly equal height and none is nearly empty; the
// last panel may be narrower (masked loads and stores, and half the arithmetic
// where one vector is enough). Bias and ReLU are applied before C leaves the
// registers. Package conv uses the same kernel: the window of a row of output
// pixels is a matrix with such strides.
//
// In float32 on amd64 what is denormal counts as zero, see flushDenormals in ../gen.
//
// Around it (block.go) a part of B stays in L2, packed where that pays, while
// the tiles of A pass by; the next tile is fetched meanwhile. Threads share the
// rows, the columns and the depth of a product so that the largest part and the
// work that is done twice are smallest (plan.go). The split depends on shapes and the
// number of threads alone, so that results repeat bit for bit.
//
// The kernel for the machine is chosen once, by package cpu; [Force] makes tests
// run on each. The Go version is the oracle of the others, and the only one with
// the build tag purego. ../gen writes the assembly, ./compare times it beside
// OpenBLAS and oneDNN.
//
// It imports packages cpu, parallel, vec and freelist. A new instruction set is an
// isa in ../gen/tile.go and a Kernel in a file kernel_ARCH.go; a new type of
// element begins in bfloat16.go or double.go.
package gemm
