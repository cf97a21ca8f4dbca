// Package snapshot writes the values of session variables to a file and reads
// them back, in another process, into variables of the same types.
//
// Values are walked by reflection. What they share stays shared: two pointers
// to one value, or two names of one map, come back so, also from different
// variables, and cycles are no problem. (A pointer into a structure, array or
// slice, and slices that overlap and are not the same come back apart, which is
// told.) A type with MarshalBinary
// and UnmarshalBinary, or GobEncode and GobDecode, says itself what it is
// made of: dl's tensors and models do, and time.Time, big.Int, mat.Dense and,
// as text, regexp.Regexp.
// dl's trainer, optimizers, datasets and random sources are their exported fields and
// what State returns, so that a training goes on where it was. Other
// structures are their fields, unexported ones too if the session declared the
// type; methods of such a type are not called. A field that came later, with a
// tag such as `since:"2"`, is not asked of older files.
//
// What cannot be written is refused with the reason, and does not keep other
// variables from being written: functions, channels, and structures of other
// packages that hide what they are made of (an open file, a connection).
//
// A file may come from a stranger. Reading it runs no code but the decoders of
// types that packages declare, allocates in proportion to the length of the file, and never
// panics.
package snapshot
