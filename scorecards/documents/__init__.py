"""Documents on paper: notices, feedback sheets, paper forms, wall sheets. Values in, bytes out."""
