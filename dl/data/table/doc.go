// Package table holds data of named columns with types, read from CSV files and JSON lines: enough of a data frame to
// look at a data set, clean it, and make tensors of it.
//
// A [Table] is a list of columns of one length. A [Column] has one kind of values: floats, integers, strings, booleans,
// categories or times, any of which may be missing. [ReadCSV] finds the kinds by itself, as pandas does; [CSV] has what
// may be said instead. Tables are not changed: each method returns a new one, which shares the columns that stay.
//
//	t, err := table.ReadCSV("penguins.csv")
//	t.Describe()                                              // count, mean, quantiles ...
//	t.Filter(func(r table.Row) bool { return r.Float("mass") > 4000 }).Sort("-mass").Head(5)
//	t.GroupBy("species").Aggregate(table.Mean("mass"), table.Count())
//	t.Join(islands, "island")                                 // LeftJoin keeps rows without a partner
//	samples := t.DropMissing().Dataset("species", "mass", "flipper")
//
// In a notebook a table as the last value of a cell is shown as one. Preparing columns for a model (standardising,
// one-hot columns, filling what is missing) is in dl/data/preprocess, Parquet files are in dl/data/parquet, which is a
// module of its own.
//
// # What to use beyond it
//
// A table is in memory, has no index and no expressions, and joins by equal keys only. Where that is not enough:
//
//   - Files larger than memory, to train from: [CSV.Stream] reads rows as a data.Stream, and its ShuffleBuffer shuffles
//     them.
//   - Questions over large or many files (windows, joins of several tables, grouping of what does not fit into memory):
//     a database. DuckDB (github.com/marcboeker/go-duckdb, with cgo) and SQLite (modernc.org/sqlite, without) are
//     driven by database/sql and read CSV and Parquet; bring the answer in with [New].
//   - Data frames with more methods: github.com/go-gota/gota, or github.com/rocketlaunchr/dataframe-go.
//   - Columns shared with other languages without copies: Arrow, github.com/apache/arrow-go.
//   - Statistics: gonum's stat, on the Floats of a [Column], and its mat on a matrix of them ([Table.Tensor]).
//   - Dates with zones, money: make a column of strings and convert it with [Table.With].
//   - Text in other encodings than UTF-8 and Latin-1: golang.org/x/text/encoding makes a reader for [CSV.Read].
package table
