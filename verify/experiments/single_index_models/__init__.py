"""Over-parameterised single index models: descent without a penalty, its window, the lasso."""
