// Package manifold lays samples of many features out in few dimensions, to be looked at: [PCA] by the directions in which
// they differ most, [TSNE] so that near neighbours stay near. plotting.Embedding draws the points.
package manifold
