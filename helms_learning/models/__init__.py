"""Networks of the three levels and of the posterior over skills."""
