// Package card writes model cards: what a model is for and what it must not be used for, the data it was made from, how good
// it is beside a baseline, for whom it is better and worse, and what it gives away (Mitchell and others, Model Cards for Model
// Reporting, 2019).
//
// [New] begins a [Card] with what can be read from a model; the rest are fields. [Card.Markdown] is the page with the front
// matter that Hugging Face reads, [Card.Save] writes it beside a JSON file, which [Load] reads. A card without a purpose,
// misuses, data or metrics is not saved: [Card.Missing] says what is left to fill in. A notebook shows a card as the page.
//
// A section that is empty is on the page all the same, and says that nothing is stated: a reader should see what was not
// measured.
package card
