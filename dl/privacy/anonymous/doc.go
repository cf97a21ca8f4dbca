// Package anonymous makes tables of people less telling, and measures what remains.
//
// Columns are of four kinds: names and numbers of people, which are dropped or replaced by [Pseudonyms];
// quasi-identifiers, such as postal code, age and sex, by which somebody may be found who is known from elsewhere;
// sensitive values, such as a diagnosis; and the rest. [Mondrian] makes the quasi-identifiers coarser until each
// row is like at least k-1 others in them (k-anonymity), and if asked until the sensitive values of such rows
// differ (l-diversity, t-closeness). [Measure] says what a table has of that, and a [Report] what was lost.
//
// None of these is a proof of privacy: who knows more than was thought of, or has two releases of the same people, may
// still learn about one of them. Differential privacy (package privacy) does not depend on what others know.
package anonymous
