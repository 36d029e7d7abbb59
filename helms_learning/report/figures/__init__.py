"""The pictures of a report. Each function draws onto a figure that it is given, in the theme that it is given."""
