// Package parquet reads and writes tables as Apache Parquet files. It is built on github.com/parquet-go/parquet-go and
// is a module of its own, so that programs without such files do not link that. A module that wants it, such as a
// notebook's, replaces it by its folder, as it does modelbook:
//
//	!*go mod edit -replace modelbook/dl/data/parquet=$MODELBOOK_HOME/src/dl/data/parquet
//	!*go get modelbook/dl/data/parquet
//
// Columns of booleans, integers, floats, decimals, dates, timestamps and texts become columns of a table. Categories are
// written as texts, with their levels in the file's metadata, from which they are read again. Lists, maps and structures
// are errors; [Reader] with Columns leaves them out.
package parquet
