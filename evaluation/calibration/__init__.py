"""Measurements that set the weights, coefficients and thresholds of search."""
