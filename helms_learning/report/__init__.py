"""What a policy does and how well, as numbers and as a page to look at."""
