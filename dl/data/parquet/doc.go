// Package parquet reads and writes tables as Apache Parquet files. It is a module of its own, so that programs without
// such files do not link the reader; in a notebook,
//
//	%goget modelbook/dl/data/parquet
//
// It is built on github.com/parquet-go/parquet-go.
//
// Columns of booleans, integers, floats, decimals, dates, timestamps and texts become columns of a table. Categories are
// written as texts, with their levels in the file's metadata, from which they are read again. Lists, maps and structures
// are errors; [Reader] with Columns leaves them out.
package parquet
