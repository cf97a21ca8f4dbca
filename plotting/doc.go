// Package plotting draws the pictures of a training. Every function returns a [Figure]; as the last expression of a
// notebook cell it is shown, as a slice of figures is, side by side. Show shows it from anywhere, Save writes a PNG or an
// SVG file, and [Beside] makes one figure of several.
//
//   - A training: [Curves], [CompareRuns], [LearningRates], [Norms], and [Live] and [LiveTable], which follow it while it runs.
//   - What a classifier says: [Confusion], [ROC], [PrecisionRecall], [Calibration], [Boundary].
//   - Pictures: [Images] with predictions, [Filters], [Activations], [HeatOverlay] for what package explain finds, [Attention].
//   - Values: [Histogram], [Densities], [Boxes], [Violins], [Bars], [GroupedBars], [Heatmap].
//   - Features: [Scatter], [Pairs], [Correlation], and [Embedding] for what package manifold lays out.
//   - Lines: [Line], [Lines] with bands of uncertainty, [TimeSeries].
//
// Numbers are a slice of any numeric type, a *dl.Tensor, or a column of a table, in which what is missing is NaN.
//
// Each figure takes the options that mean something to it, such as [Title], [Size], [LogY] or [Smoothing]; another one
// does not compile. What a figure shows is also said in words, by String: that is what a terminal shows. What is not a
// finite number is left out, and the figure says so. In a notebook of stock GoNB, Live and Show need package
// plotting/inline; the modelbook kernel imports it by itself.
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
