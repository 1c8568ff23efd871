"""What the training scripts share: alphabet, stored lines, measures, checkpoints."""
