// Package gemm multiplies float32 matrices.
//
// The hard part stands alone: a micro-kernel (tile.go, and in assembly
// tile_amd64.s) computes a tile of C, 14 x 32 with AVX-512 and 6 x 16 with
// AVX2, in registers. Its operand A has a stride along rows and along columns,
// so that an ordinary and a transposed matrix are read where they lie; B is
// read row by row, so that it needs no packing either unless it is transposed.
// A tile at the edge has fewer rows (there is a kernel for each number) or
// fewer columns (masked loads and stores), and no arithmetic is wasted on it.
// Bias and ReLU are applied before the tile leaves the registers. The same
// kernel serves package conv: the window of a row of output pixels is a matrix
// with such strides.
//
// Around it (gemm.go) depth is cut into passes whose panel of B stays in the
// first caches, and rows into blocks that stay in L2. Operands are packed only
// where that pays: a transposed B, an A that is read often or whose rows lie a
// multiple of a page apart. Threads share C by rows or by columns, and by depth
// where C is small; the split depends on shapes and the number of threads
// alone, so that results repeat bit for bit.
//
// The kernel for the machine is chosen once; [Force] makes tests run on each.
// The Go form is the oracle of the others, and all there is with the build tag
// purego. ../gen writes the assembly.
package gemm
