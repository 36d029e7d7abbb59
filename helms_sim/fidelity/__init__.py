"""How close the cell comes to recordings of the reference cell."""
