// Package output is the path of what cells put out: streams of text, rich
// displays, values of last expressions, and the error that ended a cell.
//
//	worker's stdout, stderr --pipes--> Reader --+            of one run
//	worker's events: values, panics, tests -----+--> Sink --> (captured?) --> Cell --> Publisher
//	gonbui's display pipe --> package pipe -----+
//	shell commands' stdout, stderr --> Reader --+
//	notes of the kernel ------------------------+
//
// Each job is done once:
//
//   - Reading the standard streams of a process: Reader. It hands text on as it
//     comes and keeps stdout and stderr in the order in which they were written.
//     gonbui's pipe is read by package pipe, events by package worker.
//   - Cutting bytes at whole characters: Decoder. From there on text is valid
//     UTF-8; a limit may only cut between characters.
//   - Order between text, displays and values: the worker writes to one of its
//     ways out when the kernel has emptied the one before (order.go there). The
//     kernel empties the others before it handles an event (package worker) or a
//     display (package engine): Reader.Flush, pipe.Pipe.Flush.
//   - Attribution to a run: outputs.go of package engine. While several cells run
//     the worker names the run in its events, and sends text of those cells as
//     events, too (decoded there, by run and stream). What belongs to no run goes
//     to the run that was opened last, or to the latest cell.
//   - Capturing (%capture) and marks that clear the page: package command and
//     Clearing, sinks in front of the front end's.
//   - Attribution of what comes after the end of a cell: Late. What functions of
//     its widgets print stays the cell's own: Cell.After.
//   - Joining small writes, limits of size and rate, and publishing all that
//     waits at the end of the cell: Cell, with the updates of displays in
//     updates.go and the text that is too much to show in overflow.go.
//   - Messages to front ends: a Publisher, which package kernel implements.
//
// A notebook that runs without a front end (package notebook) is a Sink of its
// own behind the attribution: it stores what would be shown, sends no messages,
// and so needs no joining and no limit of rate. Carriage returns stay in text:
// front ends draw them, package notebook does as they do when it stores text.
// Messages of comms and of widgets are no output, and have a road and a pace of
// their own (packages comms and pipe).
//
// The package imports nothing but the standard library, so that every package of
// the kernel may use it. A new kind of output is a method of Sink, of Publisher
// and of Cell; another limit stands in Cell.
package output
