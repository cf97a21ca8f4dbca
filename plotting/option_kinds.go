package plotting

// The options of each figure.
type (
	// FigureOption is an option of figures that take no other: a title, a size, a theme.
	FigureOption interface {
		Option
		anyFigure()
	}
	// OfOption is an option of [Of]: a [Size].
	OfOption interface {
		Option
		ofPlot()
	}
	// CurvesOption is an option of [Curves], [CompareRuns] and [Live].
	CurvesOption interface {
		Option
		ofCurves()
	}
	// LinesOption is an option of [Line] and [Lines].
	LinesOption interface {
		Option
		ofLines()
	}
	// ScatterOption is an option of [Scatter] and [Embedding].
	ScatterOption interface {
		Option
		ofScatter()
	}
	// TimeSeriesOption is an option of [TimeSeries].
	TimeSeriesOption interface {
		Option
		ofTimeSeries()
	}
	// HistogramOption is an option of [Histogram].
	HistogramOption interface {
		Option
		ofHistogram()
	}
	// DensitiesOption is an option of [Densities].
	DensitiesOption interface {
		Option
		ofDensities()
	}
	// ViolinsOption is an option of [Violins].
	ViolinsOption interface {
		Option
		ofViolins()
	}
	// BoxesOption is an option of [Boxes].
	BoxesOption interface {
		Option
		ofBoxes()
	}
	// BarsOption is an option of [Bars].
	BarsOption interface {
		Option
		ofBars()
	}
	// GroupedBarsOption is an option of [GroupedBars].
	GroupedBarsOption interface {
		Option
		ofGroupedBars()
	}
	// ImagesOption is an option of [Images].
	ImagesOption interface {
		Option
		ofImages()
	}
	// HeatOverlayOption is an option of [HeatOverlay].
	HeatOverlayOption interface {
		Option
		ofOverlay()
	}
	// FiltersOption is an option of [Filters] and [Activations].
	FiltersOption interface {
		Option
		ofFilters()
	}
	// ConfusionOption is an option of [Confusion].
	ConfusionOption interface {
		Option
		ofConfusion()
	}
	// CalibrationOption is an option of [Calibration].
	CalibrationOption interface {
		Option
		ofCalibration()
	}
	// HeatmapOption is an option of [Heatmap].
	HeatmapOption interface {
		Option
		ofHeatmap()
	}
	// AttentionOption is an option of [Attention].
	AttentionOption interface {
		Option
		ofAttention()
	}
	// PairsOption is an option of [Pairs].
	PairsOption interface {
		Option
		ofPairs()
	}
	// BoundaryOption is an option of [Boundary].
	BoundaryOption interface {
		Option
		ofBoundary()
	}
	// BesideOption is an option of [Beside].
	BesideOption interface {
		Option
		ofBeside()
	}
)

func (Title) anyFigure()     {}
func (Title) ofCurves()      {}
func (Title) ofLines()       {}
func (Title) ofScatter()     {}
func (Title) ofTimeSeries()  {}
func (Title) ofHistogram()   {}
func (Title) ofDensities()   {}
func (Title) ofViolins()     {}
func (Title) ofBoxes()       {}
func (Title) ofBars()        {}
func (Title) ofGroupedBars() {}
func (Title) ofImages()      {}
func (Title) ofOverlay()     {}
func (Title) ofFilters()     {}
func (Title) ofConfusion()   {}
func (Title) ofCalibration() {}
func (Title) ofHeatmap()     {}
func (Title) ofAttention()   {}
func (Title) ofPairs()       {}
func (Title) ofBoundary()    {}
func (Title) ofBeside()      {}

func (Size) ofPlot()        {}
func (Size) anyFigure()     {}
func (Size) ofCurves()      {}
func (Size) ofLines()       {}
func (Size) ofScatter()     {}
func (Size) ofTimeSeries()  {}
func (Size) ofHistogram()   {}
func (Size) ofDensities()   {}
func (Size) ofViolins()     {}
func (Size) ofBoxes()       {}
func (Size) ofBars()        {}
func (Size) ofGroupedBars() {}
func (Size) ofImages()      {}
func (Size) ofOverlay()     {}
func (Size) ofFilters()     {}
func (Size) ofConfusion()   {}
func (Size) ofCalibration() {}
func (Size) ofHeatmap()     {}
func (Size) ofAttention()   {}
func (Size) ofPairs()       {}
func (Size) ofBoundary()    {}
func (Size) ofBeside()      {}

func (Theme) anyFigure()     {}
func (Theme) ofCurves()      {}
func (Theme) ofLines()       {}
func (Theme) ofScatter()     {}
func (Theme) ofTimeSeries()  {}
func (Theme) ofHistogram()   {}
func (Theme) ofDensities()   {}
func (Theme) ofViolins()     {}
func (Theme) ofBoxes()       {}
func (Theme) ofBars()        {}
func (Theme) ofGroupedBars() {}
func (Theme) ofImages()      {}
func (Theme) ofOverlay()     {}
func (Theme) ofFilters()     {}
func (Theme) ofConfusion()   {}
func (Theme) ofCalibration() {}
func (Theme) ofHeatmap()     {}
func (Theme) ofAttention()   {}
func (Theme) ofPairs()       {}
func (Theme) ofBoundary()    {}
func (Theme) ofBeside()      {}

func (Columns) ofCurves()    {}
func (Columns) ofImages()    {}
func (Columns) ofOverlay()   {}
func (Columns) ofFilters()   {}
func (Columns) ofAttention() {}
func (Columns) ofBeside()    {}

func (logX) ofCurves()    {}
func (logX) ofLines()     {}
func (logX) ofScatter()   {}
func (logX) ofHistogram() {}

func (logY) ofCurves()     {}
func (logY) ofLines()      {}
func (logY) ofScatter()    {}
func (logY) ofTimeSeries() {}
func (logY) ofHistogram()  {}
func (logY) ofBoxes()      {}

func (Smoothing) ofCurves()     {}
func (Smoothing) ofLines()      {}
func (Smoothing) ofTimeSeries() {}

func (Labels) ofLines()       {}
func (Labels) ofScatter()     {}
func (Labels) ofTimeSeries()  {}
func (Labels) ofHistogram()   {}
func (Labels) ofDensities()   {}
func (Labels) ofViolins()     {}
func (Labels) ofBoxes()       {}
func (Labels) ofBars()        {}
func (Labels) ofGroupedBars() {}
func (Labels) ofHeatmap()     {}
func (Labels) ofBoundary()    {}

func (ColorBy) ofScatter() {}
func (ColorBy) ofPairs()   {}

func (Bins) ofHistogram()   {}
func (Bins) ofCalibration() {}

func (density) ofHistogram() {}

func (kde) ofHistogram() {}

func (Bandwidth) ofHistogram() {}
func (Bandwidth) ofDensities() {}
func (Bandwidth) ofViolins()   {}

func (Highlight) ofBars() {}

func (sorted) ofBars() {}

func (Captions) ofImages()  {}
func (Captions) ofOverlay() {}

func (Predictions) ofImages() {}

func (normalised) ofConfusion() {}

func (Names) ofHeatmap()   {}
func (Names) ofAttention() {}
func (Names) ofBoundary()  {}

func (centred) ofHeatmap() {}
