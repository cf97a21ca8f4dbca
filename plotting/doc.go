// Package plotting draws the pictures of a training: curves of loss and metrics, confusion matrices, grids of images
// with predictions, filters, histograms and bars. Every function returns a [Figure]; as the last expression of a
// notebook cell it is shown, as a slice of figures is, side by side. Show shows it from anywhere, Save writes a PNG or an
// SVG file, and [Beside] makes one figure of several. [Live] follows a training while it runs. In a notebook of stock
// GoNB, Live and Show need package plotting/inline; the modelbook kernel imports it by itself.
//
// Colours are chosen so that they can be told apart without colour vision, and nothing is said by colour alone.
// Figures sit on a card of their own, so that they read on light and on dark pages; the option [Dark] draws them on a
// dark card, and SetTheme(Dark) does so for all.
//
// Text of any script is drawn with the fonts of the machine where the one that is part of the package lacks its letters.
// Arabic and Hebrew run from right to left, Arabic letters join; letters of other scripts that change beside others, as
// those of India, stand one by one.
//
// Drawing uses gonum/plot's canvases and fonts; the figures of gonum/plot itself are shown by [Of]. The package does
// not import gonum.org/v1/plot, which would link five file formats and twelve fonts into every cell.
package plotting
