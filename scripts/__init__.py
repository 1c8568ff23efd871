"""Tools that are run from a checkout: training, generation, calibration."""
