"""Networks: two-layer perceptrons, one and K of them at once, and the levels built of them."""
