// Package data feeds training: datasets, their splitting, shuffled batches, and readers of data files.
//
// A [Dataset] is a list of samples; a [Loader] hands it out in batches, which goroutines prepare in advance. Whatever
// the number of [Loader.Workers], the batches are the same, bit for bit, and in the same order.
//
// What there is, in groups: datasets in memory ([FromTensors], [FromColumns], [Images], [Sequences], [Ragged],
// [Windows]) and of files ([OpenIDX], [TextFolder], [Lines]); datasets made of others ([Subset], [Take], [Skip],
// [Concat], [Zip], [Repeat], [Filter], [OneHot]) and changed as they are read ([Map], [MapBatches]); parts to learn from
// and to test with ([RandomSplits], [StratifiedSplit], [KFold], [StratifiedKFold], [GroupKFold], [StratifiedGroupKFold],
// [TimeSeriesSplit]); orders ([Random], [Weighted], [Balance], [Stratified], [ByLength], and [Shard] for several
// programs); a [Stream] for what is larger than memory, which [Stream.ShuffleBuffer] shuffles and [Chain] puts together;
// [CacheOnDisk] for what is slow to make.
//
// In packages of their own are tables and CSV files (table) and the preparing of their columns (preprocess), folders of
// pictures (images) and their augmentation (transforms), sets made by rule and chance (generate), the sets mnist, iris
// and breastcancer, and, as a module of its own, Parquet files (parquet).
package data
