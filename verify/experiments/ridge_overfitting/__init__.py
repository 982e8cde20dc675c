"""Ridge regression and interpolation: certificates, two-sided bounds, laws, negative ridge."""
